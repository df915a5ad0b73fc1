"""Names that infrastructure and running software agree on.

Stack names and tag keys are a public contract: constructs write them, tools and agents read
them. They stand here, once, in a package that needs neither the CDK nor AWS.
"""

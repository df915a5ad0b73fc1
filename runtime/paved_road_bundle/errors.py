"""What goes wrong with a bundle, as sentences for people."""


class BundleError(Exception):
    """What failed, and what to do."""


class RefusedError(BundleError):
    """Nothing was done, and the sentence says why."""

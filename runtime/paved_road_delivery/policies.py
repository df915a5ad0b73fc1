"""Stack policies: what CloudFormation may not update, whoever asks it to."""

import json

NEVER_UPDATED = json.dumps(
    {
        "Statement": [
            {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        ]
    }
)
"""Of a release's stack."""

LANES_STAY = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "Update:*",
                "Principal": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"ResourceType": ["AWS::SSM::Parameter"]}},
            },
        ]
    }
)
"""Of a service's stack. Any update of a parameter's row, a tag's too, puts the template's value
anew, which is that of a service without a release: the next routing update would move all traffic
to nobody. https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ssm"""

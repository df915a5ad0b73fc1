"""`Fn::GetStackOutput`: another stack's published output, in any region of the account.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import cloudformation_backends


def install() -> None:
    """Resolve the function wherever moto resolves the others."""
    stock = parsing.clean_json

    def clean_json(resource_json: Any, resources_map: Any) -> Any:
        if isinstance(resource_json, dict) and "Fn::GetStackOutput" in resource_json:
            reading = stock(resource_json["Fn::GetStackOutput"], resources_map)
            return _output(resources_map, reading)
        return stock(resource_json, resources_map)

    parsing.clean_json = clean_json


def _output(reader: Any, reading: dict[str, str]) -> Any:
    region = reading.get("Region") or reader["AWS::Region"]
    backend = cloudformation_backends[reader["AWS::AccountId"]][region]
    # A copy: other deploys make stacks meanwhile, each in a thread of the server.
    for stack in list(backend.stacks.values()):
        if stack.name == reading["StackName"]:
            for output in stack.outputs or ():
                if output["OutputKey"] == reading["OutputName"]:
                    return output["OutputValue"]
            raise ValidationError(
                message=f"Stack {reading['StackName']} has no output {reading['OutputName']}"
            )
    raise ValidationError(message=f"Stack {reading['StackName']} does not exist in {region}")

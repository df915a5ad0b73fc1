"""Parts of a template that are tables: published outputs, parameters, alarms, rows of a loop.

A construct for each of their rows is a question to the CDK's Node process for each, and these
questions are what a synth of many services waits for (`docs/bench-synth.md`). So a table is written
as CloudFormation writes it and handed over in one question. The CDK makes its usual constructs of
it, which tags, rule packs and aspects then see as any other.
"""

import json
from collections.abc import Mapping
from tempfile import NamedTemporaryFile
from typing import Any

from aws_cdk.cloudformation_include import CfnInclude
from constructs import Construct

Rows = Mapping[str, Mapping[str, Any]]


def declare(
    scope: Construct,
    id: str,
    *,
    parameters: Rows | None = None,
    resources: Rows | None = None,
    outputs: Rows | None = None,
) -> CfnInclude:
    """Add rows to the stack of `scope`, by logical id and in CloudFormation's own words.

    Values may hold tokens. What a row refers to outside its own table must be one
    (`paved_road.estate.references`): the CDK looks for plain `Ref`s in the table alone.
    """
    sections = {"Parameters": parameters, "Resources": resources, "Outputs": outputs}
    with NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump({name: rows for name, rows in sections.items() if rows}, file)
        file.flush()
        return CfnInclude(scope, id, template_file=file.name)

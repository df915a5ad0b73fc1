"""What the rule packs find on a construct and nobody acknowledged."""

from collections.abc import Callable
from pathlib import Path

from aws_cdk import App

from paved_road.guard import watch
from paved_road.guard.synth import unexplained


def unexplained_findings(folder: Path, fill: Callable[[App], object]) -> list[str]:
    """Findings of AwsSolutions, NIST 800-53 R5 and CloudFormation's own rules over an app."""
    app = App(outdir=str(folder), context={"@aws-cdk/core:validateAgainstDefaultRules": True})
    watch(app)
    fill(app)
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    return unexplained(folder)

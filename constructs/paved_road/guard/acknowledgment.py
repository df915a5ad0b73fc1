"""Findings that are right in general and wrong here, each with the reason that a reviewer reads."""

from collections.abc import Mapping

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, *rules: str, reason: str) -> None:
    """Acknowledge the findings `rules` (such as `AwsSolutions-S1`) on `construct` and below.

    `reason` is a sentence for an auditor: why this is right here, and what protects instead.
    """
    acknowledge_each(construct, dict.fromkeys(rules, reason))


def acknowledge_each(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Acknowledge several findings on one construct, each rule with its own reason."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=rule, reason=reason) for rule, reason in reasons.items())
    )

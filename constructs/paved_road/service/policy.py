"""Policies of a service's roles, as IAM reads them."""

from typing import Any


def document(*statements: object) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: list[str], *resources: object) -> dict[str, Any]:
    """A statement."""
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}

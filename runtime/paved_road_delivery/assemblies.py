"""Stacks of a synthesized app, by name."""

from pathlib import Path

from paved_road_contract.assembly import Stack, stacks
from paved_road_delivery.cloud import RefusedError


def held(assembly: Path, name: str) -> Stack:
    """The stack. `RefusedError` with those of its kind if the assembly does not hold it."""
    found = {stack.name: stack for stack in stacks(assembly)}
    if name not in found:
        stem = name.rstrip("0123456789")
        others = sorted(one for one in found if one.startswith(stem))
        told = f"; it holds {', '.join(others)}" if others else ""
        raise RefusedError(f"{assembly} holds no stack {name}{told}")
    return found[name]

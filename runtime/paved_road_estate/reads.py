"""What a template reads of other stacks."""

from collections.abc import Iterator, Mapping


def read_outputs(value: object) -> Iterator[tuple[str, str, str | None]]:
    """Stack, output and region (None for the reader's own) of each `Fn::GetStackOutput`."""
    if isinstance(value, Mapping):
        if reading := value.get("Fn::GetStackOutput"):
            yield reading["StackName"], reading["OutputName"], reading.get("Region")
        for inner in value.values():
            yield from read_outputs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from read_outputs(inner)

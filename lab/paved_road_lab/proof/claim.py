"""One thing that is proved about an estate."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `fault` is empty if it is as it should be."""

    subject: str
    fault: str = ""


@dataclass(frozen=True)
class Claim:
    """A sentence that holds if something was looked at and nothing of it was at fault."""

    sentence: str
    looked_at: int
    faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Looking at nothing proves nothing."""
        return self.looked_at > 0 and not self.faults

    @staticmethod
    def of(sentence: str, checks: Iterable[Check]) -> "Claim":
        """The claim that all checks together make."""
        made = list(checks)
        return Claim(
            sentence, len(made), tuple(f"{one.subject}: {one.fault}" for one in made if one.fault)
        )


def compare(subject: str, what: str, found: object, expected: object) -> Check:
    """A check that two values are equal."""
    fault = "" if found == expected else f"{what} is {found!r}, not {expected!r}"
    return Check(subject, fault)

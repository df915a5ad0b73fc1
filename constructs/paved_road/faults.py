"""All faults of a construct's props, in one error.

Whoever fills in a form wants every mistake back at once. A constructor notes each fault and
raises at the end:

    faults = Faults("Ring 'orders'")
    faults.check(nodes > 0, "nodes_per_rack", "must be at least 1", nodes)
    faults.raise_if_any()
"""

import re

from aws_cdk import Token


class PropsError(ValueError):
    """Props that break one or more rules; `faults` holds a sentence for each."""

    def __init__(self, subject: str, faults: tuple[str, ...]) -> None:
        self.subject = subject
        self.faults = faults
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__("\n  - ".join([f"{subject}: {count}", *faults]))


class Faults:
    """Collects faults of one subject, such as `Ring 'orders'`."""

    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._faults: list[str] = []

    def check(self, holds: bool, prop: str, rule: str, value: object) -> bool:
        """Note a fault unless the rule holds; tells whether it does.

        Values that are CDK tokens are not known yet and count as holding.
        """
        if holds or (isinstance(value, str | int | float) and Token.is_unresolved(value)):
            return True
        self._faults.append(f"{prop} {rule}, got {value!r}")
        return False

    def check_name(self, prop: str, value: str, *, longest: int) -> bool:
        """Lower-case letters, digits and hyphens, starting with a letter, up to `longest`.

        Rules of the resource names that are derived from it (S3 buckets are the strictest:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
        """
        return self.check(
            re.fullmatch(r"[a-z]([a-z0-9]|-(?=[a-z0-9]))*", value) is not None,
            prop,
            "must be lower-case letters, digits and single hyphens, starting with a letter",
            value,
        ) & self.check(
            len(value) <= longest,
            prop,
            f"must have at most {longest} characters, because longer names are derived from it",
            value,
        )

    def include(self, error: PropsError) -> None:
        """Take over the faults of a part, so that all are reported together."""
        self._faults.extend(error.faults)

    def raise_if_any(self) -> None:
        """Raise `PropsError` with everything noted so far."""
        if self._faults:
            raise PropsError(self._subject, tuple(self._faults))

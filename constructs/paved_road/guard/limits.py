"""CloudFormation's limits on a template, refused at 80% so that there is room to act."""

from collections.abc import Iterator

from paved_road.guard.finding import Finding, Subject

SHARE = 0.8

LIMITS = {
    "Resources": 500,
    "Outputs": 200,
    "Parameters": 200,
    "Mappings": 200,
}
BODY_BYTES = 1_000_000
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""


def limits(subject: Subject) -> Iterator[Finding]:
    """Sections and bytes over their share of the limit."""
    for section, most in LIMITS.items():
        count = len(subject.template.get(section, ()))
        if count > SHARE * most:
            yield subject.finding(
                section, f"must stay within {SHARE:.0%} of CloudFormation's {most}, got {count}"
            )
    size = len(subject.body.encode())
    if size > SHARE * BODY_BYTES:
        yield subject.finding(
            "template",
            f"must stay within {SHARE:.0%} of CloudFormation's {BODY_BYTES:,} bytes, got {size:,}",
        )

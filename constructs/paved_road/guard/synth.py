"""The one way to synthesize an estate: rule packs while the CDK works, our rules after."""

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from paved_road.guard.examine import PACK_REPORT, examine


def watch(app: App) -> None:
    """Have cdk-nag's AwsSolutions and NIST 800-53 R5 packs examine the app when it synthesizes.

    https://github.com/cdklabs/cdk-nag
    """
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))


def synth(app: App, *, quotas: Mapping[str, int] | None = None) -> None:
    """Synthesize, and end the program with the list of findings if there are any.

    Nothing is looked up and nothing outside `app.outdir` is written. `quotas` are those that the
    account had raised (`paved_road.guard.quotas.QUOTAS` are what a new account starts with).
    """
    watch(app)
    outdir = Path(app.outdir)
    (outdir / PACK_REPORT).unlink(missing_ok=True)
    try:
        app.synth()
    except RuntimeError as error:
        if (outdir / PACK_REPORT).is_file() and "ValidationFailed" in str(error):
            raise SystemExit(_refusal(unexplained(outdir))) from None
        raise
    # The CDK CLI turns the error off and judges only the stacks that it selects: no release is.
    if findings := [*unexplained(outdir), *map(str, examine(outdir, quotas))]:
        raise SystemExit(_refusal(findings))


def unexplained(assembly: Path) -> list[str]:
    """The rule packs' findings that nobody acknowledged."""
    report = json.loads((assembly / PACK_REPORT).read_text(encoding="utf-8"))
    return sorted(
        f"{construct['constructPath']}: {violation['ruleName']}: {violation['description']}"
        for pack in report["pluginReports"]
        for violation in pack["violations"]
        for construct in violation["violatingConstructs"]
    )


def _refusal(findings: list[str]) -> str:
    count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    return "\n  - ".join([f"The guard refuses this estate: {count}", *findings])

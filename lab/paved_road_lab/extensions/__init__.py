"""What the emulator lacks, one small module each: `install()` changes moto in this process.

Each extension has a test that stock moto fails; when moto learns the thing, that test says so and
the extension goes.
"""

from paved_road_lab.extensions import (
    addresses,
    alarms,
    associations,
    balancers,
    buckets,
    deletion,
    full_names,
    functions,
    groups,
    hooks,
    members,
    metrics,
    placeholders,
    profiles,
    protection,
    refreshes,
    rules,
    secrets,
    spelling,
    stack_outputs,
    stack_tags,
    tables,
    target_groups,
    tasks,
    termination,
    updates,
)


def install() -> None:
    """Teach moto everything that the lab needs. Call it once, before the first request."""
    addresses.install()
    stack_outputs.install()
    placeholders.install()
    updates.install()
    deletion.install()
    associations.install()
    buckets.install()
    tables.install()
    groups.install()
    stack_tags.install()
    profiles.install()
    members.install()
    hooks.install()
    refreshes.install()
    termination.install()
    full_names.install()
    spelling.install()
    target_groups.install()
    rules.install()
    balancers.install()
    secrets.install()
    protection.install()
    functions.install()
    tasks.install()
    metrics.install()
    alarms.install()

"""Names and metrics that a drill, its scratch ring's stack and the ring's alarms agree on."""

DRILL_PASSED = "DrillPassed"
"""1 for a drill that brought the ring back as it was, 0 for one that did not. Drills publish once,
when they end, in the series of the ring that they are of."""
DRILL_RECOVERY_POINT = "DrillRecoveryPointSeconds"
"""What was acknowledged in so many seconds before a drill began is not in the backup alone."""
DRILL_RECOVERY_TIME = "DrillRecoveryTimeSeconds"
"""From the word to restore until the restored ring served a read."""

DRILLS_OF = "DrillsOf"
"""The output of a scratch ring's stack that names the ring whose backups it is for. Without it no
drill touches a ring, whatever it is called."""


def drill_ring(ring: str) -> str:
    """The scratch ring into which drills restore backups of `ring`; its stack is made for that."""
    return f"{ring}-drill"


def drill_lease(data_center_name: str) -> str:
    """Subject of the lease of who drills, in the scratch ring's table: one at a time."""
    return f"lease#{data_center_name}#drill"


def drills_prefix(ring: str) -> str:
    """What drills of a ring found stands in the backup bucket under this, by data center and time.

    Beside the backups and not among them: a purge of those never reads it.
    """
    return f"drills/{ring}/"

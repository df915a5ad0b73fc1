"""Names of the roles that people act in: made with a ring, assumed by whoever may."""


def restore_role(estate: str, region: str, ring: str) -> str:
    """Name of the role that restores a ring."""
    return f"{estate}-{region}-ring-{ring}-restore"


def drill_role(estate: str, region: str, ring: str) -> str:
    """Name of the role that drills a ring's backups; its scratch ring's stack makes it."""
    return f"{estate}-{region}-ring-{ring}-drill"


def purge_role(estate: str, region: str, ring: str) -> str:
    """Name of the role that purges a ring's backups."""
    return f"{estate}-{region}-ring-{ring}-purge"

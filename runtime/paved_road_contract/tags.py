"""Keys of the tags that every resource of an estate carries."""

ESTATE = "paved-road:estate"
OWNER = "paved-road:owner"
COST_CENTER = "paved-road:cost-center"
COMPONENT = "paved-road:component"
"""What the stack is: `network`, `ring`, `service`, ... (a `Kind`)."""

RING = "paved-road:ring"
SERVICE = "paved-road:service"
RELEASE = "paved-road:release"

DELETABLE = "paved-road:deletable"
"""`true` on everything of an estate that may be deleted with its data, absent everywhere else."""

MANDATORY = (ESTATE, OWNER, COST_CENTER, COMPONENT)
"""On every resource that takes tags. Rings add `RING`, services `SERVICE`."""

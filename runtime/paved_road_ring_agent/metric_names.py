"""Names of what agents publish, on which the ring's alarms are: a name never changes."""

METRICS = "PavedRoad/Ring"
"""CloudWatch namespace of what agents publish every minute with the dimensions below. All nodes of
a data center share one series, whose maximum or sum is alarmed on: cost and template stay the
same for 3 nodes and for 1,000."""

ESTATE_DIMENSION, RING_DIMENSION, DATA_CENTER_DIMENSION = "Estate", "Ring", "DataCenter"

SILENT_SLOTS = "SilentSlots"
"""Slots whose claim was not renewed, as each agent counts them. No data: no agent runs at all."""
DISK_USED = "DiskUsedPercent"
"""Of the data volume."""
OLDEST_REPAIR = "OldestRepairPercentOfGcGrace"
"""Age of the least recently repaired table, as a share of its gc_grace: at 100 deleted rows can
come back."""
DROPPED_HINTS = "DroppedHints"
"""Writes that a peer missed and that only a repair brings back."""
PENDING_COMPACTIONS = "PendingCompactions"
CLOCK_OFFSET = "ClockOffsetMilliseconds"
"""Last write wins by clock, so skew loses writes."""
BACKUP_AGE = "WholeBackupAgeSeconds"
"""What was acknowledged in so many seconds would be lost with all instances. Of the agent that sees
to the ring's manifests. No data: nobody does, or there never was a whole backup."""
OLDEST_BACKUP_SECONDS = 3 * 3_600
"""Nodes back themselves up every hour and a ring's manifest is written every hour, so what it lacks
is up to two hours old and the time that a run takes; then somebody should look."""
BACKUP_SLOTS_MISSING = "SlotsWithoutBackup"
"""Slots whose present holder has no backup that counts, as the same agent knows it."""
BACKUP_FAILURES = "BackupFailuresInARow"
"""Tries since a node's backup, or its part in the ring's, last succeeded."""
LOGS_AGE = "ShippedLogAgeSeconds"
"""What a node acknowledged in so many seconds is in no commit log in the bucket: how far back from
the last moment `paved-road ring restore --at` may reach, if all nodes are lost now."""
OLDEST_LOGS_SECONDS = 300
"""Nodes ship theirs every ten seconds, so thirty times in a row that failed or took too long."""

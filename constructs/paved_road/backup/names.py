"""What a bucket is to backups: where rings write, or where copies are kept."""

BACKUP, REPLICA = "backup", "replica"

"""What a ring's node is started as: its agent and its backups, put together."""

"""The `paved-road` command."""

"""What every synth must pass: rule packs, limits, quotas, contracts, ledger and tags."""

from paved_road.guard.acknowledgment import acknowledge

__all__ = ["acknowledge"]

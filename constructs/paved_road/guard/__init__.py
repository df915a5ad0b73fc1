"""What every synth must pass: rule packs, limits, quotas, contracts, exposure and tags."""

from paved_road.guard.acknowledgment import acknowledge
from paved_road.guard.synth import synth, watch

__all__ = ["acknowledge", "synth", "watch"]

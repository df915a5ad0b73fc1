"""What every synth must pass: rule packs, limits, quotas, contracts, exposure and tags."""

from paved_road.guard.acknowledgment import acknowledge, acknowledge_each
from paved_road.guard.synth import synth, watch

__all__ = ["acknowledge", "acknowledge_each", "synth", "watch"]

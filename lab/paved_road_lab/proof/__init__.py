"""Asks the emulator what stands, through boto3, and compares it with the templates.

Each claim says how many things it looked at and what was wrong with them; a claim that found
nothing to look at has proved nothing and fails.
"""

from paved_road_lab.proof.claim import Claim
from paved_road_lab.proof.prove import prove

__all__ = ["Claim", "prove"]

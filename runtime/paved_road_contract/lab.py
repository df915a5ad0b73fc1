"""How a process knows that it does not speak with AWS."""

LAB_VARIABLE = "PAVED_ROAD_LAB"
"""Set to the lab's folder in whatever runs against a lab, and nowhere else."""

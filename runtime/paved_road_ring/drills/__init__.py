"""Drills: a ring's newest whole backup restored into a scratch ring, and compared with the ring."""

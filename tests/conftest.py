"""For all tests: how long an example takes says how busy the machine is, and nothing else."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

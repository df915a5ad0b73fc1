"""Instances of a ring's groups as process trees of this machine.

A host is what stands for one instance: a directory that is its disk, a loopback address, a metadata
service that answers for it alone, and a boot process that does what its user data does on EC2.
The daemon (`daemon.py`) keeps hosts equal to what the emulator says of instances; which to start
and which to stop is a pure function (`plan.py`).
"""

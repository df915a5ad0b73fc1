"""Emulated load balancers that forward: a process of this machine listens for each of them.

The emulator says what there is (`extensions/balancers.py`); `model` is that as values, `choose`
says who answers a request, `health` when a target is healthy: pure functions all three. `forward`
passes requests on, `probe` checks targets, and `daemon` keeps both equal to the emulator's rules.
"""

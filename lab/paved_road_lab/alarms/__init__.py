"""Alarms that are looked at: a process of this machine does what CloudWatch does on AWS.

`model` is an alarm as a value, `expression` its metric maths, `evaluate` decides its state: pure
functions all three. `daemon` asks the emulator for metrics and sets states, as often as there is
something new.
"""

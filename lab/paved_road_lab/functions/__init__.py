"""Functions of the lab: what EventBridge and Lambda do with a change of an alarm's state.

`events` says which functions an event reaches, `invoke` fetches what one runs and runs it in a
process of this machine's Python, and `runtime` is what that process starts with.
"""

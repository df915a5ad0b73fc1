"""The immutable software of a ring's node: Cassandra, the agent, and what both run on.

`lock` says which bytes, `fetch` gets them, `pack` makes one archive whose bytes depend on nothing
else, `publish` gives it to instances, `install` puts it on one. The lab runs the same archive.
"""

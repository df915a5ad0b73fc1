"""Runs on every ring node; so far the contract that infrastructure and agent share."""

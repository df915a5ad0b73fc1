"""The estate: regions as values, stacks with names others can rely on, published outputs."""

from paved_road.estate.declared import Rows, declare
from paved_road.estate.estate import Estate, Region
from paved_road.estate.outputs import publish, published, read
from paved_road.estate.stack import EstateStack

__all__ = [
    "Estate",
    "EstateStack",
    "Region",
    "Rows",
    "declare",
    "publish",
    "published",
    "read",
]

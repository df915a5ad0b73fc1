"""Keeps the parts of README that are drawn from templates: `python -m paved_road_estate.readme`.

Each part stands between `<!-- name: drawn by make readme -->` and `<!-- /name -->`.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

from paved_road_contract.assembly import stacks
from paved_road_contract.instances import usd_per_hour
from paved_road_estate.costs import Costs, costs
from paved_road_estate.picture import picture


def drawn(assembly: Path) -> Mapping[str, str]:
    """Name and text of each part."""
    found = stacks(assembly)
    return {
        "picture": f"```mermaid\n{picture(found)}```\n",
        "costs": costs_table(costs(found, usd_per_hour())),
    }


def costs_table(total: Costs) -> str:
    """Markdown: dearest first, the sum, and what is left out by name."""
    rows = [
        f"| {line.resource} | {line.count:g} | {line.unit} | {line.usd_per_month:,.0f} |"
        for line in total.lines
    ]
    by_use = ", ".join(f"{count} x {kind}" for kind, count in total.by_use.items())
    return "\n".join(
        [
            "| what | units | of | USD a month |",
            "|---|---:|---|---:|",
            *rows,
            f"| **sum** | | | **{total.usd_per_month:,.0f}** |",
            "",
            f"Billed by use and left out: {by_use}; traffic, storage and log lines.",
            "",
        ]
    )


def replace(text: str, parts: Mapping[str, str]) -> str:
    """The text with each part's block replaced; `KeyError` if a block is missing."""
    for name, part in parts.items():
        block = re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise KeyError(f"README has no block named {name}")
        text = block.sub(rf"\g<1>{part.replace(chr(92), chr(92) * 2)}\g<2>", text)
    return text


if __name__ == "__main__":
    readme, assembly = Path(sys.argv[1]), Path(sys.argv[2])
    readme.write_text(
        replace(readme.read_text(encoding="utf-8"), drawn(assembly)), encoding="utf-8"
    )

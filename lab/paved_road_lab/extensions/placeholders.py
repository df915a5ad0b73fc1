"""References to resources that moto skips: a marked placeholder, never the word None.

Stock moto puts `None` into whatever refers to a type it has no model for. What a placeholder
stands in is created with a value that cannot be mistaken for a real one, and is counted.
"""

from typing import Any

from moto.cloudformation import parsing

MARK = "paved-road-lab-skipped"


def install() -> None:
    """Answer `Ref` and `Fn::GetAtt` of skipped resources with a placeholder."""
    stock = parsing.clean_json

    def clean_json(resource_json: Any, resources_map: Any) -> Any:
        if isinstance(resource_json, dict):
            referred = resource_json.get("Ref") or (resource_json.get("Fn::GetAtt") or [None])[0]
            if referred and _is_skipped(resources_map, referred):
                return f"{MARK}-{referred}"
        return stock(resource_json, resources_map)

    parsing.clean_json = clean_json


def _is_skipped(resources_map: Any, logical_id: str) -> bool:
    declared = getattr(resources_map, "_resource_json_map", {}).get(logical_id)
    return declared is not None and declared["Type"] not in parsing.get_model_map()

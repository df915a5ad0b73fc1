"""Tags as each service spells them, where moto passes a template's on as they are and fails.

KMS says `TagKey` for `Key`; SSM parameters have a map in templates and a list in the service.
"""

from collections.abc import Callable
from typing import Any

from moto.kms.models import Key
from moto.ssm.models import Parameter

Tags = Any


def install() -> None:
    """Respell tags on the way into the two models."""
    _respell(Key, lambda tags: [{"TagKey": t["Key"], "TagValue": t["Value"]} for t in tags])
    _respell(Parameter, _list_of)


def _respell(model: type[Any], respelled: Callable[[Tags], Tags]) -> None:
    for name in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
        method = getattr(model, name)
        if not hasattr(method, "__isabstractmethod__"):
            setattr(model, name, classmethod(_with_tags(method.__func__, respelled)))


def _with_tags(stock: Callable[..., Any], respelled: Callable[[Tags], Tags]) -> Callable[..., Any]:
    def call(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
        given = {key: _declared(value, respelled) for key, value in kwargs.items()}
        return stock(cls, *(_declared(value, respelled) for value in args), **given)

    return call


def _list_of(tags: Tags) -> Tags:
    """Updating a parameter is creating it anew for moto, so that tags come by twice."""
    if isinstance(tags, list):
        return tags
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _declared(value: Any, respelled: Callable[[Tags], Tags]) -> Any:
    """The same argument; a resource's declaration with its tags respelled."""
    if isinstance(value, dict) and "Tags" in value.get("Properties", {}):
        properties = value["Properties"]
        return {**value, "Properties": {**properties, "Tags": respelled(properties["Tags"])}}
    return value

"""References inside a stack, made without asking the CDK for each of them.

An element's logical id follows from its path inside its stack, so a reference to it is the same
token in every stack that has such an element. One question less per reference is what a synth of
many services waits for (`docs/bench-synth.md`).
"""

import hashlib
import re
from functools import cache

from aws_cdk import Token
from constructs import Construct

from paved_road.estate.stack import EstateStack


@cache
def logical_id(path: str) -> str:
    """The id that the CDK gives the element at `path` (`Service/Front/LoadBalancer`) of its stack.

    Words of the path for people and a hash of all of it. The CDK cannot change this without
    replacing everybody's resources:
    https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html#identifiers-logical-ids
    """
    ids = [id for id in path.split("/") if id != "Default"]
    if len(ids) == 1:
        return _letters(ids[0])
    words = [
        id
        for place, id in enumerate(ids)
        if id != "Resource" and not (place and ids[place - 1].endswith(id))
    ]
    digest = hashlib.md5("/".join(ids).encode(), usedforsecurity=False).hexdigest()
    return "".join(map(_letters, words))[:240] + digest[:8].upper()


def _letters(id: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", id)


def path_in_stack(construct: Construct) -> str:
    """Where a construct stands below its stack, for the elements that it declares."""
    stack = EstateStack.around(construct)
    return construct.node.path.partition(f"{stack.full_name}/")[2]


@cache
def ref(path: str) -> str:
    """`Ref` of the stack's own element at `path`, or of a pseudo parameter (`AWS::AccountId`)."""
    return Token.as_string({"Ref": path if path.startswith("AWS::") else logical_id(path)})


@cache
def ref_number(path: str) -> float:
    """The same where a property takes a number."""
    return Token.as_number({"Ref": logical_id(path)})


@cache
def attribute(path: str, name: str) -> str:
    """An attribute of the stack's own element at `path`."""
    return Token.as_string({"Fn::GetAtt": [logical_id(path), name]})

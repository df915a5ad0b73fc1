"""References inside a stack, made without asking the CDK for each of them.

An element that stands directly in its stack has its id as its logical id, so a reference to it is
the same token in every stack. One question less per reference is what a synth of many services
waits for (`docs/bench-synth.md`). Elements deeper down have hashed ids: ask those themselves.
"""

from functools import cache

from aws_cdk import Token


@cache
def ref(id: str) -> str:
    """`Ref` of the stack's own element `id`, or of a pseudo parameter such as `AWS::AccountId`."""
    return Token.as_string({"Ref": id})


@cache
def ref_number(id: str) -> float:
    """The same where a property takes a number."""
    return Token.as_number({"Ref": id})


@cache
def attribute(id: str, name: str) -> str:
    """An attribute of the stack's own element `id`."""
    return Token.as_string({"Fn::GetAtt": [id, name]})

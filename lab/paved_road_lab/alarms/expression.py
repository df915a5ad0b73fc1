"""Metric maths of one period: numbers, metrics by id, `+ - * /`, comparisons, `FILL` and `IF`.

What is missing stays missing, but for what `FILL` puts in its place; a division by zero is missing
too. Anything else is refused by name. No library evaluates CloudWatch's expressions; Python's own
parser reads those that are arithmetic in both languages.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping

Value = float | None


class UnknownExpressionError(Exception):
    """A sentence that names what is not known here."""


ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}

COMPARISONS: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(expression: str, metrics: Mapping[str, Value]) -> Value:
    """Its value, None if that is missing. Raises `UnknownExpressionError`."""
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        raise UnknownExpressionError(f"the expression {expression!r} is not known here") from None
    return _value(tree.body, metrics)


def _value(node: ast.expr, metrics: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in metrics:
            return metrics[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            return _both(ARITHMETIC[type(op)], _value(left, metrics), _value(right, metrics))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            return _both(COMPARISONS[type(op)], _value(left, metrics), _value(right, metrics))
        case ast.Call(func=ast.Name(id="FILL"), args=[series, fill], keywords=[]):
            filled, found = _value(fill, metrics), _value(series, metrics)
            return filled if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, other], keywords=[]):
            asked, branches = _value(condition, metrics), (then, other)
            # Both are looked into, so that what is not known is said whichever way it goes.
            yes, no = (_value(one, metrics) for one in branches)
            return None if asked is None else (yes if asked else no)
    raise UnknownExpressionError(f"{ast.unparse(node)!r} in an expression is not known here")


def _both(how: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    try:
        return float(how(left, right))
    except ZeroDivisionError:
        return None

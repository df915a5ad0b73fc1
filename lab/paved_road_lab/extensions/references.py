"""Which logical ids a declaration refers to."""

import re


def references(declared: object) -> set[str]:
    """Through `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn`."""
    found: set[str] = set()
    if isinstance(declared, dict):
        for key, value in declared.items():
            if key == "Ref":
                found.add(value)
            elif key == "Fn::GetAtt":
                found.add(value[0] if isinstance(value, list) else value.partition(".")[0])
            elif key == "Fn::Sub":
                text = value[0] if isinstance(value, list) else value
                found |= {name.partition(".")[0] for name in re.findall(r"\${([^!}]+)}", text)}
            elif key == "DependsOn":
                found |= {value} if isinstance(value, str) else set(value)
            else:
                found |= references(value)
    elif isinstance(declared, list):
        for value in declared:
            found |= references(value)
    return found

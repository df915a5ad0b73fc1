"""Updates and parameters as CloudFormation treats them.

- A parameter left out of an update goes back to its template's default; `UsePreviousValue` keeps
  what was passed before, and the default where nothing was.
- SSM-typed parameters keep the *name* and are resolved at every update, and so is what is read of
  other stacks; a resource whose resolved properties changed is updated.
- New and changed resources come first, removed ones go last.
- An update that changes nothing is refused.
- One that fails is rolled back: what it changed has its former template again, with SSM's
  parameters as they were resolved then, and what it added goes. The call that began it fails too,
  where AWS's succeeds and the stack's state tells.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Parameter.html
"""

import copy
from collections import Counter
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import ResourceMap
from moto.cloudformation.responses import CloudFormationResponse

not_applied: Counter[str] = Counter()
"""Updates that reached a type which moto cannot update, by type."""


class NothingToUpdateError(ValidationError):
    """What CloudFormation answers to an update that changes nothing."""


def install() -> None:
    """Replace moto's way of updating."""
    stock_create = ResourceMap.create
    stock_update = Stack.update

    def create(self: ResourceMap, template: dict[str, Any]) -> bool:
        ready: bool = stock_create(self, template)
        self.resolved = _resolve_all(self)
        return ready

    def update_stack(
        self: Stack,
        template: str,
        role_arn: str | None = None,
        parameters: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        unchanged = self.has_template(template) and (tags is None or tags == self.tags)
        self.resource_map.refuse_no_change = unchanged
        events, status, before = list(self.events), self.status, self.template
        try:
            stock_update(self, template, role_arn, parameters, tags)
        except NothingToUpdateError:
            self.events, self.status = events, status
            raise
        except Exception as error:
            self._add_stack_event("UPDATE_ROLLBACK_IN_PROGRESS", resource_status_reason=str(error))
            self.status = "UPDATE_ROLLBACK_COMPLETE"
            self.template = before
            self._parse_template()
            self.output_map = self._create_output_map()
            self._add_stack_event("UPDATE_ROLLBACK_COMPLETE")
            raise
        self.parameters = parameters or {}

    # Stock moto compares what was passed, which says nothing about what it resolves to.
    CloudFormationResponse._validate_different_update = lambda *_: None
    CloudFormationBackend._resolve_update_parameters = _parameters
    ResourceMap.create = create
    ResourceMap.update = _update
    Stack.update = update_stack


def _parameters(
    self: CloudFormationBackend, instance: Stack, incoming_params: list[dict[str, Any]]
) -> dict[str, Any]:
    _ = self
    given: dict[str, Any] = {}
    for parameter in incoming_params:
        key = parameter["ParameterKey"]
        if str(parameter.get("UsePreviousValue", "")).lower() == "true":
            if key in instance.parameters:
                given[key] = instance.parameters[key]
        else:
            given[key] = parameter["ParameterValue"]
    return given


def _update(
    self: ResourceMap, template: dict[str, Any], parameters: dict[str, Any] | None = None
) -> None:
    before_json = self._resource_json_map
    before = getattr(self, "resolved", {})
    former = {name: getattr(self, name) for name in _OF_A_TEMPLATE}
    self._template = template
    self.input_parameters = parameters or {}
    self.resolved_parameters = {}
    self.load_mapping()
    self.load_parameters()
    self.load_conditions()
    self._resource_json_map = template["Resources"]
    added = [name for name in template["Resources"] if name not in before_json]
    removed = [name for name in before_json if name not in template["Resources"]]
    now = _resolve_all(self, skip=added)
    changed = [
        name
        for name in now
        if name in before_json
        and (now[name] != before.get(name) or template["Resources"][name] != before_json[name])
    ]
    if not (added or removed or changed) and self.refuse_no_change:
        raise NothingToUpdateError(message="No updates are to be performed.")
    try:
        for name in added:
            _ = self[name]
        _change_all(self, changed, now)
    except Exception:
        _roll_back(self, former, changed, added)
        raise
    for name in removed:
        resource = self._parsed_resources.pop(name, None)
        if resource is not None:
            self._delete_resource(resource, before_json[name])
    self.resolved = _resolve_all(self)


_OF_A_TEMPLATE = (
    "_template",
    "_resource_json_map",
    "input_parameters",
    "resolved_parameters",
    "lazy_condition_map",
)
"""What a map of resources holds of the template that it was last given."""


def _roll_back(
    resources: ResourceMap, former: dict[str, Any], changed: list[str], added: list[str]
) -> None:
    for name in added:
        resource = resources._parsed_resources.pop(name, None)
        if resource is not None:
            resources._delete_resource(resource, resources._resource_json_map[name])
    for name, value in former.items():
        setattr(resources, name, value)
    for name in changed:
        _change(resources, name, resources._resource_json_map[name])


def _change_all(resources: ResourceMap, changed: list[str], given: dict[str, Any]) -> None:
    """Update resources, and again those that refer to what came of it, such as a new version.

    `given` is what each was last resolved to. Every round reaches one more link of the longest
    chain of references.
    """
    for _ in range(len(resources._resource_json_map)):
        for name in changed:
            _change(resources, name, resources._resource_json_map[name])
        now = _resolve_all(resources)
        changed = [name for name in given if now.get(name) != given[name]]
        given = {name: now.get(name) for name in given}
        if not changed:
            return


def _change(resources: ResourceMap, name: str, declared: dict[str, Any]) -> None:
    """Update one resource; types that moto cannot update stay as they are and are counted."""
    standing = resources._parsed_resources.get(name)
    if standing is None:
        return
    changed = parsing.parse_and_update_resource(
        name, declared, resources, resources._account_id, resources._region_name
    )
    if changed is None:
        not_applied[declared["Type"]] += 1
    else:
        resources._parsed_resources[name] = changed


def _resolve_all(resources: ResourceMap, skip: list[str] | None = None) -> dict[str, Any]:
    """Every standing resource's properties with all references resolved."""
    return {
        name: parsing.clean_json(copy.deepcopy(declared.get("Properties", {})), resources)
        for name, declared in resources._resource_json_map.items()
        if name not in (skip or ()) and not _refers_to(declared, skip or ())
    }


def _refers_to(declared: object, names: list[str] | tuple[()]) -> bool:
    """Whether a declaration refers to resources that do not stand yet."""
    if not names:
        return False
    if isinstance(declared, dict):
        if declared.get("Ref") in names or (declared.get("Fn::GetAtt") or [None])[0] in names:
            return True
        return any(_refers_to(value, names) for value in declared.values())
    return isinstance(declared, list) and any(_refers_to(value, names) for value in declared)

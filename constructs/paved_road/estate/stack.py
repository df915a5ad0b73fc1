"""The stack that every deployment unit of an estate extends."""

import builtins
from collections.abc import Mapping, MutableMapping
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import Environment, Stack, Tags
from constructs import Construct

from paved_road.estate.estate import Region
from paved_road.faults import Faults
from paved_road_contract import tags
from paved_road_contract.stacks import MAXIMUM_LENGTH, Kind

LONGEST_NAME = 40
"""Services and rings: names of dashboards, alarms and log groups are derived from theirs."""


_STACKS: MutableMapping[Construct, dict[str, "EstateStack"]] = WeakKeyDictionary()
"""Stacks by the app or stage that they stand in: asking the CDK for them costs two calls each."""


_MARKS: MutableMapping[Construct, Mapping[str, str]] = WeakKeyDictionary()


def _shared_marks(scope: Construct, region: Region) -> Mapping[str, str]:
    """Tags that an app or stage got once for all its stacks, from the first one in it."""
    if scope not in _MARKS:
        _MARKS[scope] = {tags.ESTATE: region.estate, tags.COST_CENTER: region.cost_center}
        for key, value in _MARKS[scope].items():
            Tags.of(scope).add(key, value)
    return _MARKS[scope]


class EstateStack(Stack):
    """A stack with a name that others can rely on, explicit zones and the mandatory tags.

    Its id and its name are `<estate>-<region>-<kind>[-<name>]`, whatever stage it stands in.
    `owner` is the team that answers for it. Zones come from the region, so that nothing is
    looked up; `CDKMetadata` is left out, so that a library upgrade alone changes no template.
    `foreign_regions` are the other regions that its template may name (replication and mesh
    stacks only; the guard refuses any other). `marks` are further tags.

    Raises `PropsError` for an owner or a name that breaks the rules of what is derived from it.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        kind: Kind,
        name: str | None = None,
        *,
        owner: str,
        description: str,
        foreign_regions: frozenset[str] = frozenset(),
        marks: Mapping[str, str] | None = None,
    ) -> None:
        stack_name = region.stack_name(kind, name)
        faults = Faults(f"Stack {stack_name!r}")
        faults.check_name("owner", owner, longest=64)
        if name is not None:
            faults.check_name("name", name, longest=LONGEST_NAME)
        faults.check(
            len(stack_name) <= MAXIMUM_LENGTH,
            "stack name",
            f"must have at most {MAXIMUM_LENGTH} characters",
            stack_name,
        )
        faults.raise_if_any()
        super().__init__(
            scope,
            stack_name,
            stack_name=stack_name,
            description=description,
            env=Environment(region=region.name, account=region.account),
            termination_protection=not region.deletable,
            analytics_reporting=False,
        )
        self.full_name = stack_name
        """The same as `stack_name`, which asks the CDK."""
        self.estate_region = region
        self.kind = kind
        self._siblings = _STACKS.setdefault(scope, {})
        self._siblings[stack_name] = self
        self._after: set[str] = set()
        if foreign_regions:
            self.add_metadata("ForeignRegions", sorted(foreign_regions))
        of_scope = _shared_marks(scope, region)
        tagger = Tags.of(self)
        for key, value in {
            tags.ESTATE: region.estate,
            tags.OWNER: owner,
            tags.COST_CENTER: region.cost_center,
            tags.COMPONENT: kind.value,
            **({tags.DELETABLE: "true"} if region.deletable else {}),
            **(marks or {}),
        }.items():
            if of_scope.get(key) != value:
                tagger.add(key, value)

    @builtins.property
    @jsii.member(jsii_name="availabilityZones")
    def availability_zones(self) -> list[str]:
        """The region's zones as the estate names them, never looked up."""
        return list(self.estate_region.zone_names)

    def deploy_after(self, name: str) -> None:
        """Depend on the stack of that name, if it stands in the same stage."""
        producer = self._siblings.get(name)
        if producer is not None and name not in self._after:
            self._after.add(name)
            self.add_stack_dependency(producer)

    @staticmethod
    def standing(scope: Construct, name: str) -> bool:
        """Whether a stack of that name was defined in the app or stage `scope`."""
        return name in _STACKS.get(scope, {})

    @staticmethod
    def around(scope: Construct) -> "EstateStack":
        """The estate's stack that holds `scope`; `TypeError` if it stands in another one."""
        stack = scope if isinstance(scope, EstateStack) else Stack.of(scope)
        if not isinstance(stack, EstateStack):
            raise TypeError(f"{scope.node.path} must stand in an EstateStack, not {stack!r}")
        return stack

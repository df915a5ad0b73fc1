"""How few members a release may have, on instances and on ECS: read and raised, never lowered."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest

from paved_road_delivery.contract import ReleaseOutput
from paved_road_delivery.drive import Driver
from paved_road_delivery.groups import (
    COUNT,
    Instances,
    Size,
    Tasks,
    declared_maximum,
    group_of,
)
from paved_road_delivery.ladder.asks import Retire
from paved_road_delivery.ladder.steps import Done, Raise
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService
from paved_road_lab.cloud import LabCloud
from tests.delivery.conftest import REGION
from tests.delivery.releases import stand_tasks


@dataclass(frozen=True)
class Here:
    """One region's clients."""

    cloud: LabCloud

    def client(self, service: str) -> Any:
        return self.cloud.client(service, REGION)


@pytest.fixture
def here(cloud: LabCloud) -> Here:
    return Here(cloud)


@pytest.fixture
def tasks(here: Here) -> Tasks:
    """A service of three tasks, which may be two to nine."""
    name, ecs = uuid.uuid4().hex[:8], here.client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name, containerDefinitions=[{"name": "service", "image": "one", "memory": 1}]
    )
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=3)
    target = f"service/{name}/{name}"
    here.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=target,
        ScalableDimension=COUNT,
        MinCapacity=2,
        MaxCapacity=9,
    )
    return Tasks(here, target)


def wanted(here: Here, tasks: Tasks) -> int:
    _, cluster, name = tasks.target.split("/")
    (found,) = here.client("ecs").describe_services(cluster=cluster, services=[name])["services"]
    return int(found["desiredCount"])


@pytest.mark.slow
def test_a_service_of_ecs_has_more_tasks_where_its_minimum_asks_for_more(
    here: Here, tasks: Tasks
) -> None:
    assert tasks.size() == Size(2, 9)
    tasks.raise_minimum(3)
    assert (tasks.size(), wanted(here, tasks)) == (Size(3, 9), 3)
    for _ in range(2):
        tasks.raise_minimum(7)
        assert (tasks.size(), wanted(here, tasks)) == (Size(7, 9), 7)


@pytest.mark.slow
def test_what_does_not_stand_has_no_size(here: Here) -> None:
    assert Tasks(here, "service/a/b").size() is None
    assert Instances(here, "none").size() is None


def test_a_release_says_what_it_runs_on(here: Here) -> None:
    assert group_of(here, {ReleaseOutput.GROUP: "one"}) == Instances(here, "one")
    assert group_of(here, {ReleaseOutput.TASKS: "service/a/b"}) == Tasks(here, "service/a/b")
    assert group_of(here, {}) is None


def test_a_template_says_how_many_members_there_may_be() -> None:
    group = {"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": {"MaxSize": "12"}}
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {"MaxCapacity": 9},
    }
    assert declared_maximum({"Other": {"Type": "x"}, "Group": group}) == 12
    assert declared_maximum({"Tasks": target}) == 9
    with pytest.raises(ValueError, match="neither a group of instances nor a scaled service"):
        declared_maximum({"Other": {"Type": "x"}})


@pytest.mark.slow
def test_a_release_on_ecs_is_seen_raised_and_retired_as_any_other(service: LiveService) -> None:
    name = stand_tasks(service, 1)
    (seen,) = observe(service).releases
    assert (seen.name, seen.minimum, seen.maximum) == (name, 2, 10)
    driver = Driver(service, lambda _: None)
    ask = Retire(by="ann", why="old", release=name, confirmed=True)
    driver.do(observe(service), Raise(name, 5), ask)
    assert observe(service).releases[0].minimum == 5
    assert isinstance(driver.run(ask), Done)
    assert observe(service).releases == ()
    targets = service.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs"
    )["ScalableTargets"]
    assert not any(name in one["ResourceId"] for one in targets)

"""The estate of app.py, deployed by the real CDK command line into a lab of the test's own."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from paved_road_contract.assembly import stacks
from paved_road_lab.deploy import deploy, diff, synthesize
from paved_road_lab.estate import close, cover_estate, deploy_releases, prove_estate
from paved_road_lab.lifecycle import down, require
from paved_road_ring_agent.jvm import free_port
from tests.lab.deployed_estate import ROOT, Stage, lab_exec, paved_road
from tests.lab.software import CACHE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    app, folder = tmp_path_factory.mktemp("app"), tmp_path_factory.mktemp("estate-lab")
    shutil.copytree(ROOT / "stacks", app / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "cdk.json"):
        shutil.copy(ROOT / name, app / name)
    try:
        port = str(free_port())
        where = ("--folder", str(folder), "--port", port, "--cache", str(CACHE))
        done = paved_road("lab", "demo", "--no-ring", "--no-release", *where, "--json", cwd=app)
        assert done.returncode == 0, done.stderr[-3000:]
        yield Stage(app, folder, json.loads(done.stdout))
    finally:
        down(folder)


def test_everything_is_deployed_and_every_claim_holds(stage: Stage) -> None:
    assert len(stage.report["deployment"]["changed"]) == 28
    assert len(stage.report["releases"]) == 6
    assert {claim["sentence"] for claim in stage.report["claims"] if claim["faults"]} == set()
    assert all(claim["looked_at"] > 0 for claim in stage.report["claims"])


def test_deploying_again_changes_nothing_and_diff_is_empty(stage: Stage) -> None:
    lab, assembly = require(stage.folder), stage.app / "cdk.out"
    assert deploy(lab, assembly, lambda _: None).changed == ()
    assert deploy_releases(lab, assembly, lambda _: None) == []
    assert "Number of stacks with differences: 0" in diff(lab, assembly)


def test_what_is_skipped_is_counted_and_never_proven(stage: Stage) -> None:
    lab, assembly = require(stage.folder), stage.app / "cdk.out"
    covered, _ = cover_estate(lab, assembly)
    counted = sum(one.count for one in covered)
    assert counted == sum(len(stack.resources) for stack in stacks(assembly))
    skipped = {one.resource for one in covered if one.degree == "skipped"}
    assert {"AWS::AutoScaling::ScalingPolicy", "AWS::S3::BucketPolicy"} <= skipped
    sentences = " ".join(claim["sentence"] for claim in stage.report["claims"])
    assert "alarm" not in sentences
    assert "polic" not in sentences


def test_a_changed_service_touches_its_own_stacks_only(stage: Stage) -> None:
    services = stage.app / "stacks" / "services.py"
    original = services.read_text()
    changed = original.replace(
        'health_path="/health/live",',
        'health_path="/ready" if name == "get-order" else "/health/live",',
    )
    assert changed != original
    services.write_text(changed)
    try:
        assembly = stage.synthesize("changed.out")
        lab = require(stage.folder)
        done = deploy(lab, assembly, lambda _: None)
        assert set(done.changed) == {
            f"acme-{region}-service-get-order" for region in ("us-east-1", "us-west-2")
        }
        assert all(claim.holds for claim in prove_estate(lab, assembly))
    finally:
        services.write_text(original)
        deploy(require(stage.folder), stage.app / "cdk.out", lambda _: None)


def test_the_proof_notices_what_is_not_as_declared(stage: Stage) -> None:
    lab, assembly = require(stage.folder), stage.app / "cdk.out"
    cloud = stage.cloud
    ec2 = cloud.client("ec2", "us-east-1")
    outputs = cloud.client("cloudformation", "us-east-1").describe_stacks(
        StackName="acme-us-east-1-network"
    )["Stacks"][0]["Outputs"]
    told = {one["OutputKey"]: one["OutputValue"] for one in outputs}
    (table,) = ec2.describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [told["RingSubnetA"]]}]
    )["RouteTables"]
    (gateway,) = ec2.describe_internet_gateways(
        Filters=[{"Name": "attachment.vpc-id", "Values": [told["VpcId"]]}]
    )["InternetGateways"]
    route = {"RouteTableId": table["RouteTableId"], "DestinationCidrBlock": "0.0.0.0/0"}
    ec2.create_route(**route, GatewayId=gateway["InternetGatewayId"])
    s3 = cloud.client("s3", "us-east-1")
    bucket = f"acme-us-east-1-backup-{lab.account}"
    s3.delete_public_access_block(Bucket=bucket)
    block = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration=block | {"RestrictPublicBuckets": False},
    )
    try:
        failing = [claim for claim in prove_estate(lab, assembly) if not claim.holds]
        assert [len(claim.faults) for claim in failing] == [1, 1]
        assert "ring subnets" in failing[0].sentence
        assert "buckets" in failing[1].sentence
        arguments = ("--folder", str(stage.folder), "--app", str(assembly))
        assert paved_road("lab", "prove", *arguments).returncode == 1
    finally:
        ec2.delete_route(**route)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert all(claim.holds for claim in prove_estate(lab, assembly))


def test_a_release_is_never_updated(stage: Stage) -> None:
    services = stage.app / "stacks" / "shapes.py"
    original = services.read_text()
    services.write_text(original.replace("maximum=60", "maximum=61"))
    try:
        assembly = stage.synthesize("other.out")
    finally:
        services.write_text(original)
    where = ("--estate", "acme", "--region", "us-east-1")
    command = ("paved-road", "release", "deploy", "place-order", "1", *where, "--app")
    same = lab_exec(stage, *command, str(stage.app / "cdk.out"), "--json")
    assert json.loads(same.stdout)[0]["action"] == "keep"
    refused = lab_exec(stage, *command, str(assembly))
    assert refused.returncode == 2
    assert "stands with another template" in " ".join(refused.stderr.split())
    assert "Resources.Group" in " ".join(refused.stderr.split())
    missing = lab_exec(stage, *command[:4], "7", *where, "--app", str(assembly))
    assert missing.returncode == 2
    assert "holds no stack acme-us-east-1-release-place-order-v007" in " ".join(
        missing.stderr.split()
    )


def test_a_second_release_starts_as_large_and_gets_no_traffic(stage: Stage) -> None:
    services = stage.app / "stacks" / "services.py"
    original = services.read_text()
    services.write_text(
        original.replace(
            "{1: Container.by_digest(name, NOT_PUBLISHED)}",
            "{n: Container.by_digest(name, NOT_PUBLISHED) for n in (1, 2)}",
        )
    )
    try:
        assembly = stage.synthesize("second.out")
    finally:
        services.write_text(original)
    groups = stage.cloud.client("autoscaling", "us-east-1")
    name = next(
        group["AutoScalingGroupName"]
        for group in groups.describe_auto_scaling_groups()["AutoScalingGroups"]
        if "release-place-order-v001" in group["AutoScalingGroupName"]
    )
    groups.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=5)
    where = ("--estate", "acme", "--region", "us-east-1")
    command = ("paved-road", "release", "deploy", "place-order", "2", *where, "--app")
    planned = lab_exec(stage, *command, str(assembly), "--dry-run", "--json")
    assert "starts with 5 instances, without traffic" in json.loads(planned.stdout)[0]["why"]
    done = lab_exec(stage, *command, str(assembly), "--json")
    assert done.returncode == 0, done.stderr
    listed = lab_exec(stage, "paved-road", "release", "list", "place-order", *where, "--json")
    standing = json.loads(listed.stdout)
    assert (
        [(one["release"], one["percent"], one["healthy"]) for one in standing]
        == [
            ("place-order-v001", 100.0, 5),
            ("place-order-v002", 0.0, 5),
        ]
        == [
            ("place-order-v001", 100.0, 5),
            ("place-order-v002", 0.0, 5),
        ]
    )
    groups.set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)


def test_a_teams_own_repository_deploys_onto_the_platforms_estate(
    stage: Stage, tmp_path: Path
) -> None:
    team = ROOT / "examples" / "team-repo"
    assembly = tmp_path / "cdk.out"
    lab = require(stage.folder)
    synthesize(lab, team, assembly)
    done = deploy(lab, assembly, lambda _: None)
    assert len(done.changed) == 6
    assert len(deploy_releases(lab, assembly, lambda _: None)) == 2
    claims = {claim.sentence: claim for claim in prove_estate(lab, assembly)}
    assert claims["each live rule points at a release's registered targets"].holds
    platform = stage.app / "cdk.out"
    assert deploy(lab, platform, lambda _: None).changed == ()
    where = ("--estate", "acme", "--region", "us-east-1")
    checked = lab_exec(stage, "paved-road", "estate", "check", *where, "--json")
    assert json.loads(checked.stdout)["dangling"] == []


def test_the_development_shape_stands_beside_it_and_can_be_deleted(stage: Stage) -> None:
    assembly = stage.synthesize("development.out", "shape=development")
    lab = require(stage.folder)
    deploy(lab, assembly, lambda _: None)
    close(lab, assembly)
    deploy_releases(lab, assembly, lambda _: None)
    assert all(claim.holds for claim in prove_estate(lab, assembly))
    cloudformation = stage.cloud.client("cloudformation", "us-east-1")
    deployed = [stack.name for stack in stacks(assembly)]
    standing = {one["StackName"] for one in cloudformation.describe_stacks()["Stacks"]} & {
        *deployed
    }
    # Whatever refers goes first: what rolls back, the live rule, releases, services, rings, then
    # the rest; of services those that call others.
    order = ("rollback", "routing", "release", "service", "ring", "artifacts", "backup", "network")
    for kind in order:
        of_kind = (one for one in standing if one.split("us-east-1-")[1].startswith(kind))
        for name in sorted(of_kind, key=deployed.index, reverse=True):
            cloudformation.delete_stack(StackName=name)
    left = {one["StackName"] for one in cloudformation.describe_stacks()["Stacks"]}
    assert not left & standing

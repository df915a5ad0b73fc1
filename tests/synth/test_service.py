"""Service, routing and release stacks."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stage

from paved_road.estate import EstateStack, Region
from paved_road.faults import PropsError
from paved_road.network import Network
from paved_road.ring import Ring
from paved_road.service import (
    Artifact,
    Capacity,
    Container,
    Exposure,
    Image,
    ReleaseStack,
    RoutingStack,
    Service,
    ServiceStack,
)
from paved_road_delivery.contract import LANES, ServiceOutput
from tests.findings import unexplained_findings
from tests.templates import Template, of_type

REGION = Region(estate="acme", name="us-east-1", zones="abc")
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0"
DIGEST = "sha256:" + 64 * "0"
CAPACITY = Capacity(minimum=3, maximum=60, requests_per_minute_per_target=400)


def service(app: App | Stage, **props: Any) -> Service:
    stack = ServiceStack(app, REGION, name="place-order", owner="orders")
    return Service(stack, "Service", network=Network.from_estate(stack, REGION), **props)


def release(app: App | Stage, number: int = 1, **props: Any) -> ReleaseStack:
    given: dict[str, Any] = {
        "service": "place-order",
        "owner": "orders",
        "artifact": Container.by_digest("place-order", DIGEST),
        "capacity": CAPACITY,
        **props,
    }
    return ReleaseStack(app, REGION, number=number, **given)


def template_of(stack: EstateStack) -> Template:
    app = stack.node.root
    assert isinstance(app, App)
    template: Template = app.synth().get_stack_by_name(stack.stack_name).template
    return template


@pytest.fixture(scope="module")
def internal() -> Template:
    made = service(App())
    ring = Ring.from_estate(made, REGION, "orders")
    made.connects_to(ring)
    made.connects_to(ring)
    made.connects_to(Service.from_estate(made, REGION, "track-order"))
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


@pytest.fixture(scope="module")
def public() -> Template:
    made = service(App(), exposure=Exposure.INTERNET, certificate_arn=CERTIFICATE)
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


@pytest.fixture(scope="module")
def routing() -> Template:
    return template_of(RoutingStack(App(), REGION, service="place-order", owner="orders"))


@pytest.fixture(scope="module")
def first() -> Template:
    return template_of(release(App()))


def groups(found: Template) -> dict[str, Any]:
    return {
        one["GroupDescription"]: one for one in of_type(found, "AWS::EC2::SecurityGroup").values()
    }


def test_an_internal_service_admits_nobody_until_somebody_is_named(internal: Template) -> None:
    (balancer,) = of_type(internal, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    assert balancer["Scheme"] == "internal"
    assert not groups(internal)["Load balancer of place-order"].get("SecurityGroupIngress")
    assert "0.0.0.0/0" not in json.dumps(
        [one.get("SecurityGroupIngress") for one in groups(internal).values()]
    )


def test_named_clients_and_testers_reach_their_own_listener_only() -> None:
    made = service(App(), clients=["10.9.0.0/16", "sg-0a"], testers=["10.8.0.0/24"])
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    rules = groups(template_of(stack))["Load balancer of place-order"]["SecurityGroupIngress"]
    admitted = [(one.get("CidrIp") or one["SourceSecurityGroupId"], one["ToPort"]) for one in rules]
    assert admitted == [("10.9.0.0/16", 80), ("sg-0a", 80), ("10.8.0.0/24", 8080)]


def test_a_public_service_answers_under_tls_only(public: Template) -> None:
    listeners = of_type(public, "AWS::ElasticLoadBalancingV2::Listener").values()
    assert {one["Protocol"] for one in listeners} == {"HTTPS"}
    assert {one["Port"] for one in listeners} == {443, 8443}
    assert all(one["SslPolicy"].startswith("ELBSecurityPolicy-TLS13") for one in listeners)
    (rule,) = groups(public)["Load balancer of place-order"]["SecurityGroupIngress"]
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == ("0.0.0.0/0", 443, 443)


def test_listeners_refuse_until_a_rule_forwards(internal: Template) -> None:
    for listener in of_type(internal, "AWS::ElasticLoadBalancingV2::Listener").values():
        (action,) = listener["DefaultActions"]
        assert action["FixedResponseConfig"]["StatusCode"] == "503"


def test_members_admit_the_load_balancer_alone(internal: Template) -> None:
    members = groups(internal)["Members of place-order"]
    assert "SecurityGroupIngress" not in members
    into_members = [
        one
        for one in of_type(internal, "AWS::EC2::SecurityGroupIngress").values()
        if "Members" in json.dumps(one["GroupId"])
    ]
    (only,) = into_members
    assert "Front" in json.dumps(only["SourceSecurityGroupId"])
    assert only["FromPort"] == only["ToPort"] == 8080


def test_no_rule_of_a_group_is_said_twice(internal: Template) -> None:
    """AWS refuses a rule that stands already, inline or as a resource of its own."""
    rules: list[tuple[str, ...]] = []
    for name, one in of_type(internal, "AWS::EC2::SecurityGroup").items():
        for rule in one.get("SecurityGroupEgress", ()):
            to = rule.get("DestinationSecurityGroupId", rule.get("CidrIp"))
            rules.append((name, json.dumps(to), str(rule["FromPort"])))
    for one in of_type(internal, "AWS::EC2::SecurityGroupEgress").values():
        group = one["GroupId"]["Fn::GetAtt"][0]
        to = json.dumps(one["DestinationSecurityGroupId"])
        rules.append((group, to, str(one["FromPort"])))
    assert len(set(rules)) == len(rules)


def test_connecting_twice_adds_one_rule_each_way_in_the_callers_stack(internal: Template) -> None:
    for kind in ("Ingress", "Egress"):
        rules = of_type(internal, f"AWS::EC2::SecurityGroup{kind}").values()
        assert [one["FromPort"] for one in rules if one["FromPort"] == 9042] == [9042]
        assert [one["FromPort"] for one in rules if one["FromPort"] == 80] == [80]


def test_everything_a_release_reads_is_published(internal: Template, first: Template) -> None:
    names = {value for name, value in vars(ServiceOutput).items() if not name.startswith("_")} - {
        ServiceOutput.IDLE_TARGET_GROUP
    }
    assert names <= internal["Outputs"].keys()
    read = json.dumps(first)
    reads = [name for name in internal["Outputs"] if f'"{name}"' in read]
    assert len(reads) >= 6


def test_what_is_watched_is_alarmed_on(internal: Template, first: Template) -> None:
    alarms = of_type(internal, "AWS::CloudWatch::Alarm").values()
    texts = " ".join(one["AlarmDescription"] for one in alarms)
    for part in ("errors of ours", "more than a second", "no healthy target", "turns connections"):
        assert part in texts
    healthy = [
        one
        for one in of_type(first, "AWS::CloudWatch::Alarm").values()
        if one.get("MetricName") == "HealthyHostCount"
    ]
    assert [one["TreatMissingData"] for one in healthy] == ["breaching"]
    assert len(of_type(internal, "AWS::CloudWatch::Dashboard")) == 1


def test_logs_are_encrypted_and_kept(internal: Template) -> None:
    ((name, logs),) = of_type(internal, "AWS::Logs::LogGroup").items()
    assert (logs["RetentionInDays"], "KmsKeyId" in logs) == (90, True)
    assert internal["Resources"][name]["DeletionPolicy"] == "Retain"


def test_routing_holds_one_rule_and_reads_no_stack(routing: Template) -> None:
    kinds = [one["Type"] for one in routing["Resources"].values()]
    assert kinds == ["AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert "Fn::GetStackOutput" not in json.dumps(routing)


def test_routing_takes_listener_targets_and_weights_from_parameters(
    routing: Template, internal: Template
) -> None:
    given = {
        one["Default"] for name, one in routing["Parameters"].items() if name != "BootstrapVersion"
    }
    assert len(given) == 1 + 2 * len(LANES)
    assert all(
        one["Type"] == "AWS::SSM::Parameter::Value<String>"
        for one in routing["Parameters"].values()
    )
    made = {one["Name"] for one in of_type(internal, "AWS::SSM::Parameter").values()}
    assert given == made


def test_no_lane_shares_a_target_group_and_one_has_weight(internal: Template) -> None:
    values = {
        one["Name"]: one["Value"] for one in of_type(internal, "AWS::SSM::Parameter").values()
    }
    arns = [json.dumps(v) for name, v in values.items() if name.endswith("target-group")]
    weights = [v for name, v in values.items() if name.endswith("weight")]
    assert len(set(arns)) == len(LANES)
    assert sorted(weights) == ["0", "0", "1"]


def test_group_stickiness_is_off(routing: Template) -> None:
    (rule,) = of_type(routing, "AWS::ElasticLoadBalancingV2::ListenerRule").values()
    assert "TargetGroupStickinessConfig" not in rule["Actions"][0]["ForwardConfig"]


def test_a_release_spans_all_zones_and_starts_as_large_as_it_is_told(first: Template) -> None:
    ((name, group),) = of_type(first, "AWS::AutoScaling::AutoScalingGroup").items()
    assert len(group["VPCZoneIdentifier"]) == 3
    assert group["MinSize"] == {"Ref": "Floor"}
    assert "DesiredCapacity" not in group
    policy = first["Resources"][name]["CreationPolicy"]["ResourceSignal"]
    assert policy == {"Count": {"Ref": "Floor"}, "Timeout": "PT15M"}
    assert {name: one.get("Default") for name, one in first["Parameters"].items()} | {
        "Cell": "testers",
        "Priority": 1,
        "Floor": 3,
    } == {name: one.get("Default") for name, one in first["Parameters"].items()}


def test_a_release_scales_on_requests_and_cpu(first: Template) -> None:
    tracked = [
        one["TargetTrackingConfiguration"]
        for one in of_type(first, "AWS::AutoScaling::ScalingPolicy").values()
    ]
    targets = {
        one["PredefinedMetricSpecification"]["PredefinedMetricType"]: one["TargetValue"]
        for one in tracked
    }
    assert targets == {"ALBRequestCountPerTarget": 400, "ASGAverageCPUUtilization": 60}


def test_a_release_is_seen_on_the_test_listener_only(first: Template) -> None:
    (rule,) = of_type(first, "AWS::ElasticLoadBalancingV2::ListenerRule").values()
    assert rule["ListenerArn"]["Fn::GetStackOutput"]["OutputName"] == "TestListenerArn"
    (condition,) = rule["Conditions"]
    header = condition["HttpHeaderConfig"]
    assert header == {
        "HttpHeaderName": "x-cell",
        "Values": [{"Ref": "Cell"}, "place-order-v001"],
    }


def test_instances_are_private_hardened_and_run_the_digest(first: Template) -> None:
    (launch,) = of_type(first, "AWS::EC2::LaunchTemplate").values()
    data = launch["LaunchTemplateData"]
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    assert data["NetworkInterfaces"][0]["AssociatePublicIpAddress"] is False
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert "KeyName" not in data
    script = json.dumps(data["UserData"])
    assert DIGEST in script
    assert "--cap-drop ALL" in script


def test_a_release_carries_nothing_of_the_library_or_the_moment(first: Template) -> None:
    assert "CDKMetadata" not in first["Resources"]
    again = template_of(release(App(context={"irrelevant": "context"})))
    assert again == first


@pytest.mark.parametrize("exposure", list(Exposure))
@pytest.mark.parametrize("deletable", [False, True])
@pytest.mark.parametrize("artifact", [Container("x", DIGEST), Image("ami-0123456789abcdef0")])
def test_no_finding_is_unexplained(
    tmp_path: Path, exposure: Exposure, deletable: bool, artifact: Artifact
) -> None:
    public = exposure is Exposure.INTERNET

    def fill(app: App) -> None:
        made = service(
            app,
            exposure=exposure,
            certificate_arn=CERTIFICATE if public or deletable else None,
            clients=() if public else ("10.9.0.0/16",),
            testers=("10.8.0.0/24",),
            deletable=deletable,
            alarm_actions=("arn:aws:sns:us-east-1:123456789012:page",) if deletable else (),
        )
        made.connects_to(Ring.from_estate(made, REGION, "orders"))
        made.connects_to(Service.from_estate(made, REGION, "track-order", tls=True))
        RoutingStack(app, REGION, service="place-order", owner="orders")
        release(Stage(app, "releases"), artifact=artifact, instance_type="m7i.large")

    assert unexplained_findings(tmp_path, fill) == []


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"exposure": Exposure.INTERNET}, "certificate_arn must be given"),
    ({"clients": ["0.0.0.0/0"]}, "clients must name who may call.*got '0.0.0.0/0'"),
    ({"testers": ["*"]}, "testers must name IPv4 ranges or security groups.*got '\\*'"),
    (
        {"certificate_arn": CERTIFICATE.replace("us-east-1", "eu-west-1")},
        "certificate_arn must be a certificate of ACM in us-east-1",
    ),
    ({"member_port": 80}, "member_port must be between 1024 and 65535"),
    ({"health_path": "health"}, "health_path must start with a slash, got 'health'"),
    ({"log_retention_days": 42}, "log_retention_days must be one that CloudWatch Logs knows"),
]


@pytest.mark.parametrize(("props", "sentence"), REFUSED)
def test_a_service_refuses_in_a_sentence(props: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PropsError, match=sentence):
        service(App(), **props)


def test_several_faults_of_a_service_come_together() -> None:
    with pytest.raises(PropsError) as refused:
        service(App(), clients=["0.0.0.0/0"], member_port=1, health_path="x")
    assert len(refused.value.faults) == 3


def test_a_service_stands_once() -> None:
    app = App()
    ServiceStack(app, REGION, name="place-order", owner="orders")
    with pytest.raises(PropsError, match=r"name must differ .*got 'place-order' twice"):
        ServiceStack(app, REGION, name="place-order", owner="orders")


def test_a_name_too_long_for_what_is_derived_from_it_is_refused() -> None:
    with pytest.raises(PropsError, match="name must have at most 40 characters"):
        ServiceStack(App(), REGION, name="x" * 41, owner="orders")


RELEASES_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"number": 0}, "number must be between 1 and 999"),
    ({"number": 1000}, "number must be between 1 and 999"),
    ({"artifact": Container("x", "latest")}, "artifact.digest must be sha256:.*got 'latest'"),
    ({"artifact": Container("x:1", DIGEST)}, "artifact.repository must be a repository's name"),
    ({"artifact": Image("latest")}, "artifact.image_id must be an AMI's id"),
    (
        {"capacity": Capacity(minimum=3, maximum=2, requests_per_minute_per_target=1)},
        r"capacity.maximum must be at least capacity.minimum \(3\), got 2",
    ),
    (
        {"capacity": Capacity(minimum=0, maximum=2, requests_per_minute_per_target=0)},
        "capacity.minimum must be at least 1 instance",
    ),
]


@pytest.mark.parametrize(("props", "sentence"), RELEASES_REFUSED)
def test_a_release_refuses_in_a_sentence(props: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PropsError, match=sentence):
        release(App(), **props)

"""A ring's template: what must be in it, and what must never be."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from paved_road.estate import EstateStack, Region
from paved_road.faults import PropsError
from paved_road.network import NetworkView, OwnNetwork, Tier
from paved_road.ring import Ring, RingView, instances
from paved_road_contract import tags
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.contract import (
    DATA_CENTER_TAG,
    LAUNCH_HOOK,
    PARTITION_KEY,
    RACK_TAG,
    SORT_KEY,
    TERMINATION_HOOK,
    NodeFile,
)

Resources = Mapping[str, Mapping[str, Any]]


def in_region(zones: str = "abc", name: str = "us-east-1") -> Region:
    return Region(estate="acme", name=name, zones=zones, cidr="10.0.0.0/16")


def subnet(tier: Tier, zone: str) -> str:
    return f"subnet-{list(Tier).index(tier)}{zone * 16}"


def network(region: Region) -> NetworkView:
    return OwnNetwork(
        region=region,
        vpc_id="vpc-0123456789abcdef0",
        cidr="10.0.0.0/16",
        subnets={tier: tuple(subnet(tier, letter) for letter in region.zones) for tier in Tier},
        endpoint_security_group_id="sg-0123456789abcdef0",
        access_log_bucket="logs",
        logs_key_arn="arn:aws:kms:us-east-1:123456789012:key/logs",
    )


@dataclass
class Bucket:
    """Stands for the region's backup bucket and remembers what it granted."""

    bucket_name: str = "acme-backups"
    granted: list[str] = field(default_factory=list)

    def grant_write(self, role: iam.IRole, *, prefix: str) -> None:
        assert isinstance(role, iam.Role)
        self.granted.append(prefix)


PROPS: dict[str, Any] = {
    "name": "orders",
    "backup": None,
    "nodes_per_rack": 2,
    "instance_type": "i8g.2xlarge",
}


def ring(stack: EstateStack, **changed: object) -> Ring:
    props = {"region": stack.estate_region, "network": network(stack.estate_region), **PROPS}
    return Ring(stack, "Ring", **(props | changed))


def ring_stack(
    region: Region | None = None, app: App | None = None, name: str = "orders", **changed: object
) -> EstateStack:
    stack = EstateStack(
        app or App(),
        region or in_region(),
        Kind.RING,
        name,
        owner="platform",
        description="A ring",
    )
    ring(stack, name=name, **changed)
    return stack


def of_type(template: Template, kind: str) -> Iterator[Mapping[str, Any]]:
    resources: Resources = template.to_json()["Resources"]
    return (entry for entry in resources.values() if entry["Type"] == kind)


def properties(template: Template, kind: str) -> list[Mapping[str, Any]]:
    return [entry["Properties"] for entry in of_type(template, kind)]


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.from_stack(ring_stack())


@pytest.fixture(scope="module")
def deletable() -> Template:
    return Template.from_stack(ring_stack(deletable=True))


class TestRacks:
    def test_each_rack_is_a_group_in_one_zone(self, template: Template) -> None:
        groups = properties(template, "AWS::AutoScaling::AutoScalingGroup")
        assert [group["VPCZoneIdentifier"] for group in groups] == [
            [subnet(Tier.RING, "a")],
            [subnet(Tier.RING, "b")],
            [subnet(Tier.RING, "c")],
        ]
        marks = [{tag["Key"]: tag["Value"] for tag in group["Tags"]} for group in groups]
        assert [mark[RACK_TAG] for mark in marks] == ["us-east-1a", "us-east-1b", "us-east-1c"]
        assert {mark[DATA_CENTER_TAG] for mark in marks} == {"us-east-1-g1"}
        assert {mark[tags.RING] for mark in marks} == {"orders"}

    def test_nothing_but_the_template_changes_a_racks_size(self, template: Template) -> None:
        template.all_resources_properties(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "MinSize": "2",
                "MaxSize": "2",
                "DesiredCapacity": "2",
                "NewInstancesProtectedFromScaleIn": True,
                "MaxInstanceLifetime": Match.absent(),
                "CapacityRebalance": Match.absent(),
            },
        )
        for kind in ("ScalingPolicy", "ScheduledAction", "WarmPool"):
            template.resource_count_is(f"AWS::AutoScaling::{kind}", 0)
        for group in of_type(template, "AWS::AutoScaling::AutoScalingGroup"):
            assert "UpdatePolicy" not in group

    def test_hooks_exist_before_the_first_instance_and_keep_a_silent_nodes_disk(
        self, template: Template
    ) -> None:
        template.all_resources_properties(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "DeletionProtection": "prevent-all-deletion",
                "InstanceLifecyclePolicy": {
                    "RetentionTriggers": {"TerminateHookAbandon": "retain"}
                },
                "LifecycleHookSpecificationList": [
                    {
                        "LifecycleHookName": LAUNCH_HOOK,
                        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
                        "DefaultResult": "ABANDON",
                        "HeartbeatTimeout": 1800,
                    },
                    {
                        "LifecycleHookName": TERMINATION_HOOK,
                        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
                        "DefaultResult": "ABANDON",
                        "HeartbeatTimeout": 1800,
                    },
                ],
            },
        )
        template.resource_count_is("AWS::AutoScaling::LifecycleHook", 0)

    def test_root_volumes_can_be_replaced_in_place(self, template: Template) -> None:
        image = {"Ref": Match.string_like_regexp("Image")}
        template.all_resources_properties(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "LaunchTemplate": Match.absent(),
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": {
                            "LaunchTemplateId": {"Ref": Match.any_value()},
                            "Version": {"Fn::GetAtt": [Match.any_value(), "LatestVersionNumber"]},
                        },
                        "Overrides": [{"InstanceType": "i8g.2xlarge", "ImageId": image}],
                    },
                    "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 100},
                },
            },
        )

    def test_nodes_are_private_encrypted_and_without_keys(self, template: Template) -> None:
        template.all_resources_properties(
            "AWS::EC2::LaunchTemplate",
            {
                "LaunchTemplateData": {
                    "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
                    "BlockDeviceMappings": [
                        {"DeviceName": "/dev/xvda", "Ebs": Match.object_like({"Encrypted": True})}
                    ],
                    "NetworkInterfaces": [
                        Match.object_like({"AssociatePublicIpAddress": False, "DeviceIndex": 0})
                    ],
                    "Monitoring": {"Enabled": True},
                    "DisableApiStop": True,
                    "DisableApiTermination": True,
                    "KeyName": Match.absent(),
                    "InstanceMarketOptions": Match.absent(),
                    "TagSpecifications": [
                        Match.object_like({"ResourceType": "volume"}),
                        Match.object_like({"ResourceType": "network-interface"}),
                    ],
                }
            },
        )

    def test_a_node_is_told_who_it_is_and_runs_nothing(self, template: Template) -> None:
        racks = []
        for launch in properties(template, "AWS::EC2::LaunchTemplate"):
            joined = launch["LaunchTemplateData"]["UserData"]["Fn::Base64"]["Fn::Join"][1]
            told = NodeFile.from_user_data(
                "".join(part if isinstance(part, str) else part["Ref"] for part in joined)
            )
            assert (told.estate, told.ring, told.region) == ("acme", "orders", "us-east-1")
            assert told.data_center == "us-east-1-g1"
            assert told.slot_table in template.find_resources("AWS::DynamoDB::Table")
            assert told.log_group in template.find_resources("AWS::Logs::LogGroup")
            assert told.backup_bucket is None
            racks.append(told.rack)
        assert racks == ["us-east-1a", "us-east-1b", "us-east-1c"]

    @pytest.mark.parametrize("type_", ["i8g.2xlarge", "i7i.2xlarge"])
    def test_the_image_fits_the_processor(self, type_: str) -> None:
        ring_template = Template.from_stack(ring_stack(instance_type=type_))
        ring_template.has_parameter(
            "*",
            {
                "Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
                "Default": "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
                + instances()[type_].architecture.value,
            },
        )

    def test_an_image_of_ones_own_is_used_as_it_is(self) -> None:
        own = Template.from_stack(ring_stack(image_id="ami-0123456789abcdef0"))
        own.all_resources_properties(
            "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": {"ImageId": "ami-0123456789abcdef0"}}
        )
        assert "Image" not in json.dumps(own.find_parameters("*"))

    def test_racks_may_be_other_zones_than_the_first(self) -> None:
        chosen = Template.from_stack(ring_stack(in_region("abcd"), zones="acd"))
        groups = properties(chosen, "AWS::AutoScaling::AutoScalingGroup")
        assert [group["VPCZoneIdentifier"] for group in groups] == [
            [subnet(Tier.RING, "a")],
            [subnet(Tier.RING, "c")],
            [subnet(Tier.RING, "d")],
        ]

    def test_a_new_generation_leaves_nothing_of_the_old_one_in_place(
        self, template: Template
    ) -> None:
        groups = set(template.find_resources("AWS::AutoScaling::AutoScalingGroup"))
        second = Template.from_stack(ring_stack(generation=2))
        assert not groups & set(second.find_resources("AWS::AutoScaling::AutoScalingGroup"))
        for kind in ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::EC2::SecurityGroup"):
            assert set(template.find_resources(kind)) == set(second.find_resources(kind))


class TestFirewall:
    def test_nodes_talk_to_nodes_under_tls_only(self, template: Template) -> None:
        group = {"Fn::GetAtt": [Match.string_like_regexp("Nodes"), "GroupId"]}
        rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 7001, "ToPort": 7001}
        for kind, other in (
            ("AWS::EC2::SecurityGroupIngress", "SourceSecurityGroupId"),
            ("AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId"),
        ):
            template.resource_count_is(kind, 1)
            template.has_resource_properties(kind, rule | {other: group})

    def test_no_address_may_come_in_and_only_https_goes_out(self, template: Template) -> None:
        (group,) = properties(template, "AWS::EC2::SecurityGroup")
        assert "SecurityGroupIngress" not in group
        assert [(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [
            (443, 443)
        ]
        for rule in properties(template, "AWS::EC2::SecurityGroupIngress"):
            assert not {"CidrIp", "CidrIpv6"} & set(rule)

    def test_jmx_and_plain_gossip_are_nowhere(self, template: Template) -> None:
        text = json.dumps(template.to_json())
        assert "7199" not in text
        assert "7000" not in text

    def test_clients_are_admitted_in_their_own_stack(self, template: Template) -> None:
        app = App()
        owner = ring_stack(app=app)
        client = EstateStack(
            app, in_region(), Kind.SERVICE, "place-order", owner="orders", description="A service"
        )
        found = Ring.from_estate(client, in_region(), "orders")
        found.allow_clients_from(client, "sg-0123456789abcdef1")
        Template.from_stack(client).has_resource_properties(
            "AWS::EC2::SecurityGroupIngress",
            {
                "GroupId": {
                    "Fn::GetStackOutput": Match.object_like({"OutputName": "NodeSecurityGroupId"})
                },
                "SourceSecurityGroupId": "sg-0123456789abcdef1",
                "FromPort": 9042,
                "ToPort": 9042,
            },
        )
        assert Template.from_stack(owner).to_json() == template.to_json()
        assert client.dependencies == [owner]

    def test_a_ring_made_and_a_ring_found_look_the_same(self) -> None:
        stack = EstateStack(
            App(), in_region(), Kind.RING, "orders", owner="platform", description="A"
        )
        view = ring(stack).view
        assert isinstance(view, RingView)
        assert (view.name, view.data_center, view.native_port) == ("orders", "us-east-1-g1", 9042)


class TestOutputs:
    def test_what_others_read_has_names_that_never_change(self, template: Template) -> None:
        outputs = template.to_json()["Outputs"]
        assert set(outputs) == {
            *("DataCenter", "KeyArn", "NativePort", "NodeRoleArn"),
            *("NodeSecurityGroupId", "SlotTableArn", "SlotTableName"),
        }
        assert outputs["DataCenter"]["Value"] == "us-east-1-g1"
        assert outputs["NativePort"]["Value"] == "9042"
        assert not any("Export" in output for output in outputs.values())


class TestState:
    def test_the_slot_table_survives_everything(self, template: Template) -> None:
        template.has_resource(
            "AWS::DynamoDB::Table",
            {
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "DeletionProtectionEnabled": True,
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                    "SSESpecification": Match.object_like({"SSEEnabled": True, "SSEType": "KMS"}),
                    "KeySchema": [
                        {"AttributeName": PARTITION_KEY, "KeyType": "HASH"},
                        {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
                    ],
                },
            },
        )

    def test_the_key_rotates_and_stays(self, template: Template) -> None:
        template.has_resource(
            "AWS::KMS::Key",
            {
                "DeletionPolicy": "Retain",
                "Properties": Match.object_like({"EnableKeyRotation": True}),
            },
        )

    def test_logs_are_encrypted_and_end(self, template: Template) -> None:
        template.has_resource_properties(
            "AWS::Logs::LogGroup",
            {"RetentionInDays": 90, "KmsKeyId": {"Fn::GetAtt": [Match.any_value(), "Arn"]}},
        )

    def test_a_deletable_ring_leaves_nothing_behind(self, deletable: Template) -> None:
        assert "Retain" not in json.dumps(deletable.to_json())
        deletable.has_resource_properties(
            "AWS::DynamoDB::Table", {"DeletionProtectionEnabled": False}
        )
        deletable.all_resources_properties(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "DeletionProtection": "none",
                "NewInstancesProtectedFromScaleIn": False,
                "InstanceLifecyclePolicy": {
                    "RetentionTriggers": {"TerminateHookAbandon": "terminate"}
                },
            },
        )
        for group in properties(deletable, "AWS::AutoScaling::AutoScalingGroup"):
            launch, terminate = group["LifecycleHookSpecificationList"]
            assert launch["DefaultResult"] == "ABANDON"
            assert terminate["DefaultResult"] == "CONTINUE"


class TestAccess:
    def statements(self, template: Template) -> dict[str, Mapping[str, Any]]:
        (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
        return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}

    def test_no_action_is_a_pattern_and_none_deletes_or_resumes(self, template: Template) -> None:
        for statement in self.statements(template).values():
            for action in statement["Action"]:
                assert "*" not in action
                assert not action.partition(":")[2].startswith(("Delete", "Resume", "Pass"))

    def test_wildcard_resources_are_conditional_or_read_only(self, template: Template) -> None:
        for sid, statement in self.statements(template).items():
            if statement["Resource"] in ("*", ["*"]) and "Condition" not in statement:
                assert sid in {"Observe", "Sessions"}

    def test_a_node_acts_on_its_own_rings_groups_only(self, template: Template) -> None:
        groups = self.statements(template)["Groups"]
        assert groups["Condition"] == {
            "StringEquals": {
                "autoscaling:ResourceTag/paved-road:estate": "acme",
                "autoscaling:ResourceTag/paved-road:ring": "orders",
            }
        }

    def test_backups_go_under_the_rings_own_prefix(self) -> None:
        bucket = Bucket()
        backed_up = Template.from_stack(ring_stack(backup=bucket))
        assert bucket.granted == ["rings/orders/"]
        assert (
            '\\"backup_bucket\\": \\"acme-backups\\"'
            in json.loads(json.dumps(properties(backed_up, "AWS::EC2::LaunchTemplate")[0]))[
                "LaunchTemplateData"
            ]["UserData"]["Fn::Base64"]["Fn::Join"][1][0]
        )


class TestMonitoring:
    def test_a_rack_that_lacks_a_node_alarms_even_when_nothing_reports(
        self, template: Template
    ) -> None:
        short = template.find_resources(
            "AWS::CloudWatch::Alarm",
            {
                "Properties": {
                    "MetricName": "GroupInServiceInstances",
                    "Threshold": 2,
                    "ComparisonOperator": "LessThanThreshold",
                    "TreatMissingData": "breaching",
                }
            },
        )
        assert len(short) == 3
        template.all_resources_properties(
            "AWS::AutoScaling::AutoScalingGroup",
            {
                "MetricsCollection": [
                    {
                        "Granularity": "1Minute",
                        "Metrics": Match.array_with(["GroupInServiceInstances"]),
                    }
                ]
            },
        )

    def test_alarms_page_whom_the_estate_names(self) -> None:
        topic = "arn:aws:sns:us-east-1:123456789012:pages"
        paging = Template.from_stack(ring_stack(alarm_actions=[topic]))
        paging.all_resources_properties(
            "AWS::CloudWatch::Alarm", {"AlarmActions": [topic], "OKActions": [topic]}
        )

    def test_every_alarm_has_its_curve_on_the_dashboard(self, template: Template) -> None:
        (dashboard,) = properties(template, "AWS::CloudWatch::Dashboard")
        parts = dashboard["DashboardBody"]["Fn::Join"][1]
        body = json.loads("".join(p if isinstance(p, str) else p["Ref"] for p in parts))
        shown = {widget["properties"]["metrics"][0][1] for widget in body["widgets"]}
        alarmed = {one["MetricName"] for one in properties(template, "AWS::CloudWatch::Alarm")}
        assert shown == alarmed


class TestWhole:
    def test_the_template_is_the_same_for_3_nodes_and_for_999(self) -> None:
        small, large = (
            json.dumps(Template.from_stack(ring_stack(nodes_per_rack=nodes)).to_json())
            for nodes in (1, 333)
        )
        digits = "0123456789"
        assert small.translate(str.maketrans("", "", digits)) == large.translate(
            str.maketrans("", "", digits)
        )
        assert len(large) - len(small) < 100

    def test_the_same_props_make_the_same_bytes(self, template: Template) -> None:
        again = Template.from_stack(ring_stack())
        assert json.dumps(again.to_json()) == json.dumps(template.to_json())

    def test_nothing_is_public_and_no_other_region_is_named(self, template: Template) -> None:
        text = json.dumps(template.to_json())
        assert '"AssociatePublicIpAddress": true' not in text
        assert "us-west-2" not in text

    def test_every_taggable_resource_says_whose_it_is(self, template: Template) -> None:
        for kind in ("KMS::Key", "DynamoDB::Table", "Logs::LogGroup", "IAM::Role"):
            (one,) = properties(template, f"AWS::{kind}")
            keys = {tag["Key"] for tag in one["Tags"]}
            assert {*tags.MANDATORY, tags.RING} <= keys

    def test_no_rule_pack_finds_anything_unexplained_in_any_combination(self) -> None:
        app = App()
        names = (f"ring-{number}" for number in count())
        for type_ in instances():
            ring_stack(app=app, name=next(names), instance_type=type_)
        five = in_region("abcde")
        for deletable in (False, True):
            for bucket in (None, Bucket()):
                for region in (in_region(), five):
                    ring_stack(
                        region,
                        app,
                        name=next(names),
                        replication_factor=len(region.zones),
                        deletable=deletable,
                        backup=bucket,
                    )
        ring_stack(app=app, name=next(names), image_id="ami-0123456789abcdef0")
        ring_stack(app=app, name=next(names), alarm_actions=["arn:aws:sns:us-east-1:1:pages"])
        owned = Region(estate="acme", name="us-west-2", zones="abc", account="123456789012")
        ring_stack(owned, app, name=next(names))
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
        report = Path(app.synth().directory) / "validation-report.json"
        assert json.loads(report.read_text(encoding="utf-8"))["pluginReports"] == []


BAD = {
    "no node": ({"nodes_per_rack": 0}, "nodes_per_rack must be at least 1, got 0"),
    "too many": ({"nodes_per_rack": 342}, "nodes_per_rack must make at most 1024 nodes .* got 342"),
    "quorum": ({"replication_factor": 2}, "replication_factor must be at least 3, .* got 2"),
    "too many replicas": (
        {"replication_factor": 4},
        "replication_factor must be at most 3, the zones of us-east-1.* got 4",
    ),
    "racks": ({"zones": "ab"}, "zones must name 3 racks, one for each replica, got 'ab'"),
    "twice": ({"zones": "aab"}, "zones must differ, got 'aab'"),
    "unknown zone": ({"zones": "abd"}, "zones must be among the zones 'abc' .* got 'abd'"),
    "vnodes": ({"tokens_per_node": 16}, "tokens_per_node must be 1, .* got 16"),
    "generation": ({"generation": 0}, "generation must be at least 1, got 0"),
    "no disk": (
        {"instance_type": "m8g.large"},
        "instance_type must have instance store .* i8g.2xlarge, .* got 'm8g.large'",
    ),
    "image": ({"image_id": "al2023"}, "image_id must be an AMI's id, got 'al2023'"),
    "retention": ({"log_retention_days": 2}, "log_retention_days must be one that .*got 2"),
    "name": ({"name": "Orders"}, "name must be lower-case .* got 'Orders'"),
    "long name": ({"name": "o" * 41}, "name must have at most 40 characters"),
    "far network": (
        {"network": network(in_region(name="us-west-2"))},
        "network must stand in us-east-1, got 'us-west-2'",
    ),
    "thin network": (
        {"network": network(in_region("abcd"))},
        "network must have a ring subnet in each of the 3 zones of us-east-1, got 4",
    ),
}


@pytest.fixture(scope="module")
def empty() -> EstateStack:
    return EstateStack(App(), in_region(), Kind.RING, "orders", owner="platform", description="A")


@pytest.mark.parametrize(("changed", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_props_are_refused_in_a_sentence(
    empty: EstateStack, changed: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(PropsError, match=sentence):
        ring(empty, **changed)
    assert empty.node.children == []


def test_all_faults_come_together(empty: EstateStack) -> None:
    with pytest.raises(PropsError) as refused:
        ring(
            empty,
            name="Orders!",
            nodes_per_rack=0,
            instance_type="m8g.large",
            replication_factor=7,
            zones="xx",
            generation=0,
            tokens_per_node=256,
            log_retention_days=4,
        )
    properties_at_fault = {fault.split()[0] for fault in refused.value.faults}
    assert properties_at_fault == {
        *("name", "nodes_per_rack", "instance_type", "replication_factor", "zones"),
        *("generation", "tokens_per_node", "log_retention_days"),
    }

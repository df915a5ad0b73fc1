"""A ring's racks: groups of fixed size, their hooks, launch templates and images."""

import json

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Match, Template

from paved_road.network import Tier
from paved_road.ring import BundlePin, instances
from paved_road_contract import tags
from paved_road_ring_agent.contract import (
    DATA_CENTER_TAG,
    LAUNCH_HOOK,
    RACK_TAG,
    TERMINATION_HOOK,
    NodeFile,
)
from paved_road_ring_agent.software import Wanted
from tests.synth.ring.rings import (
    Artifacts,
    in_region,
    of_type,
    properties,
    ring_stack,
    subnet,
)


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

    def test_what_nodes_need_stands_before_them_and_goes_after_them(self) -> None:
        """Deleting a stack is refused at its protected groups; nothing is taken before that."""

        class Granting(Artifacts):
            def grant_read_bundles(self, role: iam.IRole) -> None:
                iam.Grant.add_to_principal(
                    grantee=role, actions=["s3:GetObject"], resource_arns=["arn:aws:s3:::a/*"]
                )

        found = Template.from_stack(ring_stack(artifacts=Granting()))
        needed = {
            name
            for kind in (
                "AWS::EC2::SecurityGroupEgress",
                "AWS::EC2::SecurityGroupIngress",
                "AWS::IAM::ManagedPolicy",
                "AWS::IAM::Policy",
            )
            for name in found.find_resources(kind)
        }
        assert len(needed) == 4
        for group in of_type(found, "AWS::AutoScaling::AutoScalingGroup"):
            assert needed <= set(group["DependsOn"])

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

    def test_a_node_is_told_who_it_is_and_where_its_bundles_stand(self, template: Template) -> None:
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
            assert told.artifact_bucket == "acme-artifacts"
            assert told.disks == instances()["i8g.2xlarge"].nvme_count
            racks.append(told.rack)
        assert racks == ["us-east-1a", "us-east-1b", "us-east-1c"]

    def test_another_bundle_changes_its_parameter_and_nothing_else(
        self, template: Template
    ) -> None:
        other = BundlePin.pinned("5.0.8", 64 * "b")
        before = template.to_json()["Resources"]
        after = Template.from_stack(ring_stack(bundle=other)).to_json()["Resources"]
        assert before.keys() == after.keys()
        (parameter,) = (name for name in before if before[name] != after[name])
        told = after[parameter]["Properties"]
        assert told["Name"] == "/acme/rings/orders/bundle"
        assert Wanted.from_json(told["Value"]) == other.wanted

    def test_no_node_is_launched_before_it_can_ask_what_it_should_run(
        self, template: Template
    ) -> None:
        wanted = template.find_resources(
            "AWS::SSM::Parameter", {"Properties": {"Name": "/acme/rings/orders/bundle"}}
        )
        groups = template.find_resources("AWS::AutoScaling::AutoScalingGroup")
        assert all(wanted.keys() < set(group["DependsOn"]) for group in groups.values())

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

"""What a ring keeps: its slot table, key and logs, and what a deletable one leaves."""

import json

import pytest
from aws_cdk.assertions import Match, Template

from paved_road_ring_agent.contract import PARTITION_KEY, SORT_KEY
from tests.synth.ring.rings import properties, ring_stack


@pytest.fixture(scope="module")
def deletable() -> Template:
    return Template.from_stack(ring_stack(deletable=True))


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

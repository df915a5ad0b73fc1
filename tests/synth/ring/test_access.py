"""What a ring's nodes may do in AWS, and where their backups go."""

import json
from collections.abc import Mapping
from typing import Any

from aws_cdk.assertions import Template

from tests.synth.ring.rings import Bucket, properties, ring_stack


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

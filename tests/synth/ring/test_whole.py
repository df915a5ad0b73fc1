"""A ring's whole template: its outputs, tags, size, sameness and rule pack findings."""

import json
from itertools import count
from pathlib import Path

from aws_cdk import App, Validations
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from paved_road.estate import Region
from paved_road.ring import instances
from paved_road_contract import tags
from tests.synth.ring.rings import Bucket, in_region, properties, ring_stack


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

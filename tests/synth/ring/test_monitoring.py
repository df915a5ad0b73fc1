"""A ring's alarms and dashboard."""

import json

from aws_cdk.assertions import Match, Template

from paved_road_ring_agent import metric_names
from tests.synth.ring.rings import Bucket, properties, ring_stack


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

    def test_a_ring_that_is_backed_up_alarms_when_it_is_not(self) -> None:
        backed_up = Template.from_stack(ring_stack(backup=Bucket()))
        for name, bound, minutes, missing in (
            (metric_names.BACKUP_AGE, 10_800, 30, "breaching"),
            (metric_names.BACKUP_FAILURES, 2, 15, "notBreaching"),
            (metric_names.BACKUP_SLOTS_MISSING, 0, 60, "notBreaching"),
            (metric_names.LOGS_AGE, 300, 10, "notBreaching"),
        ):
            backed_up.has_resource_properties(
                "AWS::CloudWatch::Alarm",
                {
                    "MetricName": name,
                    "Statistic": "Maximum",
                    "ComparisonOperator": "GreaterThanThreshold",
                    "Threshold": bound,
                    "EvaluationPeriods": minutes,
                    "Period": 60,
                    "TreatMissingData": missing,
                },
            )

    def test_a_ring_without_a_bucket_has_no_alarm_that_would_never_end(
        self, template: Template
    ) -> None:
        alarmed = {one["MetricName"] for one in properties(template, "AWS::CloudWatch::Alarm")}
        assert not {name for name in alarmed if "Backup" in name}

    def test_alarms_page_whom_the_estate_names(self) -> None:
        topic = "arn:aws:sns:us-east-1:123456789012:pages"
        paging = Template.from_stack(ring_stack(alarm_actions=[topic]))
        paging.all_resources_properties(
            "AWS::CloudWatch::Alarm", {"AlarmActions": [topic], "OKActions": [topic]}
        )

    def test_every_alarm_has_its_curve_on_the_dashboard(self) -> None:
        template = Template.from_stack(ring_stack(backup=Bucket()))
        (dashboard,) = properties(template, "AWS::CloudWatch::Dashboard")
        parts = dashboard["DashboardBody"]["Fn::Join"][1]
        body = json.loads("".join(p if isinstance(p, str) else p["Ref"] for p in parts))
        shown = {widget["properties"]["metrics"][0][1] for widget in body["widgets"]}
        alarmed = {one["MetricName"] for one in properties(template, "AWS::CloudWatch::Alarm")}
        assert shown == alarmed

"""A ring's alarms and dashboard."""

import json

from aws_cdk.assertions import Match, Template

from tests.synth.ring.rings import properties, ring_stack


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

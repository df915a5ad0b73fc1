"""Who may talk to a ring's nodes, and who never may."""

import json

from aws_cdk import App
from aws_cdk.assertions import Match, Template

from paved_road.estate import EstateStack
from paved_road.ring import Ring, RingView
from paved_road_contract.stacks import Kind
from tests.synth.ring.rings import in_region, properties, ring, ring_stack


class TestFirewall:
    def test_nodes_talk_to_nodes_under_tls_only(self, template: Template) -> None:
        group = {"Fn::GetAtt": [Match.string_like_regexp("Nodes"), "GroupId"]}
        rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 7001, "ToPort": 7002}
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

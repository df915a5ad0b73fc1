"""Who may talk to a ring's nodes, and to whom they may talk."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.network import NetworkView
from paved_road_ring_agent.contract import INTERNODE_PORT, WORD_PORT

HTTPS = 443


class Firewall(Construct):
    """The nodes' security group, closed but for what Cassandra and its agent need.

    In: gossip and streaming from the ring's own nodes, and their agents' questions what this one
    last read in the slot table, on the port beside. Clients are admitted one by one from their
    own stacks (`RingView.allow_clients_from`). JMX listens on loopback and has no rule.

    Out: the same, and HTTPS. That is to any address because S3 and DynamoDB are reached through
    gateway endpoints, whose prefix lists CloudFormation cannot name without a lookup
    (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/453); the ring
    tier has no route to the internet, so only those endpoints, under their policies, and the
    interface endpoints of the network answer.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, network: NetworkView, ring: str
    ) -> None:
        super().__init__(scope, construct_id)
        group = ec2.CfnSecurityGroup(
            self,
            "Nodes",
            group_description=f"Nodes of ring {ring}",
            vpc_id=network.vpc_id,
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp",
                    from_port=HTTPS,
                    to_port=HTTPS,
                    cidr_ip="0.0.0.0/0",
                    description="AWS endpoints; the ring tier has no internet route",
                )
            ],
        )
        self.security_group_id = group.attr_group_id
        ec2.CfnSecurityGroupIngress(
            self,
            "FromNodes",
            description="Gossip, streaming and agents, under TLS",
            group_id=self.security_group_id,
            source_security_group_id=self.security_group_id,
            ip_protocol="tcp",
            from_port=INTERNODE_PORT,
            to_port=WORD_PORT,
        )
        ec2.CfnSecurityGroupEgress(
            self,
            "ToNodes",
            description="Gossip, streaming and agents, under TLS",
            group_id=self.security_group_id,
            destination_security_group_id=self.security_group_id,
            ip_protocol="tcp",
            from_port=INTERNODE_PORT,
            to_port=WORD_PORT,
        )

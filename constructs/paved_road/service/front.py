"""A service's front: its load balancer, the live listener, and one for test cells."""

from collections.abc import Sequence
from enum import StrEnum

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from paved_road.estate.references import attribute, ref
from paved_road.guard import acknowledge, acknowledge_each
from paved_road.network import NetworkView, Tier
from paved_road.service.sources import ingress
from paved_road.service.view import live_port

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.3 and 1.2 with forward secrecy and hybrid post-quantum key exchange.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"""


class Exposure(StrEnum):
    """Who can reach a service at all."""

    INTERNAL = "internal"
    """Only clients in the VPC that were admitted."""
    INTERNET = "internet-facing"
    """Anybody, under TLS."""


class Front(Construct):
    """An application load balancer whose listeners refuse until a rule forwards.

    Without a release the live listener answers 503. The test listener admits `testers` only, so
    that nobody else sees unreleased or rolled-back code.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        path: str,
        service: str,
        network: NetworkView,
        exposure: Exposure,
        certificate_arn: str | None,
        clients: Sequence[str],
        testers: Sequence[str],
        member_security_group_id: str,
        member_port: int,
        deletable: bool,
    ) -> None:
        super().__init__(scope, id)
        self.port = live_port(tls=certificate_arn is not None)
        self.test_port = 8443 if certificate_arn else 8080
        public = exposure is Exposure.INTERNET
        admitted = ["0.0.0.0/0"] if public else list(clients)
        security_group = ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=network.vpc_id,
            group_description=f"Load balancer of {service}",
            security_group_ingress=[
                *ingress(admitted, self.port, "Clients"),
                *ingress(testers, self.test_port, "Testers"),
            ],
            security_group_egress=[
                {
                    "ipProtocol": "tcp",
                    "fromPort": member_port,
                    "toPort": member_port,
                    "destinationSecurityGroupId": member_security_group_id,
                    "description": "Members",
                }
            ],
        )
        self.security_group_id = attribute(f"{path}/SecurityGroup", "GroupId")
        if public:
            acknowledge(
                security_group,
                "AwsSolutions-EC23",
                reason="This service was asked to face the internet; only the TLS listener's port "
                "is open, and members admit this load balancer alone.",
            )
        elb.CfnLoadBalancer(
            self,
            "LoadBalancer",
            type="application",
            scheme=exposure.value,
            subnets=list(network.subnets[Tier.PUBLIC if public else Tier.PRIVATE]),
            security_groups=[self.security_group_id],
            load_balancer_attributes=[
                {"key": key, "value": value}
                for key, value in {
                    "access_logs.s3.bucket": network.access_log_bucket,
                    "access_logs.s3.enabled": "true",
                    "access_logs.s3.prefix": service,
                    "deletion_protection.enabled": "false" if deletable else "true",
                    "routing.http.drop_invalid_header_fields.enabled": "true",
                }.items()
            ],
        )
        self._explain(deletable=deletable, tls=certificate_arn is not None)
        arn = ref(f"{path}/LoadBalancer")
        self.address = attribute(f"{path}/LoadBalancer", "DNSName")
        self.load_balancer_name = attribute(f"{path}/LoadBalancer", "LoadBalancerFullName")
        self._listener("Live", self.port, arn, certificate_arn, "no release takes traffic")
        self._listener("Test", self.test_port, arn, certificate_arn, "no such cell")
        self.live_listener_arn, self.test_listener_arn = ref(f"{path}/Live"), ref(f"{path}/Test")

    def _listener(
        self,
        id: str,
        port: int,
        load_balancer_arn: str,
        certificate_arn: str | None,
        refusal: str,
    ) -> None:
        elb.CfnListener(
            self,
            id,
            load_balancer_arn=load_balancer_arn,
            port=port,
            protocol="HTTPS" if certificate_arn else "HTTP",
            certificates=([{"certificateArn": certificate_arn}] if certificate_arn else None),
            ssl_policy=TLS_POLICY if certificate_arn else None,
            default_actions=[
                {
                    "type": "fixed-response",
                    "fixedResponseConfig": {
                        "statusCode": "503",
                        "contentType": "text/plain",
                        "messageBody": refusal,
                    },
                }
            ],
        )

    def _explain(self, *, deletable: bool, tls: bool) -> None:
        reasons = {
            "NIST.800.53.R5-ALBWAFEnabled": "A web ACL belongs to the edge that faces users, with "
            "rules of its own owner; associating one needs no change here.",
        }
        if not tls:
            internal = (
                "Internal, inside the VPC and for admitted security groups only; pass "
                "certificate_arn to have TLS here as well."
            )
            reasons["NIST.800.53.R5-ALBHttpToHttpsRedirection"] = internal
            reasons["NIST.800.53.R5-ELBv2ACMCertificateRequired"] = internal
        if deletable:
            reasons["NIST.800.53.R5-ELBDeletionProtectionEnabled"] = (
                "A development estate is deleted with its stacks."
            )
        acknowledge_each(self, reasons)

"""A service's front: its load balancer, the live listener, and one for test cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paved_road.estate import Rows
from paved_road.estate.references import attribute, logical_id, ref
from paved_road.faults import Faults
from paved_road.network import NetworkView, Tier
from paved_road.service.members import Members
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


@dataclass(frozen=True, kw_only=True)
class Front:
    """An application load balancer whose listeners refuse until a rule forwards.

    Without a release the live listener answers 503. The test listener admits `testers` only, so
    that nobody else sees unreleased or rolled-back code. `path` is where it stands in its stack.
    """

    path: str
    service: str
    network: NetworkView
    exposure: Exposure
    certificate_arn: str | None
    clients: Sequence[str]
    testers: Sequence[str]
    members: Members
    member_port: int
    deletable: bool

    @property
    def port(self) -> int:
        """Where the live listener answers."""
        return live_port(tls=self._tls)

    @property
    def address(self) -> str:
        """The load balancer's DNS name."""
        return attribute(f"{self.path}/LoadBalancer", "DNSName")

    @property
    def load_balancer_name(self) -> str:
        """Dimension of the load balancer's metrics."""
        return attribute(f"{self.path}/LoadBalancer", "LoadBalancerFullName")

    @property
    def security_group_id(self) -> str:
        """Admits callers."""
        return attribute(f"{self.path}/SecurityGroup", "GroupId")

    @property
    def live_listener_arn(self) -> str:
        """The listener that routing gives its rule."""
        return ref(f"{self.path}/Live")

    @property
    def test_listener_arn(self) -> str:
        """The listener of test cells."""
        return ref(f"{self.path}/Test")

    def rows(self) -> Rows:
        """The resources."""
        test_port = 8443 if self._tls else 8080
        resources = {
            "SecurityGroup": self._security_group(test_port),
            "LoadBalancer": self._load_balancer(),
            "Live": self._listener(self.port, "no release takes traffic"),
            "Test": self._listener(test_port, "no such cell"),
        }
        return {logical_id(f"{self.path}/{id}"): row for id, row in resources.items()}

    def reasons(self) -> dict[str, str]:
        """Findings of the rule packs that are right in general and wrong here."""
        reasons = {
            "NIST.800.53.R5-ALBWAFEnabled": "A web ACL belongs to the edge that faces users, with "
            "rules of its own owner; associating one needs no change here.",
        }
        if self._public:
            reasons["AwsSolutions-EC23"] = (
                "This service was asked to face the internet; only the TLS listener's port is "
                "open, and members admit this load balancer alone."
            )
        if not self._tls:
            internal = (
                "Internal, inside the VPC and for admitted security groups only; pass "
                "certificate_arn to have TLS here as well."
            )
            reasons["NIST.800.53.R5-ALBHttpToHttpsRedirection"] = internal
            reasons["NIST.800.53.R5-ELBv2ACMCertificateRequired"] = internal
        if self.deletable:
            reasons["NIST.800.53.R5-ELBDeletionProtectionEnabled"] = (
                "A development estate is deleted with its stacks."
            )
        return reasons

    @property
    def _tls(self) -> bool:
        return self.certificate_arn is not None

    @property
    def _public(self) -> bool:
        return self.exposure is Exposure.INTERNET

    def _security_group(self, test_port: int) -> dict[str, Any]:
        admitted = ["0.0.0.0/0"] if self._public else self.clients
        return {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "VpcId": self.network.vpc_id,
                "GroupDescription": f"Load balancer of {self.service}",
                "SecurityGroupIngress": [
                    *ingress(admitted, self.port, "Clients"),
                    *ingress(self.testers, test_port, "Testers"),
                ],
                # Stands here and not as a rule of its own: a group without any lets all out.
                "SecurityGroupEgress": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": self.member_port,
                        "ToPort": self.member_port,
                        "DestinationSecurityGroupId": self.members.security_group_id,
                        "Description": "Members",
                    }
                ],
            },
        }

    def _load_balancer(self) -> dict[str, Any]:
        attributes = {
            "access_logs.s3.bucket": self.network.access_log_bucket,
            "access_logs.s3.enabled": "true",
            "access_logs.s3.prefix": self.service,
            "deletion_protection.enabled": "false" if self.deletable else "true",
            "routing.http.drop_invalid_header_fields.enabled": "true",
        }
        tier = Tier.PUBLIC if self._public else Tier.PRIVATE
        return {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "Type": "application",
                "Scheme": self.exposure.value,
                "Subnets": list(self.network.subnets[tier]),
                "SecurityGroups": [self.security_group_id],
                "LoadBalancerAttributes": [
                    {"Key": key, "Value": value} for key, value in attributes.items()
                ],
            },
        }

    def _listener(self, port: int, refusal: str) -> dict[str, Any]:
        tls = {
            "Protocol": "HTTPS",
            "Certificates": [{"CertificateArn": self.certificate_arn}],
            "SslPolicy": TLS_POLICY,
        }
        return {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": ref(f"{self.path}/LoadBalancer"),
                "Port": port,
                **(tls if self._tls else {"Protocol": "HTTP"}),
                "DefaultActions": [
                    {
                        "Type": "fixed-response",
                        "FixedResponseConfig": {
                            "StatusCode": "503",
                            "ContentType": "text/plain",
                            "MessageBody": refusal,
                        },
                    }
                ],
            },
        }


def check_address(
    faults: Faults,
    region: str,
    exposure: Exposure,
    certificate_arn: str | None,
    clients: Sequence[str],
) -> None:
    """Note what of a service's exposure, certificate and clients cannot be."""
    if exposure is Exposure.INTERNET:
        faults.check(
            certificate_arn is not None,
            "certificate_arn",
            "must be given for a service that faces the internet",
            certificate_arn,
        )
        faults.check(
            not clients,
            "clients",
            "must be empty for a service that faces the internet, which admits everybody",
            tuple(clients),
        )
    if certificate_arn is not None:
        faults.check(
            certificate_arn.startswith(f"arn:aws:acm:{region}:"),
            "certificate_arn",
            f"must be a certificate of ACM in {region}",
            certificate_arn,
        )

"""What the guard refuses to admit: everybody, public addresses, secrets in templates."""

from typing import Any

import pytest

from paved_road.guard.exposure import exposure
from tests.unit.guard_subjects import Make, resources


def policy(**statement: Any) -> dict[str, Any]:
    document = {"PolicyDocument": {"Statement": [statement]}}
    return resources(P={"Type": "AWS::S3::BucketPolicy", "Properties": document})


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_wildcard_principals_are_refused(subject: Make, principal: Any) -> None:
    allowed = {"Effect": "Allow", "Principal": principal, "Action": "s3:*"}
    (finding,) = exposure(subject(policy(**allowed)))
    assert "must name its principals, or whose they are in a condition, got '*'" in str(finding)
    assert list(exposure(subject(policy(**{**allowed, "Effect": "Deny"})))) == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, 0),
        ({"StringEquals": {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}}}, 0),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:*"}}, 0),
        ({"StringEquals": {"aws:SourceVpce": ["vpce-1"]}, "Bool": {"aws:MultiFactor": "true"}}, 0),
        ({"Bool": {"aws:SecureTransport": "true"}}, 1),
        ({"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}, 1),
        ({"StringEqualsIfExists": {"aws:PrincipalAccount": "123456789012"}}, 1),
        ({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-1/*"}}, 1),
        ({"StringLike": {"aws:PrincipalAccount": ["123456789012", "*"]}}, 1),
    ],
)
def test_a_condition_excuses_a_wildcard_principal_if_it_says_whose_it_is(
    subject: Make, condition: dict[str, Any], found: int
) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Condition": condition}
    assert len(list(exposure(subject(policy(**statement))))) == found


def group(**rule: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [rule]}}


@pytest.mark.parametrize("source", [{"CidrIp": "0.0.0.0/0"}, {"CidrIpv6": "::/0"}])
def test_admitting_everybody_is_for_public_tls_listeners_only(
    subject: Make, source: dict[str, str]
) -> None:
    https = {"FromPort": 443, "ToPort": 443, **source}
    public = {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {
            "Scheme": "internet-facing",
            "SecurityGroups": [{"Fn::GetAtt": ["G", "GroupId"]}],
        },
    }
    assert len(list(exposure(subject(resources(G=group(**https)))))) == 1
    assert list(exposure(subject(resources(G=group(**https), B=public)))) == []
    http = {"FromPort": 80, "ToPort": 80, **source}
    assert len(list(exposure(subject(resources(G=group(**http), B=public))))) == 1
    alone = {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": http}
    assert len(list(exposure(subject(resources(I=alone))))) == 1


def test_public_addresses_and_literal_secrets_are_refused(subject: Make) -> None:
    found = subject(
        resources(
            S={"Type": "S", "Properties": {"MapPublicIpOnLaunch": True}},
            L={"Type": "L", "Properties": {"AssociatePublicIpAddress": True}},
            D={"Type": "D", "Properties": {"MasterUserPassword": "hunter2"}},
            E={"Type": "E", "Properties": {"MasterUserPassword": "{{resolve:secretsmanager:x}}"}},
        )
    )
    assert {one.where for one in exposure(found)} == {"S", "L", "D.MasterUserPassword"}


def test_a_task_gets_no_public_address(subject: Make) -> None:
    def made(address: str) -> dict[str, Any]:
        vpc = {"AwsvpcConfiguration": {"AssignPublicIp": address}}
        properties = {"NetworkConfiguration": vpc}
        return resources(S={"Type": "AWS::ECS::Service", "Properties": properties})

    (finding,) = exposure(subject(made("ENABLED")))
    assert "must not get a public address" in str(finding)
    assert list(exposure(subject(made("DISABLED")))) == []

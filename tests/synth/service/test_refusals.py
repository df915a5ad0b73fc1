"""Bad props of a service or a release are refused in sentences."""

from typing import Any

import pytest
from aws_cdk import App

from paved_road.faults import PropsError
from paved_road.service import (
    Capacity,
    Container,
    Exposure,
    Fargate,
    Image,
    ServiceStack,
    Tomcat,
    War,
)
from tests.synth.service.services import CERTIFICATE, DIGEST, REGION, release, service

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"exposure": Exposure.INTERNET}, "certificate_arn must be given"),
    ({"clients": ["0.0.0.0/0"]}, "clients must name who may call.*got '0.0.0.0/0'"),
    ({"testers": ["*"]}, "testers must name IPv4 ranges or security groups.*got '\\*'"),
    (
        {"certificate_arn": CERTIFICATE.replace("us-east-1", "eu-west-1")},
        "certificate_arn must be a certificate of ACM in us-east-1",
    ),
    ({"member_port": 80}, "member_port must be between 1024 and 65535"),
    ({"health_path": "health"}, "health_path must start with a slash, got 'health'"),
    ({"log_retention_days": 42}, "log_retention_days must be one that CloudWatch Logs knows"),
]


@pytest.mark.parametrize(("props", "sentence"), REFUSED)
def test_a_service_refuses_in_a_sentence(props: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PropsError, match=sentence):
        service(App(), **props)


def test_several_faults_of_a_service_come_together() -> None:
    with pytest.raises(PropsError) as refused:
        service(App(), clients=["0.0.0.0/0"], member_port=1, health_path="x")
    assert len(refused.value.faults) == 3


def test_a_service_stands_once() -> None:
    app = App()
    ServiceStack(app, REGION, name="place-order", owner="orders")
    with pytest.raises(PropsError, match=r"name must differ .*got 'place-order' twice"):
        ServiceStack(app, REGION, name="place-order", owner="orders")


def test_a_name_too_long_for_what_is_derived_from_it_is_refused() -> None:
    with pytest.raises(PropsError, match="name must have at most 40 characters"):
        ServiceStack(App(), REGION, name="x" * 41, owner="orders")


HEX = 64 * "0"

RELEASES_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"number": 0}, "number must be between 1 and 999"),
    ({"number": 1000}, "number must be between 1 and 999"),
    ({"artifact": Container("x", "latest")}, "artifact.digest must be sha256:.*got 'latest'"),
    ({"artifact": Container("x:1", DIGEST)}, "artifact.repository must be a repository's name"),
    ({"artifact": Image("latest")}, "artifact.image_id must be an AMI's id"),
    (
        {"artifact": War.by_digest("services/shop/latest.war", "latest")},
        "artifact.sha256 must be 64 hexadecimal digits.*got 'latest'",
    ),
    ({"artifact": War.by_digest("shop.war", HEX)}, "artifact.key must be a key below services/"),
    (
        {"artifact": War.by_digest("services/shop/$(id).war", HEX)},
        "artifact.key must be a key below services/ of letters",
    ),
    (
        {"artifact": War(key="services/a.war", sha256=HEX, tomcat=Tomcat(key="10", sha256="10"))},
        "artifact.tomcat.key must be a key below tomcat/.*artifact.tomcat.sha256 must be 64",
    ),
    ({"fargate": Fargate(cpu=1000)}, "fargate.cpu must be one of 256, 512, .*got 1000"),
    (
        {"fargate": Fargate(cpu=512, memory=512)},
        "fargate.memory must be one of 1024, 2048, 3072, 4096 MiB for 512 CPU units, got 512",
    ),
    (
        {"fargate": Fargate(), "artifact": Image("ami-0123456789abcdef0")},
        "artifact must be a Container without a machine image to run on Fargate",
    ),
    (
        {"capacity": Capacity(minimum=3, maximum=2, requests_per_minute_per_target=1)},
        r"capacity.maximum must be at least capacity.minimum \(3\), got 2",
    ),
    (
        {"capacity": Capacity(minimum=0, maximum=2, requests_per_minute_per_target=0)},
        "capacity.minimum must be at least 1 instance",
    ),
    ({"settings": {"mode": "x"}}, "settings must have names of capital letters"),
    ({"settings": {"PORT": "1"}}, "settings must not name what a release is told anyway"),
    (
        {"settings": {"GET_PRICE_URL": "x"}, "calls": ("get-price",)},
        "settings must not name what a release is told anyway",
    ),
    (
        {"settings": {"RING_ORDERS_PORT": "1"}, "rings": ("orders",)},
        "settings must not name what a release is told anyway, got 'RING_ORDERS_PORT'",
    ),
    ({"rings": ("orders", "orders")}, "rings must name each ring once"),
    ({"rings": ("Orders",)}, "rings must be lower-case letters"),
    ({"settings": {"A": "x\nB=y"}}, r"settings must have values of one line \(A\)"),
    ({"calls": ("get-price", "get-price")}, "calls must name each service once"),
    ({"calls": ("GetPrice",)}, "calls must be lower-case letters"),
]


@pytest.mark.parametrize(("props", "sentence"), RELEASES_REFUSED)
def test_a_release_refuses_in_a_sentence(props: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PropsError, match=f"(?s){sentence}"):
        release(App(), **props)

"""No rule pack finds anything unexplained on a service, its routing and its releases."""

from pathlib import Path

import pytest
from aws_cdk import App, Stage

from paved_road.artifacts import ArtifactBucket
from paved_road.ring import Ring
from paved_road.service import (
    Artifact,
    Container,
    Exposure,
    Fargate,
    Image,
    RollbackStack,
    RoutingStack,
    Service,
    War,
)
from tests.findings import unexplained_findings
from tests.synth.service.services import CERTIFICATE, DIGEST, REGION, release, service


@pytest.mark.parametrize("exposure", list(Exposure))
@pytest.mark.parametrize("deletable", [False, True])
@pytest.mark.parametrize(
    "artifact",
    [
        Container("x", DIGEST),
        Image("ami-0123456789abcdef0"),
        War.by_digest("services/place-order/1.war", 64 * "0"),
    ],
)
def test_no_finding_is_unexplained(
    tmp_path: Path, exposure: Exposure, deletable: bool, artifact: Artifact
) -> None:
    public = exposure is Exposure.INTERNET

    def fill(app: App) -> None:
        made = service(
            app,
            exposure=exposure,
            certificate_arn=CERTIFICATE if public or deletable else None,
            clients=() if public else ("10.9.0.0/16",),
            testers=("10.8.0.0/24",),
            deletable=deletable,
            fargate=isinstance(artifact, Container),
            alarm_actions=("arn:aws:sns:us-east-1:123456789012:page",) if deletable else (),
        )
        made.connects_to(Ring.from_estate(made, REGION, "orders"))
        made.connects_to(ArtifactBucket.from_estate(made, REGION))
        made.connects_to(Service.from_estate(made, REGION, "get-order", tls=True))
        RoutingStack(app, REGION, service="place-order", owner="orders")
        RollbackStack(app, REGION, service="place-order", owner="orders")
        releases = Stage(app, "releases")
        release(releases, artifact=artifact, instance_type="m7i.large")
        if isinstance(artifact, Container):
            release(releases, 2, artifact=artifact, fargate=Fargate())

    assert unexplained_findings(tmp_path, fill) == []

"""More releases of one service of the estate, by digest: what `make demo` walks up and back.

`cdk synth --app "python -m stacks.demo" -c service=place-order -c region=us-east-1
-c releases='{"2": "sha256:..."}'`. In an estate of your own a release is an entry in services.py.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from aws_cdk import App, Stage

from paved_road.guard import synth
from paved_road.service import Container
from stacks.services import SERVICES
from stacks.shapes import Shape, chosen


def build(app: App, shape: Shape, service: str, region: str, digests: Mapping[int, str]) -> None:
    """Releases with these numbers of a service, in one region, beside those of app.py."""
    releases = Stage(app, "releases")
    made = {number: Container.by_digest(service, one) for number, one in digests.items()}
    offer = replace(SERVICES[service], releases=made)
    for number in made:
        offer.release(
            releases,
            shape.build().region(region),
            service,
            number,
            capacity=shape.service_capacity,
        )


if __name__ == "__main__":
    application = App()
    told = {key: application.node.get_context(key) for key in ("service", "region", "releases")}
    numbers = {int(number): one for number, one in json.loads(told["releases"]).items()}
    build(application, chosen(application), told["service"], told["region"], numbers)
    synth(application)

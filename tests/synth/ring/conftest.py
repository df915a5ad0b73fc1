"""The ring that most tests look at."""

import pytest
from aws_cdk.assertions import Template

from tests.synth.ring.rings import ring_stack


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.from_stack(ring_stack())

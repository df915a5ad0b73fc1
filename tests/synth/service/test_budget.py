"""The time budget of what the constructs make."""

from paved_road_delivery.budget import budget
from tests.templates import Template


def test_every_alarm_of_a_release_and_its_service_has_a_budget(
    first: Template, internal: Template
) -> None:
    found = budget(first, internal)
    names = " ".join(one.alarm for one in found.detections)
    for alarm in ("NoHealthyTargets", "ErrorRate", "Latency", "NobodyAnswers"):
        assert alarm in names
    errors = next(one for one in found.detections if "ErrorRate" in one.alarm)
    # Three minutes in a row: detection is what takes long, 2 to 80 s are the action.
    assert 120 <= found.least(errors) < found.most(errors) <= 500

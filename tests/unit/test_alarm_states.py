"""What an alarm's last values make of its state, over which periods, and who is not looked at."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.alarms.evaluate import look
from paved_road_lab.alarms.model import Alarm, Measure, State, alarm, fault
from paved_road_lab.alarms.windows import SILENT_SECONDS, measured, queries, window
from paved_road_lab.balancers.meter import NAMESPACE

MEASURE = Measure(
    id="only",
    namespace=NAMESPACE,
    name="RequestCount",
    dimensions=(("LoadBalancer", "app/x/1"),),
    statistic="Sum",
    period=60,
)
ALARM = Alarm(
    name="TooMany",
    state=State.OK,
    measures=(MEASURE,),
    expression="only",
    comparison="GreaterThanThreshold",
    threshold=5,
    periods=3,
    breaches=2,
)
series = st.lists(st.none() | st.integers(0, 10), min_size=3, max_size=3)


def state(alarm: Alarm, *values: float | None) -> State:
    return look(alarm, {"only": values}).state


@given(series)
def test_so_many_of_the_last_values_make_an_alarm(values: list[int | None]) -> None:
    known = [one for one in values if one is not None]
    over = sum(one > 5 for one in known)
    expected = State.ALARM if over >= 2 else State.OK
    assert state(replace(ALARM, missing="notBreaching"), *values) is expected
    assert state(ALARM, *values) is (expected if known else State.UNKNOWN)
    missing = len(values) - len(known)
    silence = State.ALARM if over + missing >= 2 else State.OK
    assert state(replace(ALARM, missing="breaching"), *values) is silence


@pytest.mark.parametrize("before", list(State))
def test_who_ignores_what_is_missing_stays_as_it_is(before: State) -> None:
    assert state(replace(ALARM, missing="ignore", state=before), None, None, None) is before


def test_below_is_below() -> None:
    below = replace(ALARM, comparison="LessThanThreshold", periods=1, breaches=1)
    assert [state(below, value) for value in (4, 5, 6)] == [State.ALARM, State.OK, State.OK]


def test_the_reason_names_the_values() -> None:
    assert (
        "2 of 3 values [9, none, 8] were GreaterThanThreshold 5"
        in look(ALARM, {"only": [9, None, 8]}).why
    )


def test_windows_end_where_load_balancers_have_told_and_no_later() -> None:
    found = window(ALARM, now=1000.9, newest=990, minute_seconds=1)
    assert (found.start, found.end, found.period) == (988, 991, 1)
    found = window(ALARM, now=1000.9, newest=990, minute_seconds=60)
    assert (found.start, found.end, found.period) == (780, 960, 60)


def test_silence_is_missing_after_a_while() -> None:
    found = window(ALARM, now=1000, newest=10, minute_seconds=1)
    assert found.end == 1000 - SILENT_SECONDS


def test_minutes_of_others_are_never_shorter() -> None:
    agents = replace(ALARM, measures=(replace(MEASURE, namespace="PavedRoad/Ring"),))
    assert window(agents, now=1000, newest=990, minute_seconds=1).period == 60


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_each_alarm_gets_the_answers_to_its_own_questions(periods: list[int]) -> None:
    windows = [
        window(replace(ALARM, periods=count), now=100, newest=99, minute_seconds=1)
        for count in periods
    ]
    answers = {one["Id"]: {99: float(place)} for place, one in enumerate(queries(windows))}
    assert measured(windows, answers) == [
        {"only": [*[None] * (count - 1), float(place)]} for place, count in enumerate(periods)
    ]


def told(**more: object) -> dict[str, object]:
    return {
        "AlarmName": "a",
        "StateValue": "OK",
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 3,
        "Threshold": 1.0,
        **more,
    }


def single(namespace: str, name: str) -> dict[str, object]:
    return told(Namespace=namespace, MetricName=name, Statistic="Sum", Period=60, Dimensions=[])


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        (single("AWS/EC2", "CPUUtilization"), "AWS/EC2 CPUUtilization: nobody measures it here"),
        (single(NAMESPACE, "RejectedConnectionCount"), "RejectedConnectionCount: nobody measures"),
        (single("PavedRoad/Ring", "DiskUsed"), None),
        (single(NAMESPACE, "RequestCount"), None),
        (told(Metrics=[{"Id": "e", "Expression": "RATE(m)", "ReturnData": True}]), "RATE"),
        (
            {**single(NAMESPACE, "RequestCount"), "ComparisonOperator": "LessThanLowerThreshold"},
            "comparison LessThanLowerThreshold",
        ),
    ],
)
def test_what_cannot_be_looked_at_is_named(given_: dict[str, object], why: str | None) -> None:
    found = fault(alarm(given_))
    assert found is None if why is None else why in (found or "")

"""Load balancers of the lab forward: by rules, by weights, to healthy targets, and say the rest."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from tests.lab.fronts import Front, standing_front
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with standing_front(tmp_path_factory.mktemp("balancers")) as made:
        yield made


@pytest.fixture
def front(standing: Front) -> Front:
    """All four are healthy, two in each group, and the first group has all weight."""
    for group, names in (("One", "ab"), ("Two", "cd")):
        for name in names:
            standing.servers[name].health = 200
            standing.register(group, name)
    standing.weigh(1, 0)
    for group, names in (("One", "ab"), ("Two", "cd")):
        until(partial(standing.healthy, group, names))
    until(lambda: standing.name() in "ab" and standing.name())
    return standing


def test_requests_arrive_whole_and_answers_come_back_whole(front: Front) -> None:
    sent = {"x": "y" * 100_000}
    answer = front.ask("/a%2Fb?c=d%20e&c=f", method="POST", json=sent)
    assert answer.json() == sent
    told = answer.headers
    assert told["X-Asked"] == "POST /a%2Fb?c=d%20e&c=f"
    assert told["X-Got-Host"] == f"{front.stack['Address']}:10080"
    assert told["X-Got-X-Forwarded-For"].startswith("127.")
    assert (told["X-Got-X-Forwarded-Port"], told["X-Got-X-Forwarded-Proto"]) == ("80", "http")


def test_weights_are_followed_and_targets_take_turns(front: Front) -> None:
    assert Counter(front.name() for _ in range(20)) == {"a": 10, "b": 10}
    front.weigh(3, 1)
    until(lambda: front.name() in "cd")
    count = 400
    seen = Counter(front.name() for _ in range(count))
    two = seen["c"] + seen["d"]
    assert abs(two - count / 4) <= 6 * (count * 3 / 16) ** 0.5
    assert abs(seen["c"] - seen["d"]) <= 1
    front.weigh(0, 1)
    until(lambda: {front.name() for _ in range(8)} == {"c", "d"})


def test_only_the_test_header_reaches_a_cell(front: Front) -> None:
    header = {"X-Cell": "testers"}
    assert front.name(port=8080, headers=header) in "cd"
    refused = front.ask(port=8080)
    assert (refused.status_code, refused.text) == (503, "no such cell")
    assert front.name(headers=header) in "ab", "nothing on the live listener heeds it"


def test_an_unhealthy_target_gets_nothing_and_with_none_healthy_all_do(front: Front) -> None:
    front.servers["a"].health = 500
    until(lambda: front.states("One") == {"a": "unhealthy", "b": "healthy"})
    assert {front.name() for _ in range(10)} == {"b"}
    front.servers["b"].health = 500
    until(lambda: front.states("One") == dict.fromkeys("ab", "unhealthy"))
    assert {front.name() for _ in range(10)} == {"a", "b"}
    described = front.elb.describe_target_health(TargetGroupArn=front.stack["One"])
    told = described["TargetHealthDescriptions"][0]["TargetHealth"]
    assert told["Reason"] == "Target.FailedHealthChecks"
    assert "[500]" in told["Description"]


def test_a_group_that_is_in_no_rule_is_not_used(front: Front) -> None:
    front.register("Unused", "a")
    assert front.states("Unused") == {"a": "unused"}


def test_what_leaves_finishes_what_it_has_and_gets_no_more(front: Front) -> None:
    front.deregister("One", "b")
    until(lambda: {front.name() for _ in range(4)} == {"a"})
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(front.ask, "/slow")
        assert front.servers["a"].waiting.acquire(timeout=30)
        front.register("One", "b")
        until(lambda: front.states("One")["b"] == "healthy")
        front.deregister("One", "a")
        until(lambda: front.states("One") == {"a": "draining", "b": "healthy"})
        assert {front.name() for _ in range(10)} == {"b"}
        front.servers["a"].go.set()
        assert asked.result().status_code == 200
    front.servers["a"].go.clear()


def test_what_does_not_finish_within_the_delay_is_cut_off(front: Front) -> None:
    """The second group's delay is one second."""
    front.weigh(0, 1)
    front.deregister("Two", "d")
    until(lambda: front.name() == "c")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(front.ask, "/slow")
        assert front.servers["c"].waiting.acquire(timeout=30)
        front.deregister("Two", "c")
        assert asked.result().status_code == 502
    until(lambda: front.states("Two") == {})
    assert front.ask().status_code == 503


def test_what_is_under_way_ends_well_when_its_group_leaves_all_rules(front: Front) -> None:
    both = front.elb.describe_rules(RuleArns=[front.stack["Rule"]])["Rules"][0]["Actions"]
    refuse = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "410"}}
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(front.ask, "/slow")
        names = [name for name in "ab" if front.servers[name].waiting.acquire(timeout=10)][:1]
        front.elb.modify_rule(RuleArn=front.stack["Rule"], Actions=[refuse])
        until(lambda: front.ask().status_code == 410)
        until(lambda: set(front.states("One").values()) == {"unused"})
        front.servers[names[0]].go.set()
        assert asked.result().status_code == 200
    front.servers[names[0]].go.clear()
    front.elb.modify_rule(RuleArn=front.stack["Rule"], Actions=both)


def test_a_changed_check_is_followed_by_targets_that_stand(front: Front) -> None:
    def check(path: str) -> None:
        front.elb.modify_target_group(TargetGroupArn=front.stack["One"], HealthCheckPath=path)

    check("/broken")
    try:
        until(lambda: front.states("One") == dict.fromkeys("ab", "unhealthy"))
    finally:
        check("/health")


def test_a_target_that_breaks_off_is_502(front: Front) -> None:
    answer = front.ask("/broken", method="POST")
    assert answer.status_code == 502
    assert answer.headers["Server"] == "awselb/2.0"


def test_a_target_that_says_nothing_for_the_idle_timeout_is_504(front: Front) -> None:
    def idle(seconds: int) -> None:
        front.elb.modify_load_balancer_attributes(
            LoadBalancerArn=front.stack["Balancer"],
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": str(seconds)}],
        )

    def status() -> int:
        """0 while the longer timeout still holds: nobody waits for its end."""
        try:
            return front.ask("/slow", timeout=5).status_code
        except requests.Timeout:
            return 0

    idle(1)
    try:
        until(lambda: status() == 504)
    finally:
        idle(60)


def test_a_client_is_sent_where_the_rule_says(front: Front) -> None:
    answer = front.ask("/moved/a?b=c", allow_redirects=False)
    assert answer.status_code == 301
    address = front.stack["Address"]
    assert answer.headers["Location"] == f"https://{address}:443/new/moved/a?b=c"


def test_who_asks_for_the_head_gets_the_head(front: Front) -> None:
    whole, head = front.ask("/"), front.ask("/", method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]

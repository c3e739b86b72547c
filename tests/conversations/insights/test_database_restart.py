"""The database dies and comes back while many ask and rate: whole summaries, every rating that was taken, honest
refusals, and nothing between."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest

from tests.running import RunningSystem

pytestmark = pytest.mark.process

INSIGHTS, FEEDBACK = "/api/v1/omni-channel-insights", "/api/v1/feedback"
ACCOUNT = "OE-20671"  # of the demo, with a past on other channels
CALLERS, PATIENCE_SECONDS = 6, 90.0

Told = list[tuple[dict[str, Any], httpx.Response]]


@pytest.fixture
def http(running_system: RunningSystem) -> Any:
    credentials = running_system.credentials
    with httpx.Client(base_url=running_system.base_url, timeout=30) as client:
        names = {name: credentials[name] for name in ("client_id", "client_secret")}
        token = client.post("/oauth/token", data={"grant_type": "client_credentials", **names}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def ask(http: httpx.Client, process: str) -> tuple[dict[str, Any], httpx.Response]:
    """Each for a reason of its own, so that a summary has to be made."""
    names = {"contact_id": process, "unique_process_id": process, "ivr_intent": process}
    request = {"account_number": ACCOUNT, **names}
    return request, http.post(INSIGHTS, json=request)


def ask_on(http: httpx.Client, caller: int, killed: Event) -> Told:
    """Until two requests that began after the kill went well."""
    told: Told = []
    well, ends = 0, time.monotonic() + PATIENCE_SECONDS
    while well < 2 and time.monotonic() < ends:
        began_after = killed.is_set()
        told.append(ask(http, f"restart-{caller}-{len(told)}"))
        well += began_after and told[-1][1].status_code == 200
    return told


def rate_on(http: httpx.Client, insight: str, killed: Event) -> Told:
    """One rating after the other, each with words of its own, until two that began after the kill went well."""
    told: Told = []
    well, ends = 0, time.monotonic() + PATIENCE_SECONDS
    while well < 2 and time.monotonic() < ends:
        began_after = killed.is_set()
        feedback, comment = ("helpful", "not_helpful")[len(told) % 2], f"{insight} number {len(told)}"
        request = {"request_id": insight, "feedback": feedback, "comment": comment}
        told.append((request, http.post(FEEDBACK, json=request)))
        well += began_after and told[-1][1].status_code == 200
    return told


STORED = """
import json
from feedback.models import Rating
from omnicqm.common.outbox.models import OutboxRecord
ratings = dict(Rating.objects.filter(insight_id__in={insights!r}).values_list("pk", "comment"))
sent = OutboxRecord.objects.filter(topic="omni-channel/feedback", key__in=ratings).values_list("key", flat=True)
print("RATINGS", json.dumps([sorted(ratings.values()), sorted(ratings[key] for key in sent)]))
"""


def test_every_rating_that_was_taken_is_stored_once_and_on_its_way(running_system: RunningSystem, http: Any) -> None:
    insights = [ask(http, f"rated-{number}")[1].json()["request_id"] for number in range(CALLERS)]
    killed = Event()
    with ThreadPoolExecutor(CALLERS) as pool:
        rated = [pool.submit(rate_on, http, insight, killed) for insight in insights]
        time.sleep(0.5)
        running_system.kill("postgres")
        killed.set()
        each = [one.result() for one in rated]
    assert all([answer.status_code for _, answer in told].count(200) >= 2 for told in each)
    rated_all = [one for told in each for one in told]
    assert {answer.status_code for _, answer in rated_all} <= {200, 503}
    taken = {request["comment"] for request, answer in rated_all if answer.status_code == 200}
    printed = running_system.manage("shell", "-c", STORED.format(insights=insights)).stdout
    stored, sent = json.loads(printed.partition("RATINGS ")[2])
    assert taken <= set(stored)
    assert len(stored) == len(set(stored))
    assert sent == stored


def test_what_is_answered_is_whole_and_stored_and_the_rest_is_a_503(running_system: RunningSystem, http: Any) -> None:
    assert ask(http, "before")[1].status_code == 200
    killed = Event()
    with ThreadPoolExecutor(CALLERS) as pool:
        asked = [pool.submit(ask_on, http, caller, killed) for caller in range(CALLERS)]
        time.sleep(0.5)  # all are at it
        running_system.kill("postgres")
        killed.set()
        each = [one.result() for one in asked]

    assert all([answer.status_code for _, answer in told].count(200) >= 2 for told in each)
    for request, answer in [one for told in each for one in told]:
        if answer.status_code == 200:
            assert len(answer.json()["summary"]) > 40
            assert http.post(INSIGHTS, json=request).json() == answer.json()  # it is stored
        else:
            assert answer.status_code == 503
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Retry-After"]

"""Kill -9 of every part while many queries are in flight: all of them end, none twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conversations.receivers import Receiver, receiver_running
from tests.flows.api import Api
from tests.running import RunningSystem

pytestmark = pytest.mark.process

COUNT = 50
VICTIMS = ("web-1", "valkey", "postgres", "worker")
ENDED_BEFORE = (5, 10, 15, 20)  # queries that have ended before each kill, so that it meets work in full swing
# A killed worker's query is free again after its lease of 60 s; later it may meet the next victim.
PATIENCE_SECONDS = 240
QUESTIONS = ("How much does a parcel cost?", "Can I return a lamp?", "I want to speak with a person.", "Thank you!")


def api_of(system: RunningSystem) -> Api:
    credentials = system.credentials
    return Api(system.base_url, credentials["client_id"], credentials["client_secret"])


def send_all(api: Api, callback_url: str) -> list[dict[str, Any]]:
    """Post `COUNT` queries of as many customers; posts that break are repeated with the same external id."""

    def send(number: int) -> dict[str, Any]:
        return api.query(
            channel_id="outlook",
            user_id=f"customer-{number}@example.com",
            message=QUESTIONS[number % len(QUESTIONS)],
            external_id=f"<kill-{number}@example.com>",
            callback_url=callback_url,
        )

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(send, range(COUNT)))


def kill_all(system: RunningSystem, receiver: Receiver) -> None:
    for victim, ended in zip(VICTIMS, ENDED_BEFORE, strict=True):
        wait_until(lambda ended=ended: len(receiver.calls) >= ended)
        system.kill(victim)


def test_whatever_is_killed_every_query_ends_and_none_is_answered_twice(running_system):
    with receiver_running(running_system.callback_port) as receiver, api_of(running_system) as api:
        with ThreadPoolExecutor(1) as killer:
            killed = killer.submit(kill_all, running_system, receiver)
            accepted = send_all(api, receiver.url)
            killed.result()
        assert len({query["request_id"] for query in accepted}) == COUNT
        deadline = time.monotonic() + PATIENCE_SECONDS
        documents = [api.wait_for(query["request_id"], deadline - time.monotonic()) for query in accepted]
        assert {document["status"] for document in documents} <= {"answered", "escalated", "clarification"}
        for document in documents:
            said = [message["author"] for message in api.messages(document["conversation_id"])]
            assert said in (["customer", "assistant"], ["customer", "system"]), document
        callbacks_check(receiver, documents, running_system.credentials["webhook_secret"])


def callbacks_check(receiver: Receiver, documents: list[dict[str, Any]], secret: str) -> None:
    """Each query's end is told; repetitions carry the same webhook-id."""
    wait_until(lambda: len({call.headers["webhook-id"] for call in receiver.calls}) >= COUNT)
    told = {
        call.headers["webhook-id"]: body["data"]["request_id"]
        for call, body in zip(receiver.calls, receiver.verified(secret), strict=True)
    }
    assert sorted(told.values()) == sorted(document["request_id"] for document in documents)


def wait_until(holds: Any, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_the_same_mail_posted_twenty_times_at_once_is_one_query_with_one_reply(running_system):
    with api_of(running_system) as api:
        mail = {
            "channel_id": "outlook",
            "user_id": "twenty@example.com",
            "message": "How long is the warranty on a sofa?",
            "external_id": "<twenty@example.com>",
        }
        with ThreadPoolExecutor(20) as pool:
            accepted = list(pool.map(lambda _: api.query(**mail), range(20)))
        [request_id] = {query["request_id"] for query in accepted}
        document = api.wait_for(request_id)
        said = [message["author"] for message in api.messages(document["conversation_id"])]
        assert said == ["customer", "assistant"]

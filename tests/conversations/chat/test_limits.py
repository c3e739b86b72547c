"""How often something may be done, and what a customer wants stopped."""

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as BrokenConnection

from conversations.chat import limits
from conversations.chat.limits import Bucket, limit_take
from conversations.chat.stops import stop_request, stop_requested
from omnicqm.common.errors import RateLimited


def take(key="one", most=2):
    limit_take(name="test", key=key, most=most, seconds=60)


def test_so_many_are_let_through_and_the_next_is_refused(monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1000.0)
    take()
    take()
    with pytest.raises(RateLimited, match="more than 2 in 60 seconds"):
        take()
    take(key="another")


def test_a_new_window_begins_anew(monkeypatch):
    monkeypatch.setattr(limits.time, "time", lambda: 1000.0)
    take(most=1)
    monkeypatch.setattr(limits.time, "time", lambda: 1060.0)
    take(most=1)


def test_without_the_cache_everything_is_let_through(monkeypatch):
    def broken(*_, **__):
        raise BrokenConnection

    monkeypatch.setattr(cache, "add", broken)
    for _ in range(5):
        take()


def test_a_bucket_lets_a_burst_through_and_then_fills_slowly(monkeypatch):
    now = 50.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    bucket = Bucket(burst=3, per_second=1)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now = 51.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 500.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_reply_is_stopped_only_in_the_conversation_it_is_written_in():
    stop_request(conversation_id="cnv_1", run="qry_1")
    assert stop_requested(conversation_id="cnv_1", run="qry_1")
    assert not stop_requested(conversation_id="cnv_2", run="qry_1")
    assert not stop_requested(conversation_id="cnv_1", run="qry_2")

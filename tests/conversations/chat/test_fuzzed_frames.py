"""Whatever a page sends is answered by an error or a close, and never leaves a traceback in the log."""

import json
import logging

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("message", "resume", "typing", "stop", "chat.frame", "chat_leave", "websocket.disconnect", "", "Message")
FIELDS = ("type", "client_id", "text", "last_seq", "run", "frame", "seq", "conversation_id", "__class__")
ANSWERS = {"error", "accepted", "message", "resumed", "conversation"}

words = st.text(st.characters(exclude_categories=[]), max_size=40)  # lone surrogates too
values = st.recursive(
    st.none() | st.booleans() | words | st.integers() | st.floats() | st.integers(10**400, 10**401),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(FIELDS), values | st.sampled_from(KINDS), max_size=6)
known = st.builds(lambda kind, fields: {**fields, "type": kind}, st.sampled_from(KINDS), objects)
twice = st.builds(lambda one, two: json.dumps(one)[:-1] + "," + json.dumps(two)[1:], known, known)
deep = st.builds(
    lambda opening, depth: opening * depth, st.sampled_from(["[", '{"a":', '[{"type":']), st.integers(1, 9000)
)
huge = st.builds(
    lambda size: json.dumps({"type": "message", "client_id": "c", "text": "x" * size}), st.integers(60_000, 80_000)
)
texts = st.one_of(words, (values | objects | known).map(json.dumps), twice, deep, huge)
frames = st.one_of(texts.map(lambda text: {"text": text}), st.binary(max_size=200).map(lambda data: {"binary": data}))


@pytest.fixture(autouse=True)
async def closed_connections():
    yield
    await sync_to_async(connections.close_all)()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(sent=st.lists(frames, min_size=1, max_size=4))
async def test_fuzzed_frames_are_answered_and_the_page_goes_on_or_is_closed(
    open_page, visitor, caplog, monkeypatch, sent
):
    monkeypatch.setattr("omnicqm.common.tasks._send", lambda *_: None)
    monkeypatch.setattr("conversations.chat.limits.Bucket.take", lambda _: True)
    async with open_page(visitor, "new=1") as page:
        await page.heard()
        for frame in sent:
            await page.send_raw(**{"text": None, "binary": None, **frame})
        await page.send(type="resume", last_seq=0)
        while (event := await page.communicator.receive_output(10))["type"] == "websocket.send":
            kind = json.loads(event["text"])["type"]
            assert kind in ANSWERS
            if kind == "resumed":
                break
        else:
            assert event == {"type": "websocket.close", "code": 4413}
    assert [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info] == []

"""Calls of a company's system: what is sent, what comes back, and what happens when either is not as it should be."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.test import override_settings
from django.utils import timezone

from agents.errors import ToolCrashed, ToolError
from agents.http_tools.services import http_tool_call, http_tool_secret_set, http_tool_try, tool_build
from agents.http_tools.templates import Values
from agents.models import HttpTool, HttpToolEffect
from agents.types import ToolCall
from omnicqm.common.errors import ConfigurationError, InvalidInput
from omnicqm.common.models import AuditEvent
from tests.agents.http_tools.company import tool_make

pytestmark = pytest.mark.django_db
EMAIL = {"email": "efua@example.com"}


def ask(tool: HttpTool, *, key: str = "key-1", server=EMAIL, seconds: float = 30, **arguments: Any) -> Any:
    call = ToolCall(key, "run_1", time.monotonic() + seconds)
    return http_tool_call(tool=tool, call=call, values=Values(arguments or {"order": "1042"}, server))


# --- What is sent ----------------------------------------------------------------------------------------------------
def test_the_request_is_what_the_template_says(company, connect):
    assert ask(connect())["status"] == "on its way"
    [call] = company.calls
    assert (call.method, call.target, call.body) == ("GET", "/orders/1042?email=efua%40example.com", b"")
    assert "authorization" not in call.headers
    assert "idempotency-key" not in call.headers


@pytest.mark.parametrize(
    ("auth", "name", "header", "value"),
    [
        ("bearer", "", "authorization", "Bearer s3cret"),
        ("header", "X-Api-Key", "x-api-key", "s3cret"),
        ("basic", "shop", "authorization", "Basic c2hvcDpzM2NyZXQ="),
    ],
)
def test_the_secret_goes_where_the_service_wants_it(company, connect, auth, name, header, value):
    ask(connect(auth=auth, auth_name=name, secret="s3cret"))
    assert company.calls[0].headers[header] == value


def test_the_secret_is_stored_sealed_and_opened_under_a_rotated_key(company, connect, settings):
    tool = connect(auth="bearer", secret="s3cret")
    assert "s3cret" not in json.dumps(list(HttpTool.objects.values()), default=str)
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="another key, long enough to be one " * 2, SECRET_KEY_FALLBACKS=[old]):
        assert tool.secret == "s3cret"
    with override_settings(SECRET_KEY="another key, long enough to be one " * 2):
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            _ = tool.secret
        with pytest.raises(ToolError, match="enter its secret again"):
            ask(tool)
    assert not company.calls


@pytest.mark.parametrize("secret", ["a\r\nX-Admin: 1", "a\n", " a", "ä", "", "a\x00"])
def test_a_secret_that_could_become_a_header_of_its_own_is_refused(secret):
    with pytest.raises(InvalidInput, match="line breaks"):
        http_tool_secret_set(tool=tool_make(), secret=secret)


# --- What comes back -------------------------------------------------------------------------------------------------
def test_only_what_was_picked_reaches_the_agent(company, connect):
    assert ask(connect(pick="/status\n/expected_on\n/nothing")) == {
        "status": "on its way",
        "expected_on": "2026-11-23",
    }


def test_pointers_reach_into_lists_and_odd_names(company, connect):
    company.answers(200, {"lines": [{"name": "Table"}], "a/b": 1, "c~d": 2})
    assert ask(connect(pick="/lines/0/name\n/a~1b\n/c~0d\n/lines/7\n/lines/x")) == {
        "name": "Table",
        "a~1b": 1,
        "c~0d": 2,
    }


def test_an_answer_without_any_expected_field_is_an_error(company, connect):
    with pytest.raises(ToolError, match="none of the expected fields"):
        ask(connect(pick="/nothing"))


def test_plain_text_is_read_and_cut(company, connect):
    company.answers(200, b"On its way. " * 100, content_type="text/plain; charset=utf-8")
    found = ask(connect(max_bytes=100))
    assert found.startswith("On its way. ")
    assert found.endswith("…")
    assert len(found) < 110


def test_texts_are_cleaned(company, connect):
    company.answers(200, b'{"status": "on\\u0000 its\\u202e way\\ud800"}')
    assert ask(connect()) == {"status": "on its way"}


BAD_ANSWERS = {
    "not JSON": (b"<html>", "application/json", "broken JSON"),
    "cut off": (b'{"status": "on', "application/json", "broken JSON"),
    "nested": (b"[" * 5000 + b"]" * 5000, "application/json", "broken JSON"),
    "deep": (b"[" * 30 + b"]" * 30, "application/json", "broken JSON"),
    "a monstrous number": (b'{"n": ' + b"9" * 5000 + b"}", "application/json", "broken JSON"),
    "not UTF-8": (b'{"status": "\xff"}', "application/json", "broken JSON"),
    "huge": (b'{"a": "' + b"x" * 200_000 + b'"}', "application/json", "more than can be read"),
    "a page": (b"<h1>Hello</h1>", "text/html", "neither JSON nor plain text"),
    "an image": (b"\x89PNG", "image/png", "neither JSON nor plain text"),
}


@pytest.mark.parametrize(("body", "kind", "words"), BAD_ANSWERS.values(), ids=BAD_ANSWERS.keys())
def test_an_answer_that_cannot_be_read_is_told_shortly(company, connect, body, kind, words):
    company.answers(200, body, content_type=kind)
    with pytest.raises(ToolError, match=words) as told:
        ask(connect())
    assert len(told.value.message) < 200


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "knows nothing"),
        (401, "does not let us in"),
        (422, r"refused these arguments \(422\)"),
        (429, "busy"),
        (500, r"failed \(500\)"),
    ],
)
def test_a_refusal_is_told_without_the_services_own_words(company, connect, status, words):
    company.answers(status, {"detail": "SECRET-trace of another customer"})
    with pytest.raises(ToolError, match=words) as told:
        ask(connect())
    assert "SECRET" not in told.value.message


def test_a_redirect_is_not_followed(company, connect):
    company.answers(302, b"", Location=f"http://{company.host}/elsewhere")
    with pytest.raises(ToolError, match="redirect"):
        ask(connect())
    assert len(company.calls) == 1


# --- Where nothing may go --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "order", ["../../admin", "..%2f..%2fadmin", "1\r\nX-Admin: 1", "1?admin=1", "1#x", "@evil.example"]
)
def test_arguments_never_change_where_a_request_goes(company, connect, order):
    tool = connect()
    try:
        ask(tool, order=order)
    except ToolError:
        assert not company.calls
    else:
        [call] = company.calls
        assert call.target.partition("?")[0].count("/") == 2
        assert call.target.endswith("?email=efua%40example.com")
        assert "x-admin" not in call.headers


def test_a_private_address_is_refused_even_if_the_row_names_it(company, connect, settings):
    tool = connect()
    settings.OUTGOING_ALLOW = []
    with pytest.raises(ToolError, match="cannot be reached"):
        ask(tool)
    assert not company.calls


def test_a_row_changed_past_its_checks_reaches_no_other_host(company, connect):
    tool = connect()
    HttpTool.objects.update(allowed_hosts="shop.example")
    tool.refresh_from_db()
    with pytest.raises(ToolError, match="host is not allowed"):
        ask(tool)
    assert not company.calls


def test_without_time_left_nothing_is_sent(company, connect):
    with pytest.raises(ToolError, match="no time left"):
        ask(connect(), seconds=0.1)
    assert not company.calls


# --- Writes ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def cancel(connect) -> HttpTool:
    return connect(name="order_cancel", method="POST", effect="writes", body={"order": "{{order}}"})


def test_a_write_carries_its_key_and_happens_once(company, cancel):
    company.answers(200, {"status": "cancelled"})
    assert ask(cancel) == ask(cancel) == {"status": "cancelled"}
    [call] = company.calls
    assert (call.json, call.headers["idempotency-key"]) == ({"order": "1042"}, "key-1")
    assert call.headers["content-type"] == "application/json"
    ask(cancel, key="key-2")
    assert len(company.calls) == 2


@pytest.mark.parametrize("status", [0, 500, 502])
def test_a_write_of_unknown_outcome_ends_the_run_and_is_never_repeated(company, cancel, status):
    company.answers(status, {})
    for _ in range(2):
        with pytest.raises(ToolCrashed, match="not known whether"):
            ask(cancel)
    assert len(company.calls) == 1


def test_a_write_that_died_between_is_not_repeated(company, cancel):
    HttpToolEffect.objects.create(key="key-1", tool=cancel)
    with pytest.raises(ToolCrashed, match="not known whether"):
        ask(cancel)
    assert not company.calls


@pytest.mark.parametrize("status", [404, 409, 429, 503, 302])
def test_a_write_that_was_refused_may_be_tried_again(company, cancel, status):
    company.answers(status, {})
    with pytest.raises(ToolError):
        ask(cancel)
    company.answers(200, {"status": "cancelled"})
    assert ask(cancel) == {"status": "cancelled"}


def test_a_write_is_forgotten_when_nobody_can_repeat_it_any_more(cancel):
    for key, days in (("old", 91), ("new", 89)):
        HttpToolEffect.objects.create(key=key, tool=cancel, created_at=timezone.now() - timedelta(days=days))
    current_app.tasks["agents.records_purge"].delay()
    assert [effect.key for effect in HttpToolEffect.objects.all()] == ["new"]


def test_a_write_that_was_done_stays_done_though_its_answer_makes_no_sense(company, cancel):
    company.answers(200, b"<html>")
    assert ask(cancel)["status"] == ask(cancel)["status"] == "done"
    assert len(company.calls) == 1


def test_a_write_that_never_left_may_be_tried_again(company, cancel, settings):
    settings.OUTGOING_ALLOW = []
    with pytest.raises(ToolError):
        ask(cancel)
    settings.OUTGOING_ALLOW = [company.host]
    ask(cancel)
    assert len(company.calls) == 1


def test_a_read_without_answer_may_be_asked_again(company, connect):
    company.answers(0, {})
    with pytest.raises(ToolError, match="did not answer"):
        ask(connect())
    assert not HttpToolEffect.objects.exists()


# --- The trail, and trials -------------------------------------------------------------------------------------------
def test_every_call_is_in_the_audit_trail_without_content(company, connect):
    tool = connect()
    ask(tool)
    company.answers(404, {})
    with pytest.raises(ToolError):
        ask(tool)
    found = AuditEvent.objects.filter(action="http_tool.called").order_by("at")
    assert [(event.object_id, event.actor) for event in found] == [(tool.pk, "system:worker")] * 2
    assert [event.details["status"] for event in found] == [200, 404]
    assert {event.details["run_id"] for event in found} == {"run_1"}
    assert set(found[0].details) == {"run_id", "status", "ms", "error"}


def tried(tool: HttpTool, **arguments: Any):
    return http_tool_try(tool=tool, arguments=arguments, server=EMAIL, actor="user:1")


def test_a_trial_shows_what_was_asked_and_what_the_agent_would_get(company, connect):
    found = tried(connect(enabled=False, auth="bearer", secret="s3cret"), order="1042")
    assert (found.status, found.error, found.data["status"]) == (200, "", "on its way")
    assert found.url.endswith("/orders/1042?email=efua%40example.com")
    assert AuditEvent.objects.get(action="http_tool.called").actor == "user:1"


@pytest.mark.parametrize("arguments", [{}, {"order": 7}, {"order": "1", "more": "x"}, {"order": "../x"}])
def test_a_trial_with_arguments_that_do_not_fit_says_so(company, connect, arguments):
    assert tried(connect(), **arguments).error
    assert not company.calls


def test_a_trial_of_a_write_really_writes_each_time(company, cancel):
    tried(cancel, order="1042")
    tried(cancel, order="1042")
    assert len(company.calls) == 2


def test_no_argument_beyond_the_schema_reaches_a_tool_whatever_the_schema_says(connect):
    tool = connect()
    assert tool_build(tool, EMAIL).schema["additionalProperties"] is False

"""Bad input is the caller's to mend: a problem document that names the field, never a 500, and nothing stored."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from conversations.models import Channel, Message, Query
from tests.api import ApiClient, problem_of
from tests.conversations.people import EFUA, conversation_make, customer_make

QUERY = "/api/v1/query"
CALLBACK = "https://hooks.example.com/done"


def mail(**changes: Any) -> dict[str, Any]:
    body = {"channel_id": "outlook", "user_id": EFUA, "message": "Where is my sofa?"} | changes
    return {name: value for name, value in body.items() if value is not ...}


def file(**changes: Any) -> dict[str, Any]:
    return {"name": "a.txt", "content_type": "text/plain", "content_base64": "aGVsbG8="} | changes


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


BAD_FIELDS: dict[str, tuple[dict[str, Any], str]] = {
    "no channel": (mail(channel_id=...), "channel_id"),
    "an unknown channel": (mail(channel_id="pigeon"), "channel_id"),
    "a channel of the wrong type": (mail(channel_id=["outlook"]), "channel_id"),
    "a channel with NUL": (mail(channel_id="out\x00look"), "channel_id"),
    "an empty channel": (mail(channel_id=""), "channel_id"),
    "no user": (mail(user_id=...), "user_id"),
    "an empty user": (mail(user_id="  "), "user_id"),
    "no address": (mail(user_id="nobody"), "user_id"),
    "two addresses": (mail(user_id="a@b.example; c@d.example"), "user_id"),
    "an address with NUL": (mail(user_id="a\x00@b.example"), "user_id"),
    "an address with a lone surrogate": (mail(user_id="a\ud800@b.example"), "user_id"),
    "an address with a line end": (mail(user_id="a@b.example\nBcc: c@d.example"), "user_id"),
    "an endless address": (mail(user_id="a" * 5000 + "@b.example"), "user_id"),
    "a number as user": (mail(user_id=42), "user_id"),
    "null as user": (mail(user_id=None), "user_id"),
    "no message": (mail(message=...), "message"),
    "an empty message": (mail(message=""), "message"),
    "a blank message": (mail(message=" \n\t "), "message"),
    "a message of nothing visible": (mail(message="\x00\u200b\u2060\U000e0041"), "message"),
    "a message of markup alone": (mail(message="", html="<p> <img src=x> </p>"), "message"),
    "a number as message": (mail(message=1), "message"),
    "a list as message": (mail(message=["a"]), "message"),
    "an object as subject": (mail(subject={}), "subject"),
    "an external id with NUL": (mail(external_id="<a\x00@b>"), "external_id"),
    "an endless external id": (mail(external_id="x" * 999), "external_id"),
    "a number as external id": (mail(external_id=17), "external_id"),
    "references that are no list": (mail(references="<a@b>"), "references"),
    "a reference with NUL": (mail(references=["<a@b>", "<\x00@b>"]), "references[1]"),
    "a malformed conversation": (mail(conversation_id="42"), "conversation_id"),
    "an unknown conversation": (mail(conversation_id="cnv_01k8z3c9v7e2m4n6p8r0t2w4y6"), "conversation_id"),
    "a callback that is no URL": (mail(callback_url="call me"), "callback_url"),
    "a callback without https": (mail(callback_url="http://hooks.example.com/"), "callback_url"),
    "a callback to loopback": (mail(callback_url="https://127.0.0.1/x"), "callback_url"),
    "a callback to localhost": (mail(callback_url="https://localhost:8000/x"), "callback_url"),
    "a callback to the metadata service": (mail(callback_url="https://169.254.169.254/latest"), "callback_url"),
    "a callback with a password": (mail(callback_url="https://u:p@hooks.example.com/"), "callback_url"),
    "a callback with a line end": (mail(callback_url=CALLBACK + "\r\nX: 1"), "callback_url"),
    "a time that is none": (mail(received_at="yesterday"), "received_at"),
    "a time without offset": (mail(received_at="2026-11-20T10:00:00"), "received_at"),
    "a time in the far future": (mail(received_at=(timezone.now() + timedelta(days=2)).isoformat()), "received_at"),
    "a time out of range": (mail(received_at="9999-12-31T23:59:59-23:59"), "received_at"),
    "attachments that are no list": (mail(attachments={}), "attachments"),
    "an attachment that is no object": (mail(attachments=["a"]), "attachments[0]"),
    "too many attachments": (mail(attachments=[file()] * 21), "attachments"),
    "an attachment without a name": (mail(attachments=[file(), file(name="")]), "attachments[1].name"),
    "an attachment with NUL in its name": (mail(attachments=[file(name="a\x00.txt")]), "attachments[0].name"),
    "an attachment that is not base64": (
        mail(attachments=[file(content_base64="?!")]),
        "attachments[0].content_base64",
    ),
    "an attachment cut in the middle": (
        mail(attachments=[file(content_base64="aGVsbG8")]),
        "attachments[0].content_base64",
    ),
    "an attachment of another type": (mail(attachments=[file(content_type="text")]), "attachments[0].content_type"),
    "metadata that is no object": (mail(metadata=[1]), "metadata"),
    "metadata too large": (mail(metadata={"a": "x" * 20_000}), "metadata"),
    "an unknown field": (mail(mesage="typo"), "mesage"),
    "an unknown field that cannot be written down": (mail(**{"\ud800\x00x": 1}), "x"),
}


@pytest.mark.parametrize(("body", "field"), BAD_FIELDS.values(), ids=BAD_FIELDS.keys())
def test_a_bad_field_is_named_and_nothing_is_stored(api: ApiClient, body: dict[str, Any], field: str) -> None:
    problem = problem_of(api.post(QUERY, body))
    assert 400 <= problem["status"] < 500
    assert problem["param"] == field
    assert (Message.objects.count(), Query.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"\xff\xfe\x00", 400),
        (b'{"message": NaN}', 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, 400),
        (json.dumps({**mail(), "metadata": deep(60)}).encode(), 400),
        (b'{"channel_id": "outlook", "channel_id": "api"}', 400),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_no_object_is_refused(api: ApiClient, raw: bytes, status: int) -> None:
    assert problem_of(api.post(QUERY, raw=raw))["status"] == status


def test_a_body_beyond_the_limit_is_too_large(api: ApiClient, settings: Any) -> None:
    settings.API_MAX_BODY_BYTES = 1000
    assert problem_of(api.post(QUERY, mail(message="x" * 2000)))["status"] == 413


def test_attachments_beyond_25_mb_together_are_refused(api: ApiClient) -> None:
    half = base64.b64encode(b"x" * 14_000_000).decode()
    problem = problem_of(api.post(QUERY, mail(attachments=[file(content_base64=half)] * 2)))
    assert (problem["param"], problem["status"]) == ("attachments", 413)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (mail(message="x" * 10_000_000), "message"),
        (mail(message="x" * 2_000_001), "message"),
        (mail(html="<p>" + "x" * 2_100_000), "html"),
    ],
    ids=["10 MB", "one too long", "html"],
)
def test_only_what_no_mail_program_sends_is_too_large(api: ApiClient, body: dict[str, Any], field: str) -> None:
    problem = problem_of(api.post(QUERY, body))
    assert (problem["status"], problem["code"], problem["param"]) == (413, "too_large", field)
    assert not Message.objects.exists()


def test_a_channel_that_is_switched_off_takes_nothing(api: ApiClient) -> None:
    Channel.objects.filter(pk="outlook").update(is_active=False)
    assert problem_of(api.post(QUERY, mail()))["param"] == "channel_id"


def test_somebody_elses_conversation_does_not_exist(api: ApiClient) -> None:
    conversation = conversation_make(customer_make("other@example.com"))
    problem = problem_of(api.post(QUERY, mail(conversation_id=conversation.pk)))
    assert (problem["status"], problem["param"]) == (404, "conversation_id")


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
def test_another_content_type_is_refused(api: ApiClient, content_type: str) -> None:
    answer = api._http.post(QUERY, b"x=1", content_type=content_type, headers=api._headers({}))
    assert problem_of(answer)["status"] in (400, 415)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_another_method_is_refused(api: ApiClient, method: str) -> None:
    answer = api._http.generic(method, QUERY, b"{}", content_type="application/json", headers=api._headers({}))
    assert problem_of(answer)["status"] == 405


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/queries/nothing",
        "/api/v1/queries/qry_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "/api/v1/queries/%00",
        "/api/v1/queries/%ED%A0%80",
        "/api/v1/queries/%FF",
        "/api/v1/conversations/%00/messages",
        "/api/v1/conversations/cnv_%F0%9F%98%80",
        "/api/v1/customers/%00",
        "/api/v1/customers/" + "x" * 3000,
        "/api/v1/nothing",
        "/api/nothing",
        "/oauth/nothing",
    ],
)
def test_what_is_not_there_is_a_404(api: ApiClient, path: str) -> None:
    assert problem_of(api.get(path))["status"] == 404


@pytest.mark.parametrize("identity", ["", "email", "email:", "email:nobody", "shoe:44", "email:a\x00@b.example", ":"])
def test_a_malformed_identity_is_named(api: ApiClient, identity: str) -> None:
    problem = problem_of(api.get("/api/v1/customers", identity=identity))
    assert (problem["status"], problem["param"]) == (400, "identity")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("after", "-1"),
        ("after", "x"),
        ("after", "9" * 30),
        ("after", "１"),
        ("limit", "0"),
        ("limit", "1000000"),
        ("limit", "1".zfill(12) + "000"),
    ],
)
def test_a_malformed_page_is_named(api: ApiClient, name: str, value: str) -> None:
    conversation = conversation_make()
    answer = api.get(f"/api/v1/conversations/{conversation.pk}/messages", **{name: value})
    problem = problem_of(answer)
    assert (problem["status"], problem["param"]) == (400, name)


@pytest.mark.data
def test_naughty_strings_are_taken_in_as_text_and_never_break_a_field(api: ApiClient, shared_data: Path) -> None:
    lines = (shared_data / "adversarial" / "naughty_strings.jsonl").read_text().strip().split("\n")
    for number, text in enumerate(json.loads(line)["text"] for line in lines):
        answer = api.post(QUERY, mail(message=f"Look: {text}", subject=text, metadata={text: text}))
        assert answer.status_code == 202, (number, answer.content)
        for field in ("channel_id", "user_id", "external_id", "in_reply_to", "callback_url", "received_at"):
            answer = api.post(QUERY, mail(**{field: text}))
            assert answer.status_code == 202 or problem_of(answer)["status"] < 500, (number, field)


@pytest.mark.data
@pytest.mark.parametrize("name", ["pii/pii_spans.jsonl", "adversarial/prompts.jsonl", "adversarial/abusive_text.jsonl"])
def test_what_people_write_is_taken_in(api: ApiClient, shared_data: Path, name: str) -> None:
    for line in (shared_data / name).read_text().strip().split("\n"):
        text = json.loads(line)["text"]
        answer = api.post(QUERY, mail(channel_id="api", message=text))
        assert answer.status_code == 202, (text[:80], answer.content)

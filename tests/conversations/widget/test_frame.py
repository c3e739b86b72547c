"""The frame's doors: who may frame it, with which session, and what is not there."""

import json
import re
from http.cookies import SimpleCookie

import pytest
from django.test import Client
from django.urls import reverse

from conversations.chat.session import VISITOR_KEY
from conversations.models import WidgetKey
from conversations.widget import limits
from conversations.widget.loader import loader_read
from conversations.widget.session import COOKIE
from tests.conversations.people import EFUA, channel_get
from tests.conversations.widget.shop import BLOG, SHOP, claims_make, key_make, sign

pytestmark = pytest.mark.django_db
OURS = "http://testserver"


@pytest.fixture
def shop():
    return key_make(title="Shop help", colour="#ffee00")


@pytest.fixture
def frame(shop):
    return f"/widget/frame/{shop[0].public_key}"


def enter(client, key="", origin=SHOP, **more):
    return client.get("/widget/frame/", {"key": key, "origin": origin, **more})


def policy(answer):
    return dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))


def post(client, path, data=None, origin=OURS, **more):
    headers = {"Origin": origin} if origin is not None else {}
    return client.post(path, json.dumps(data or {}), content_type="application/json", headers=headers, **more)


def facts_of(answer):
    return dict(re.findall(r'(data-[a-z-]+)="([^"]*)"', answer.content.decode()))


# --- The loader ---


def test_the_loader_is_small_and_kept(client):
    answer = client.get("/widget/v1.js", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) <= 5 * 1024
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "stale-if-error" in answer.headers["Cache-Control"]
    assert "Cookie" not in answer.headers["Vary"]
    assert not answer.cookies
    again = client.get("/widget/v1.js", headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/widget/v1.js")
    assert plain.content == loader_read().plain
    assert plain.headers["ETag"] != answer.headers["ETag"]
    assert client.post("/widget/v1.js").status_code == 405


# --- The entrance ---


def test_a_page_of_the_list_enters(client, shop, frame):
    answer = enter(client, shop[0].public_key)
    assert answer.url == f"{frame}/widget/session/boot/"
    assert enter(client, shop[0].public_key, page="chat").url == f"{frame}/chat/"
    assert enter(client, shop[0].public_key, page="https://evil.example/").url == f"{frame}/widget/session/boot/"


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.example", "http://www.shop.example", f"{SHOP}:8443", f"{SHOP}.evil.example", f"{SHOP}/"],
)
def test_other_pages_are_told_why_not(client, shop, origin):
    answer = enter(client, shop[0].public_key, origin)
    assert answer.status_code == 403
    assert facts_of(answer)["data-code"] == "origin_not_allowed"
    assert not answer.cookies


def test_an_unknown_and_a_disabled_key_are_told_apart(client, shop, frame):
    assert facts_of(enter(client, "pk_nobody"))["data-code"] == "key_unknown"
    WidgetKey.objects.update(enabled=False)
    assert facts_of(enter(client, shop[0].public_key))["data-code"] == "key_disabled"
    assert client.get(f"{frame}/chat/").status_code == 403
    assert post(client, f"{frame}/widget/session/identify/").json()["code"] == "key_disabled"


def test_what_refuses_holds_nothing_and_runs_no_inline_script(client):
    answer = enter(client, "pk_<script>", "https://evil.example")
    assert "<script>" not in answer.content.decode()
    assert "X-Frame-Options" not in answer.headers
    assert policy(answer)["script-src"] == "'self'"


def test_frames_are_counted_by_key_origin_and_network(client, shop, monkeypatch):
    key = shop[0]
    WidgetKey.objects.update(frames_per_minute=4)
    for _ in range(3):
        assert enter(client, key.public_key).status_code == 302
    assert facts_of(enter(client, key.public_key))["data-code"] == "rate_limited"
    assert enter(client, key.public_key, BLOG).status_code == 302, "one origin leaves something to the others"
    assert enter(client, key.public_key, BLOG).status_code == 429
    other, _ = key_make("Other")
    monkeypatch.setattr(limits, "FRAMES_PER_NETWORK", 6)
    assert enter(client, other.public_key).status_code == 429
    assert enter(client, other.public_key, REMOTE_ADDR="198.51.100.7").status_code == 429
    answer = client.get("/widget/frame/", {"key": other.public_key, "origin": SHOP}, REMOTE_ADDR="198.51.100.7")
    assert answer.status_code == 302


# --- The chat in the frame ---


def test_only_pages_of_the_list_may_frame_the_chat(client, frame):
    for path in ("/chat/", "/chat/sign-in/", "/widget/session/boot/"):
        answer = client.get(frame + path)
        assert answer.status_code == 200
        assert policy(answer)["frame-ancestors"] == f"{SHOP} {BLOG}"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer.headers


def test_our_own_pages_stay_out_of_every_frame(client, shop):
    for path in ("/chat/", "/chat/sign-in/", "/admin/login/"):
        answer = client.get(path)
        assert policy(answer)["frame-ancestors"] == "'none'"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert client.get("/widget/session/boot/").status_code == 404
    assert post(client, "/widget/session/identify/").status_code in (403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/api/v1/query",
        "/api/v1/voice/transcriptions",
        "/api/docs",
        "/oauth/token",
        "/widget/frame/",
        "/widget/v1.js",
        "/",
        "",
        "/healthz",
        "/chat",
        "//chat/",
    ],
)
def test_the_rest_of_the_site_is_not_below_the_frame(client, frame, path):
    assert client.get(frame + path).status_code in (404, 301)


def test_every_address_of_the_framed_page_leads_below_the_frame(client, frame):
    client.get(f"{frame}/chat/")
    text = client.get(f"{frame}/chat/").content.decode()
    inner = re.findall(r'(?:href|action|data-chat-url)="(/[^"]*)"', text)
    assert inner
    assert all(path.startswith((f"{frame}/", "/static/")) for path in inner)
    assert (
        client.post(f"{frame}/chat/sign-in/", {"email": EFUA}, headers={"Origin": OURS}).url
        == f"{frame}/chat/sign-in/code/"
    )
    assert reverse("chat:chat") == "/chat/", "and only those"


def test_no_field_takes_the_focus_of_the_page_around(client, frame):
    assert "autofocus" not in client.get(f"{frame}/chat/sign-in/").content.decode()
    assert "autofocus" in client.get("/chat/sign-in/").content.decode()


def test_the_frame_has_a_session_of_its_own(client, frame):
    client.get("/chat/")
    ours = client.cookies["sessionid"].value
    client.get(f"{frame}/chat/")
    assert client.cookies["sessionid"].value == ours
    assert client.cookies[COOKIE].value != ours
    assert VISITOR_KEY in client.session
    client.cookies[COOKIE] = ours
    client.get(f"{frame}/chat/")
    assert client.cookies[COOKIE].value != ours, "a session of our own pages is none of the frame"


def test_the_cookie_goes_along_into_frames_of_other_sites_and_is_kept_apart_for_each(client, frame):
    header = client.get(f"{frame}/chat/", secure=True).cookies[COOKIE].OutputString()
    assert header.endswith("; Partitioned")
    for part in ("HttpOnly", "Secure", "SameSite=None", f"Path={frame}/"):
        assert part in header.split("; ")
    assert (
        "Partitioned"
        not in client.get(f"{frame}/chat/new/", headers={"Cookie": ""}).cookies.get(COOKIE, SimpleCookie()).__str__()
    )


def test_over_plain_http_the_cookie_stays_within_one_site(frame):
    morsel = Client().get(f"{frame}/chat/").cookies[COOKIE]
    assert morsel["samesite"] == "Lax"
    assert not morsel["secure"]


def test_a_session_of_one_key_is_none_of_another(client, frame):
    client.get(f"{frame}/chat/")
    first = client.cookies[COOKIE].value
    other, _ = key_make("Other")
    client.get(f"/widget/frame/{other.public_key}/chat/")
    assert client.cookies[COOKIE].value != first


def test_the_first_page_begins_no_session(client, frame):
    assert not client.get(f"{frame}/widget/session/boot/").cookies
    assert not client.get(f"{frame}/widget/session/state/").cookies


def test_the_boot_page_says_how_the_launcher_looks(client, frame):
    facts = facts_of(client.get(f"{frame}/widget/session/boot/"))
    look = json.loads(facts["data-look"].replace("&quot;", '"'))
    assert (look["title"], look["colour"], look["ink"]) == ("Shop help", "#ffee00", "#000000")
    assert facts["data-origins"] == f"{SHOP} {BLOG}"


@pytest.mark.parametrize(
    "origin", [None, "null", SHOP, "https://evil.example", "http://testserver:8001", "http://testserver.evil.example"]
)
def test_what_changes_something_comes_from_the_chat_itself(client, shop, frame, origin):
    client.get(f"{frame}/chat/")
    token = sign(claims_make(shop[0], email=EFUA), shop[1])
    for path in ("/widget/session/identify/", "/widget/session/logout/", "/widget/session/seen/", "/chat/sign-out/"):
        assert post(client, frame + path, {"token": token}, origin).status_code == 403
    assert "Signed in" not in client.get(f"{frame}/chat/").content.decode()


def test_the_page_says_who_its_visitor_is_and_the_chat_shows_it(client, shop, frame):
    token = sign(claims_make(shop[0], email=EFUA), shop[1])
    assert post(client, f"{frame}/widget/session/identify/", {"token": token}).json() == {"changed": True}
    assert EFUA in client.get(f"{frame}/chat/").content.decode()
    assert EFUA not in client.get("/chat/").content.decode(), "our own pages know nothing of it"
    assert post(client, f"{frame}/widget/session/logout/").json() == {"changed": True}
    assert EFUA not in client.get(f"{frame}/chat/").content.decode()


@pytest.mark.parametrize("path", ["/chat/", "/chat/delete-my-data/"])
def test_who_has_neither_address_nor_name_is_not_shown_the_shops_own_id(client, shop, frame, path):
    post(client, f"{frame}/widget/session/identify/", {"token": sign(claims_make(shop[0], sub="id-4711"), shop[1])})
    assert 'Signed in as <strong dir="auto">a customer of ours</strong>' in client.get(frame + path).content.decode()
    in_german = client.get(frame + path, headers={"Accept-Language": "de"}).content.decode()
    assert "unsere Kundin oder unser Kunde" in in_german
    assert "id-4711" not in in_german


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"token": 7}', b'{"token": null}', b"\xff", b"x" * 9000])
def test_a_body_that_is_no_token_is_refused_with_a_code(client, frame, body):
    answer = client.post(
        f"{frame}/widget/session/identify/", body, content_type="application/json", headers={"Origin": OURS}
    )
    assert answer.status_code == 400
    assert answer.json()["code"] == "token_invalid"


def test_saying_who_it_is_has_a_limit(client, shop, frame, monkeypatch):
    monkeypatch.setattr(limits, "IDENTIFIES_PER_VISITOR", 3)
    codes = [post(client, f"{frame}/widget/session/identify/", {"token": "x"}).json()["code"] for _ in range(4)]
    assert codes == ["token_invalid"] * 3 + ["rate_limited"]


def test_new_sessions_have_a_limit(frame, monkeypatch):
    monkeypatch.setattr(limits, "SESSIONS_PER_NETWORK", 2)
    statuses = [Client().get(f"{frame}/chat/").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_the_frame_is_closed_with_its_channel_or_key(client, frame):
    client.get(f"{frame}/chat/")
    channel_get("chat", is_active=False)
    assert client.get(f"{frame}/chat/").status_code == 200

"""The console's websocket: who may listen, what they are told, and that nothing they send can break anything."""

import asyncio
import json
import logging

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from redis.exceptions import ConnectionError as RedisConnectionError

from conversations.escalations.services import escalation_claim, escalation_release
from conversations.models import Escalation
from omnicqm.console.live import hub
from omnicqm.console.live.parsing import MOST_BYTES
from omnicqm.console.live.routing import console_urlpatterns
from tests.console.live.conftest import session_of
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.conversations.chat.conftest import Communicator

pytestmark = pytest.mark.django_db(transaction=True)

make_consultant, make_admin, make_escalation = map(sync_to_async, (consultant_make, admin_make, escalation_make))


async def heard_until(page, wanted, /, **fields):
    """The first frame of type `wanted` with these fields; the ones before are dropped."""
    while True:
        frame = await page.heard()
        if frame["type"] == wanted and fields.items() <= frame.items():
            return frame


def names(frame):
    return [person["name"] for person in frame["people"]]


# --- Who may ---------------------------------------------------------------------------------------------------------


async def test_a_consultant_is_told_who_they_are_what_waits_and_who_views_what(open_console):
    user, escalation = await make_consultant(), await make_escalation()
    await Escalation.objects.filter(pk=escalation.pk).aupdate(state="open", assignee=None)
    async with open_console(await session_of(user)) as page:
        ready = await page.heard()
    assert ready["type"] == "ready"
    assert ready["you"] == {"id": user.pk, "name": "Robin Hale", "initials": "RH", "tone": user.pk % 6}
    assert ready["counts"] == {"overdue": 0, "due_soon": 0, "unassigned": 1, "mine": 0, "waiting": 0}
    assert ready["viewing"] == {}


async def test_who_has_not_signed_in_is_sent_away(open_console):
    async with open_console(SessionStore()) as page:
        assert (await page.heard())["code"] == "not_authenticated"
        assert await page.closed() == 4401


@pytest.mark.parametrize("lacks", ["the permission", "being staff", "being active"])
async def test_who_may_not_see_escalations_is_sent_away(open_console, lacks):
    user = await make_consultant()
    if lacks == "the permission":
        await user.groups.aclear()
    user.is_staff, user.is_active = lacks != "being staff", lacks != "being active"
    session = await session_of(user)
    await user.asave()
    async with open_console(session) as page:
        assert (await page.heard())["code"] == ("not_authenticated" if lacks == "being active" else "not_allowed")
        assert await page.closed() == (4401 if lacks == "being active" else 4403)


async def test_the_permission_may_be_the_users_own(open_console):
    user = await make_consultant()
    await user.groups.aclear()
    await user.user_permissions.aadd(await Permission.objects.aget(codename="view_escalation"))
    async with open_console(await session_of(user)) as page:
        assert (await page.heard())["type"] == "ready"


async def test_a_page_of_another_site_gets_no_connection():
    """As `omnicqm.asgi` wraps all websockets; tests/browser/test_queue.py knocks at the real door."""
    session = await session_of(await make_admin())
    cookie = b"sessionid=" + session.session_key.encode()
    application = AllowedHostsOriginValidator(SessionMiddlewareStack(URLRouter(console_urlpatterns)))
    for origin, expected in ((b"https://evil.example", False), (b"http://localhost", True)):
        headers = [(b"origin", origin), (b"host", b"localhost"), (b"cookie", cookie)]
        communicator = Communicator(application, "/ws/console", headers=headers)
        connected, _ = await communicator.connect(timeout=5)
        assert connected is expected
        if connected:
            assert (await communicator.receive_json_from(5))["type"] == "ready"
        await communicator.disconnect()


@pytest.mark.parametrize(
    "how", ["logs out", "is locked", "loses the right", "changes the password", "expires", "needs a factor"]
)
async def test_who_may_no_more_is_hung_up_on(open_console, settings, how):
    user = await make_consultant()
    session = await session_of(user)
    async with open_console(session) as page:
        await page.heard()
        match how:
            case "logs out":
                await session.aflush()
            case "is locked":
                user.is_active = False
                await user.asave()
            case "loses the right":
                await user.groups.aclear()
            case "changes the password":
                user.set_password("quite another passphrase")
                await user.asave()
            case "needs a factor":
                settings.STAFF_MFA = "required"
            case "expires":
                await Session.objects.filter(pk=session.session_key).adelete()
        assert await page.closed() == (4403 if how == "loses the right" else 4401)


async def test_a_person_has_only_so_many_pages(open_console, monkeypatch):
    monkeypatch.setattr(hub, "MOST_PAGES_OF_A_PERSON", 1)
    session = await session_of(await make_consultant())
    async with open_console(session) as first:
        assert (await first.heard())["type"] == "ready"
        async with open_console(session) as second:
            assert await second.closed() == 4429
    async with open_console(session) as third:
        assert (await third.heard())["type"] == "ready", "the first one is closed"


# --- What happens ----------------------------------------------------------------------------------------------------


async def test_what_happens_to_a_case_is_told_to_everybody(open_console):
    robin, boss = await make_consultant(), await make_admin()
    escalation = await make_escalation()
    await Escalation.objects.filter(pk=escalation.pk).aupdate(state="open", assignee=None)
    async with open_console(await session_of(boss)) as page:
        await page.heard()
        await sync_to_async(escalation_claim)(escalation=escalation, user=robin)
        told = await heard_until(page, "escalation", kind="claimed")
        assert (told["id"], told["state"], told["user_id"]) == (escalation.pk, "assigned", robin.pk)
        assert told["assignee"]["name"] == "Robin Hale"
        assert "priya" not in json.dumps(told).lower(), "no word of the customer's"
        counts = await heard_until(page, "counts")
        assert (counts["unassigned"], counts["mine"]) == (0, 0)
        await sync_to_async(escalation_release)(escalation=escalation, user=robin)
        assert (await heard_until(page, "escalation", kind="released"))["assignee"] is None


async def test_however_much_happens_it_is_counted_once_a_look(open_console, monkeypatch):
    counted = []
    counts = hub.escalations_counts
    monkeypatch.setattr(hub, "escalations_counts", lambda ids: counted.append(list(ids)) or counts(ids))
    monkeypatch.setattr(hub, "CHECK_SECONDS", 0.5)
    robin, escalation = await make_consultant(), await make_escalation()
    await Escalation.objects.filter(pk=escalation.pk).aupdate(state="open", assignee=None)
    async with open_console(await session_of(robin)) as page:
        await page.heard()
        await sync_to_async(escalation_claim)(escalation=escalation, user=robin)
        for _ in range(20):
            event = {"type": "console.frame", "frame": {"type": "escalation", "id": escalation.pk}}
            await get_channel_layer().group_send("console.live", event)
        assert (await heard_until(page, "counts"))["mine"] == 1
    assert len(counted) <= 3, "when it came in, and once or twice for twenty events"


async def test_without_the_broker_work_goes_on_and_it_is_noted(monkeypatch, caplog):
    def away(*_):
        raise RedisConnectionError("gone")

    monkeypatch.setattr("tests.layer.MemoryLayer.group_publish", away)
    robin, escalation = await make_consultant(), await make_escalation()
    await Escalation.objects.filter(pk=escalation.pk).aupdate(state="open", assignee=None)
    claimed = await sync_to_async(escalation_claim)(escalation=escalation, user=robin)
    assert claimed.assignee_id == robin.pk
    assert "console_event_not_sent" in caplog.text


# --- Who views what --------------------------------------------------------------------------------------------------


async def test_colleagues_see_who_views_a_case_and_two_tabs_are_one_person(open_console):
    robin, boss, escalation = await make_consultant(), await make_admin(), await make_escalation()
    robins = await session_of(robin)
    async with open_console(await session_of(boss)) as watcher:
        await watcher.heard()
        async with open_console(robins) as first, open_console(robins) as second:
            await first.heard()
            await first.send(type="watch", escalation=escalation.pk)
            assert names(await heard_until(watcher, "presence", escalation=escalation.pk)) == ["Robin Hale"]
            await second.heard()
            await second.send(type="watch", escalation=escalation.pk)
            await second.send(type="ping")
            await heard_until(second, "pong")
            assert await watcher.hears_nothing(), "still the same one person"
            await first.send(type="unwatch")
            await first.send(type="ping")
            await heard_until(first, "pong")
            assert await watcher.hears_nothing(), "the other tab still shows it"
        assert names(await heard_until(watcher, "presence", escalation=escalation.pk)) == [], "both tabs are closed"


async def test_who_comes_later_is_told_who_is_there(open_console):
    robin, boss, escalation = await make_consultant(), await make_admin(), await make_escalation()
    async with open_console(await session_of(robin)) as page:
        await page.heard()
        await page.send(type="watch", escalation=escalation.pk)
        await heard_until(page, "presence")
        async with open_console(await session_of(boss)) as late:
            [person] = (await late.heard())["viewing"][escalation.pk]
    assert person["name"] == "Robin Hale"


async def test_others_see_who_is_typing_until_they_pause(open_console, monkeypatch):
    robin, boss, escalation = await make_consultant(), await make_admin(), await make_escalation()
    async with open_console(await session_of(boss)) as watcher, open_console(await session_of(robin)) as page:
        await watcher.heard()
        await page.heard()
        await page.send(type="typing")  # on no case: nobody's business
        await page.send(type="watch", escalation=escalation.pk)
        assert [one["typing"] for one in (await heard_until(watcher, "presence"))["people"]] == [False]
        monkeypatch.setattr(hub, "TYPING_SECONDS", 0.4)
        await page.send(type="typing")
        assert [one["typing"] for one in (await heard_until(watcher, "presence"))["people"]] == [True]
        assert [one["typing"] for one in (await heard_until(watcher, "presence"))["people"]] == [False]


async def test_a_page_that_goes_silent_views_nothing_any_more(open_console, monkeypatch):
    robin, boss, escalation = await make_consultant(), await make_admin(), await make_escalation()
    async with open_console(await session_of(boss)) as watcher, open_console(await session_of(robin)) as page:
        await watcher.heard()
        await page.heard()
        await page.send(type="watch", escalation=escalation.pk)
        assert names(await heard_until(watcher, "presence")) == ["Robin Hale"]
        monkeypatch.setattr(hub, "SILENT_SECONDS", 0.4)
        await asyncio.sleep(0.2)
        while True:  # the other one speaks
            await watcher.send(type="ping")
            told = await watcher.heard()
            if told["type"] == "presence" and told["people"] == []:
                break
            await asyncio.sleep(0.1)
        assert await page.closed() == 4503


# --- Whatever is sent ------------------------------------------------------------------------------------------------

DEEP = "[" * 1900 + "]" * 1900
HOSTILE = {
    "not JSON": "watch!",
    "cut off": '{"type": "watch", "escal',
    "a list": '["watch"]',
    "a number": "7",
    "null": "null",
    "deep": DEEP,
    "deep in its place": '{"type": "watch", "escalation": ' + DEEP + "}",
    "no type": "{}",
    "unknown": '{"type": "drop tables"}',
    "a type that is a list": '{"type": ["watch"]}',
    "a type that is an object": '{"type": {"a": 1}}',
    "without its case": '{"type": "watch"}',
    "a case that is a number": '{"type": "watch", "escalation": 7}',
    "a case that is a list": '{"type": "watch", "escalation": ["esc_1"]}',
    "a case that is none": '{"type": "watch", "escalation": "esc_00000000000000000000000000"}',
    "somebody else's kind of id": '{"type": "watch", "escalation": "cnv_00000000000000000000000000"}',
    "NUL": '{"type": "watch", "escalation": "esc_\\u0000"}',
    "a lone surrogate": '{"type": "watch", "escalation": "\\ud800"}',
    "a huge number": '{"type": "watch", "escalation": ' + "9" * 4000 + "}",
    "NaN": '{"type": NaN}',
    "nothing": "",
}


@pytest.mark.parametrize("frame", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_frame_that_is_none_gets_an_error_and_the_page_goes_on(open_console, caplog, frame):
    caplog.set_level(logging.ERROR)
    async with open_console(await session_of(await make_consultant())) as page:
        await page.heard()
        await page.send_raw(frame)
        assert (await page.heard())["type"] == "error"
        await page.send(type="ping")
        assert await page.heard() == {"type": "pong"}
    assert not caplog.records


async def test_a_binary_frame_gets_an_error(open_console):
    async with open_console(await session_of(await make_consultant())) as page:
        await page.heard()
        await page.send_raw(binary=b"\x00\xff{}")
        assert (await page.heard())["code"] == "not_text"


@pytest.mark.parametrize("huge", [{"text": " " * (MOST_BYTES + 1)}, {"binary": bytes(MOST_BYTES + 1)}], ids=str)
async def test_a_huge_frame_ends_the_connection(open_console, huge):
    async with open_console(await session_of(await make_consultant())) as page:
        await page.heard()
        await page.send_raw(**huge)
        assert await page.closed() == 4413


async def test_who_goes_on_with_nonsense_is_hung_up_on(open_console):
    async with open_console(await session_of(await make_consultant())) as page:
        await page.heard()
        for _ in range(40):
            await page.send_raw("nonsense")
        assert await page.closed() in (4400, 4429)


async def test_who_is_refused_and_still_talks_is_not_heard(open_console, caplog):
    caplog.set_level(logging.ERROR)
    async with open_console(SessionStore()) as page:
        await page.heard()
        await page.send(type="watch", escalation="esc_00000000000000000000000000")
        assert await page.closed() == 4401
    assert not caplog.records

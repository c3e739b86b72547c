"""Who may go through which door, held to the reviewed table ``matrix.csv``.

A page opens for whoever the table says and for nobody else. A door without a line fails, and so does a line without a
door: see the package for how to bring the table up to the routes.
"""

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.testing import WebsocketCommunicator
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client
from django.urls import reverse

from conversations.models import Escalation
from omnicqm.asgi import application
from omnicqm.asgi import sockets as socket_routes
from omnicqm.console.case.actions import ACTIONS as CASE_ACTIONS
from omnicqm.console.case.parts import PARTS
from tests.console.access.acts import PARTED, acts
from tests.console.access.doors import Route, actions, routes, sockets
from tests.console.access.rows import rows_make
from tests.console.access.staff import session_make, user_make
from tests.console.access.table import ROLES, differences, table_read
from tests.console.people import escalation_make

# Doors that lead nowhere whoever asks: links with a token, the chat in a frame of a page, what Django keeps for models
# without pages of their own, and a suggestion that nobody has asked for.
NOWHERE = (
    *("/admin/", "admin:view_on_site", "chat:continue", "admin:conversations_escalation_part suggestion"),
    *("widget:boot", "widget:entrance", "widget:identify", "widget:logout", "widget:seen", "widget:state"),
)


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def nothing_drawn(monkeypatch):
    """Who may come in is decided before a page is drawn; drawing two thousand would take minutes."""
    monkeypatch.setattr(Template, "render", lambda *_, **__: "")


CELLS = {401: "no", 403: "no", 404: "none", 405: "405", 500: "500"} | dict.fromkeys((400, 409, 422), "form")


def cell(response, path: str) -> str:
    where = response.headers.get("Location", "") if response.status_code in (301, 302) else ""
    if where.startswith(reverse("admin:login")):
        return "login"
    if where == reverse("admin:index") and path != reverse(
        "admin:login"
    ):  # how the admin answers where there is no such object, whoever asks
        return "none"
    return CELLS.get(response.status_code, "yes")


def knock(method: str, route: Route, session_key: str) -> str:
    """What happens at the door, and nothing of it stays."""
    cache.clear()
    client = Client(raise_request_exception=False, headers={"accept": "application/json"} if route.form else None)
    if session_key:
        client.cookies["sessionid"] = session_key
    with transaction.atomic():
        if route.before is not None:
            client.post(route.path, route.before)
        answer = client.post(route.path, route.form) if route.form else client.generic(method, route.path)
        if answer.streaming:
            list(answer.streaming_content)  # to its end, where the file is closed
        transaction.set_rollback(True)
    return cell(answer, route.path)


@pytest.mark.django_db
def test_every_route_opens_for_whom_the_table_says(nothing_drawn, files):
    rows = rows_make()
    keys = {role: session_make(role, rows.conversation) for role in ROLES}
    found = {
        f"{method} {route.name}": {role: knock(method, route, key) for role, key in keys.items()}
        for route in [*routes(rows.samples), *acts(rows)]
        for method in route.methods
        if route.name != PARTED  # each part is a door of its own
    }
    answered = {door: cells for door, cells in found.items() if cells["superuser"] != "405"}
    assert [door for door, cells in answered.items() if "500" in cells.values()] == []
    assert _not_reached(answered) == [], "make a row for them in tests/console/access/rows.py"
    assert _not_done(answered) == [], "give them a form that can be done in tests/console/access/acts.py"
    assert differences(answered, "GET POST") == []


def _not_reached(answered: dict[str, dict[str, str]]) -> list[str]:
    """Doors behind which there was nothing for anybody: whoever may open them, no cell would tell."""
    blind = [door for door, cells in answered.items() if cells["superuser"] == "none"]
    for_customers = {door for door in blind if answered[door]["customer"] in ("yes", "form")}
    return [door for door in blind if door not in for_customers and door.partition(" ")[2] not in NOWHERE]


def _not_done(answered: dict[str, dict[str, str]]) -> list[str]:
    return [door for door, cells in answered.items() if " do=" in door and cells["superuser"] != "yes"]


@pytest.mark.django_db
def test_every_model_of_the_console_has_a_row(files):
    assert {model._meta.label_lower for model in admin.site._registry} - rows_make().samples.keys() == set()


@pytest.mark.django_db
def test_every_action_of_a_list_is_offered_to_whom_the_table_says(rf):
    offered = {"anonymous": set(), "customer": set()}
    for role in ROLES[2:]:
        request = rf.get("/")
        request.user = user_make(role)
        offered[role] = actions(request)
    found = {
        action: {role: "yes" if action in offered[role] else "no" for role in ROLES}
        for action in sorted(offered["superuser"])
    }
    assert set().union(*offered.values()) == set(found), "somebody may do what a superuser may not"
    assert differences(found, "ACTION") == []


TOLD = ("/ws/console",)  # tells its page why it may not stay, for which it has to open first


class Socket(WebsocketCommunicator):
    """Closes connections after use like the product: channels' own one keeps them for tests inside a transaction."""

    send_input = ApplicationCommunicator.send_input
    receive_output = ApplicationCommunicator.receive_output


async def shake_hands(address: str, session_key: str) -> str:
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    if session_key:
        headers.append((b"cookie", f"sessionid={session_key}".encode()))
    socket = Socket(application, address, headers=headers)
    opened, _ = await socket.connect(timeout=10)
    if opened and address in TOLD:
        opened = (await socket.receive_json_from(timeout=10))["type"] != "error"
    if opened:
        await socket.disconnect()
    return "yes" if opened else "no"


@pytest.mark.django_db(transaction=True)
async def test_every_websocket_opens_for_whom_the_table_says():
    escalation = await sync_to_async(escalation_make)()
    conversation = await sync_to_async(lambda: Escalation.objects.get(pk=escalation.pk).conversation)()
    keys = {role: await sync_to_async(session_make)(role, conversation) for role in ROLES}
    found = {
        door: {role: await shake_hands(address, key) for role, key in keys.items()}
        for door, address in sockets(socket_routes).items()
    }
    assert differences(found, "WS") == []


@pytest.mark.django_db
def test_a_new_button_and_a_new_part_are_doors_without_a_line(files, monkeypatch):
    monkeypatch.setitem(CASE_ACTIONS, "shred", None)
    monkeypatch.setitem(PARTS, "ledger", None)
    doors = {f"{method} {route.name}" for route in acts(rows_make()) for method in route.methods}
    never = {f"POST {PARTED} {part}" for part in PARTS} | {f"GET {PARTED} preview"}  # 405
    assert doors - never - table_read().keys() == {
        "POST admin:conversations_escalation_change do=shred",
        f"GET {PARTED} ledger",
    }


def test_a_door_without_a_line_fails_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("OMNICQM_TEST_ACCESS_WRITE", raising=False)
    told = differences({**_as_reviewed("ACTION"), "ACTION a.b c": dict.fromkeys(ROLES, "yes")}, "ACTION")
    assert len(told) == 1
    assert "ACTION a.b c is new" in told[0]
    assert "--write" in told[0]


def test_a_cell_that_differs_fails_and_names_door_and_role(monkeypatch):
    monkeypatch.delenv("OMNICQM_TEST_ACCESS_WRITE", raising=False)
    door = "GET admin:auth_user_changelist"
    reviewed = _as_reviewed("GET POST")
    told = differences({**reviewed, door: {**reviewed[door], "consultant": "yes"}}, "GET POST")
    assert told == [f"{door}: consultant finds 'yes', the table says 'no'."]


def test_a_line_without_a_door_fails(monkeypatch):
    monkeypatch.delenv("OMNICQM_TEST_ACCESS_WRITE", raising=False)
    reviewed = _as_reviewed("WS")
    gone = reviewed.popitem()[0]
    assert differences(reviewed, "WS") == [f"{gone} is gone. Take its line out of matrix.csv, or '--write'."]


@pytest.mark.parametrize("door", ["GET admin:auth_user_changelist", "POST admin:conversations_channel_add"])
def test_the_table_keeps_settings_and_people_from_who_answers(door):
    cells = table_read()[door]
    assert {role for role, found in cells.items() if found == "yes"} == {"admin", "superuser"}


@pytest.mark.django_db
def test_nobody_without_sign_in_is_staff(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    assert actions(request) == set()
    assert not User.objects.filter(is_staff=True).exists()


def _as_reviewed(kinds: str) -> dict[str, dict[str, str]]:
    return {door: cells for door, cells in table_read().items() if door.split()[0] in kinds.split()}

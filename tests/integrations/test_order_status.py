"""The worked example: a company connects its order service, and a customer learns where their order is."""

import importlib.util
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from django.core.management import CommandError, call_command

from agents.models import HttpTool
from agents.providers.base import Purpose
from conversations.answering import query_answer
from conversations.models import Query
from tests.agents.scripted import ScriptedModel, assessment, call
from tests.conversations.people import conversation_make, customer_make, query_make
from tests.running import ROOT

FOLDER = ROOT / "integrations" / "order-status"
TOKEN = "a token of the shop"
ASKED = [call("order_status", order="1042")]
REPLY = "Your order 1042, the Floor lamp Alder, is on its way and expected on Monday, 23 November 2026. [1]"

pytestmark = pytest.mark.django_db(transaction=True)


def service_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("order_status", FOLDER / "order_status.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop(settings) -> Iterator[str]:
    """The service on a free port, which an operator has allowed; yields host:port."""
    server = service_module().OrderServer(0, TOKEN, today=date(2026, 11, 21))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    host = f"127.0.0.1:{server.server_address[1]}"
    settings.OUTGOING_ALLOW = [host]
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def load(shop, tmp_path, monkeypatch):
    """Loads the definitions as the README says, for the port of the test."""
    monkeypatch.setenv("ORDER_STATUS_TOKEN", TOKEN)

    def load(*names: str, options: tuple[str, ...] = ("--enable", "--secret-env", "ORDER_STATUS_TOKEN")) -> None:
        files = [_moved(FOLDER / f"{name}.json", shop, tmp_path) for name in names]
        call_command("http_tool_load", *files, *options)

    return load


def _moved(source: Path, host: str, folder: Path) -> Path:
    target = folder / source.name
    target.write_text(source.read_text().replace("127.0.0.1:8090", host))
    return target


MODEL = ScriptedModel()


def model_get() -> ScriptedModel:
    return MODEL


@pytest.fixture
def model(settings) -> ScriptedModel:
    """Looks order 1042 up and answers from what it gets."""
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": f"{__name__}.model_get"}}
    looked_up = assessment(account_matter=True, intent="order_status")
    MODEL.__init__(gather=[ASKED, "Enough."], assess=[looked_up], compose=[REPLY])
    return MODEL


def asked(
    email: str = "amelia.hart@example.com", *, verified: bool = True, text: str = "Where is my order 1042?"
) -> Query:
    """What became of a customer's question."""
    query = query_make(conversation_make(customer_make(email)), text, verified=verified)
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    return query


def test_a_customer_learns_where_their_order_is(load, model):
    load("order_status")
    query = asked()
    assert query.status == "answered"
    assert REPLY in query.reply.text
    [source] = query.reply.sources
    assert (source["document_id"], source["title"]) == ("tool:order_status", "Order status")
    assert "expected on: Monday, 23 November 2026" in source["quote"]


def test_another_customers_order_does_not_exist(load, model):
    load("order_status")
    query = asked("jonas.weber@example.net")
    assert query.status == "escalated"
    assert "Alder" not in repr(model.requests)


def test_somebody_who_only_claims_to_be_the_customer_learns_nothing(load, model):
    load("order_status")
    assert asked(verified=False).status == "escalated"
    assert "Alder" not in repr(model.requests)


def test_a_reply_that_promises_more_than_the_shop_said_does_not_go_out(load, model):
    load("order_status")
    model.lines[Purpose.COMPOSE] = ["Your order 1042 arrives today, free of charge. [1]"]
    assert asked().status == "escalated"


def test_an_order_is_cancelled_once_and_the_customer_is_told(load, model):
    load("order_status", "order_cancel")
    model.lines[Purpose.GATHER] = [[call("order_cancel", order="1044")], "Enough."]
    model.lines[Purpose.COMPOSE] = ["Your order 1044 is cancelled. [1]"]
    assert asked("priya.raman@example.org", text="Please cancel order 1044.").status == "answered"


def test_loading_again_keeps_the_secret_and_brings_the_rest_up_to_date(load):
    load("order_status")
    HttpTool.objects.update(title="Changed", enabled=False)
    load("order_status", options=())
    tool = HttpTool.objects.get()
    assert (tool.title, tool.secret, tool.enabled) == ("Order status", TOKEN, False)


def test_a_definition_that_moves_to_another_host_loses_its_secret(load, settings):
    load("order_status")
    with pytest.raises(CommandError, match="needs a secret"):
        call_command("http_tool_load", FOLDER / "order_status.json", skip_checks=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "one JSON object"),
        ('{"name": "a", "secret": "s"}', "Unknown: secret"),
        ('{"name": "order_status", "url": "https://10.0.0.1/x"}', "url: "),
    ],
)
def test_a_file_that_is_no_definition_is_told_with_the_reason(tmp_path, text, words):
    path = tmp_path / "tool.json"
    path.write_text(text)
    with pytest.raises(CommandError, match=words):
        call_command("http_tool_load", path)
    assert not HttpTool.objects.exists()


def test_a_secret_that_is_not_set_is_told(load):
    with pytest.raises(CommandError, match="NOWHERE is not set"):
        load("order_status", options=("--secret-env", "NOWHERE"))


# --- The service itself ----------------------------------------------------------------------------------------------
def test_the_service_knows_its_callers_and_whose_orders_are_whose(shop):
    site = f"http://{shop}"
    token = {"Authorization": f"Bearer {TOKEN}"}
    amelia = {"email": "Amelia.Hart@example.com"}
    assert httpx.get(f"{site}/orders/1042", params=amelia).status_code == 401
    assert httpx.get(f"{site}/orders/1042", params=amelia, headers=token).json()["status"] == "on its way"
    assert httpx.get(f"{site}/orders/1043", params=amelia, headers=token).status_code == 404
    assert httpx.get(f"{site}/orders/1042", headers=token).status_code == 404
    assert httpx.get(f"{site}/../etc/passwd", headers=token).status_code == 404


def test_the_service_cancels_once_for_a_key_and_not_what_has_left(shop):
    def cancel(order: str, email: str, key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key}
        return httpx.post(f"http://{shop}/orders/{order}/cancellation", json={"email": email}, headers=headers)

    first, again = (cancel("1044", "priya.raman@example.org", "k1") for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() == {"order": "1044", "item": "Dining table Ember Oak", "status": "cancelled"}
    assert cancel("1044", "priya.raman@example.org", "k2").status_code == 409
    assert cancel("1042", "amelia.hart@example.com", "k3").status_code == 409
    assert cancel("1042", "priya.raman@example.org", "k4").status_code == 404


def test_the_definitions_are_those_of_the_readme():
    readme = (FOLDER / "README.md").read_text()
    for name in ("order_status", "order_cancel"):
        definition = json.loads((FOLDER / f"{name}.json").read_text())
        assert definition["url"] in readme
        assert definition["description"] in readme

"""The Lambda of an Amazon Connect flow, against the product's own API, and against everything that can go wrong."""

import importlib.util
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any, ClassVar

import pytest

from conversations.models import Insight
from feedback.models import Rating
from omnicqm.common.services import api_client_create, api_client_revoke
from tests.conversations.insights.asking import ACCOUNT, Caller
from tests.running import ROOT

FOLDER = ROOT / "integrations" / "connect"
CONTACT = "4a573372-1f28-4e26-b97b-000000000001"
NAMES = {
    *("omnicqm_status", "omnicqm_summary", "omnicqm_request_id", "omnicqm_unique_process_id", "omnicqm_date_range"),
    *("omnicqm_model_used", "omnicqm_cache_hit", "omnicqm_error"),
}


@pytest.fixture
def connect(monkeypatch) -> ModuleType:
    """The function as a cold start loads it, with credentials of nobody."""
    spec = importlib.util.spec_from_file_location("connect_lambda", FOLDER / "lambda_function.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"OMNICQM_{name}", "nobody")
    return module


def event(parameters: dict[str, str] | None = None, **attributes: str) -> dict[str, Any]:
    """What Connect sends, as its documentation shows it."""
    contact = {
        "Attributes": attributes,
        "Channel": "VOICE",
        "ContactId": CONTACT,
        "CustomerEndpoint": {"Address": "+491711234567", "Type": "TELEPHONE_NUMBER"},
        "InitialContactId": CONTACT,
        "InitiationMethod": "INBOUND",
        "PreviousContactId": CONTACT,
    }
    return {"Details": {"ContactData": contact, "Parameters": parameters or {}}, "Name": "ContactFlowEvent"}


def whole(attributes: dict[str, str]) -> bool:
    """What Connect takes as STRING_MAP, always with the same names."""
    size = len(json.dumps(attributes).encode())
    return attributes.keys() == NAMES and size < 32_000 and all(isinstance(value, str) for value in attributes.values())


class Context:
    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return round((self._until - time.monotonic()) * 1000)


class TestWithTheProduct:
    """The function speaks HTTP to the real API."""

    @pytest.fixture
    def crm(self, transactional_db) -> Caller:
        return Caller.new()

    @pytest.fixture
    def client(self, crm, live_server, monkeypatch):
        made = api_client_create(name="Amazon Connect", scopes=["insights:read"])
        monkeypatch.setenv("OMNICQM_URL", live_server.url)
        monkeypatch.setenv("OMNICQM_CLIENT_ID", made.client_id)
        monkeypatch.setenv("OMNICQM_CLIENT_SECRET", made.client_secret)
        return made

    def test_the_flow_gets_the_summary_and_what_to_rate_it_by(self, connect, crm, client):
        crm.happened("I want a refund of 1,299.00 EUR.")
        given = connect.lambda_handler(
            event({"max_history_days": "30"}, account_number=ACCOUNT, ivr_intent="refund"), None
        )
        assert whole(given)
        assert (given["omnicqm_status"], given["omnicqm_error"]) == ("ok", "")
        assert "refund of 1,299.00 EUR" in given["omnicqm_summary"]
        insight = Insight.objects.get(pk=given["omnicqm_request_id"])
        assert (insight.contact_id, insight.initial_contact_id, insight.ivr_intent) == (CONTACT, CONTACT, "refund")
        assert (insight.max_history_days, insight.client) == (30, client.client_id)
        body = {"unique_process_id": given["omnicqm_unique_process_id"], "feedback": "helpful"}
        assert crm.api.post("/api/v1/feedback", body).json()["request_id"] == insight.pk
        assert Rating.objects.get().insight_id == insight.pk

    def test_a_repeated_call_gets_the_answer_of_the_first(self, connect, crm, client):
        crm.happened()
        first, again = (connect.lambda_handler(event(account_number=ACCOUNT), None) for _ in range(2))
        assert first["omnicqm_request_id"] == again["omnicqm_request_id"]
        assert Insight.objects.count() == 1

    def test_without_history_it_says_so(self, connect, client):
        given = connect.lambda_handler(event(account_number="nobody-knows"), None)
        assert (given["omnicqm_status"], given["omnicqm_model_used"]) == ("none", "none")
        assert given["omnicqm_summary"].startswith("No interactions found")

    def test_a_warm_function_keeps_its_token_and_renews_one_that_is_refused(self, connect, crm, client, monkeypatch):
        crm.happened()
        connect.lambda_handler(event(account_number=ACCOUNT), None)
        kept = connect._token["value"]
        connect.lambda_handler(event({"ivr_intent": "delivery"}, account_number=ACCOUNT), None)
        assert connect._token["value"] == kept
        connect._token["value"] = "no longer valid"
        assert connect.lambda_handler(event(account_number=ACCOUNT), None)["omnicqm_status"] == "ok"
        assert connect._token["value"] not in (kept, "no longer valid")

    def test_a_client_without_rights_is_told_as_such(self, connect, client):
        api_client_revoke(client_id=client.client_id, actor="test")
        given = connect.lambda_handler(event(account_number=ACCOUNT), None)
        assert (given["omnicqm_status"], given["omnicqm_error"]) == ("error", "token_401_invalid_client")

    def test_what_the_product_refuses_is_told_by_its_code(self, connect, client):
        given = connect.lambda_handler(event({"max_history_days": "99999"}, account_number=ACCOUNT), None)
        assert given["omnicqm_error"].startswith("answered_400_")


class Server(BaseHTTPRequestHandler):
    """Answers each path with what a test says: status and body, or nothing until the test is over."""

    answers: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[tuple[str, str]]] = []
    over: ClassVar[threading.Event] = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.asked.append((self.path, self.headers.get("X-Aws-Parameters-Secrets-Token", "")))
        status, body = self.answers[path]
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        if body is None:
            self._drip()
        else:
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def _drip(self) -> None:
        """A byte now and then: a socket's own timeout never comes."""
        while not self.over.wait(0.05):
            try:
                self.wfile.write(b" ")
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        """Nothing: a test tells what matters."""


TOKEN = (200, {"access_token": "t", "expires_in": 3600})
INSIGHT = {
    "summary": "Asked twice.",
    "model_used": "nova",
    "request_id": "ins_1",
    "unique_process_id": "p",
    "date_range": "",
    "cache_hit": True,
}


@pytest.fixture
def other_side(monkeypatch) -> Iterator[type[Server]]:
    Server.answers, Server.asked = {"/oauth/token": TOKEN}, []
    Server.over.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("OMNICQM_URL", f"http://127.0.0.1:{server.server_address[1]}")
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", str(server.server_address[1]))
    yield Server
    Server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


class TestWhenThingsGoWrong:
    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            ((429, {"code": "rate_limited"}), "answered_429_rate_limited"),
            ((503, b"<html>Bad gateway"), "answered_503_unreadable"),
            ((200, b"not JSON"), "answered_unreadable"),
            ((200, [1]), "answered_unreadable"),
            ((200, {"summary": "half an answer"}), "answered_unreadable"),
            ((302, {}), "answered_302_unreadable"),
            ((401, {"code": "invalid_token"}), "answered_401_invalid_token"),
        ],
    )
    def test_no_summary_is_made_up(self, connect, other_side, answer, error):
        other_side.answers["/api/v1/omni-channel-insights"] = answer
        given = connect.lambda_handler(event(account_number=ACCOUNT), None)
        assert whole(given)
        assert (given["omnicqm_status"], given["omnicqm_error"]) == ("error", error)
        assert given["omnicqm_summary"] == connect.UNAVAILABLE
        assert "/elsewhere" not in {path for path, _ in other_side.asked}

    def test_it_answers_in_time_though_bytes_keep_coming(self, connect, other_side):
        other_side.answers["/api/v1/omni-channel-insights"] = (200, None)
        started = time.monotonic()
        given = connect.lambda_handler(event(account_number=ACCOUNT), Context(0.7))
        assert given["omnicqm_error"] == "timeout"
        assert time.monotonic() - started < 5

    def test_what_nobody_listens_to_is_told(self, connect, monkeypatch):
        monkeypatch.setenv("OMNICQM_URL", "http://127.0.0.1:1")
        given = connect.lambda_handler(event(account_number=ACCOUNT), None)
        assert given["omnicqm_error"] == "no_connection_ConnectionRefusedError"

    @pytest.mark.parametrize("url", ["http://omnicqm.example.com", "ftp://127.0.0.2", "omnicqm.example.com"])
    def test_credentials_never_go_over_plain_http(self, connect, monkeypatch, url):
        monkeypatch.setenv("OMNICQM_URL", url)
        assert connect.lambda_handler(event(account_number=ACCOUNT), None)["omnicqm_error"] == "OMNICQM_URL_not_https"

    def test_a_missing_variable_is_named(self, connect, other_side, monkeypatch):
        monkeypatch.delenv("OMNICQM_CLIENT_SECRET")
        given = connect.lambda_handler(event(account_number=ACCOUNT), None)
        assert given["omnicqm_error"] == "OMNICQM_CLIENT_SECRET_not_set"

    @pytest.mark.parametrize(
        ("sent", "status", "error"),
        [
            (event(), "no_account", "no_account"),
            (event(account_number="  "), "no_account", "no_account"),
            (event({"max_interactions": "many"}, account_number=ACCOUNT), "error", "invalid_max_interactions"),
            ({"Details": {}}, "error", "not_a_contact"),
            (None, "error", "not_a_contact"),
        ],
    )
    def test_an_event_that_cannot_be_asked_for_is_told(self, connect, other_side, sent, status, error):
        given = connect.lambda_handler(sent, None)
        assert whole(given)
        assert (given["omnicqm_status"], given["omnicqm_error"]) == (status, error)
        assert other_side.asked == []

    def test_a_long_summary_is_cut_at_a_sentence(self, connect, other_side):
        long = {**INSIGHT, "summary": "Wärme fehlt im Büro. " * 2000}
        other_side.answers["/api/v1/omni-channel-insights"] = (200, long)
        given = connect.lambda_handler(event(account_number=ACCOUNT), None)
        assert whole(given)
        assert given["omnicqm_summary"].endswith("Büro.…")

    def test_the_secret_may_come_from_secrets_manager(self, connect, other_side, monkeypatch):
        monkeypatch.setenv("OMNICQM_SECRET_ID", "omnicqm/connect")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
        secret = json.dumps({"client_id": "a", "client_secret": "b&c"})
        other_side.answers["/secretsmanager/get"] = (200, {"SecretString": secret})
        other_side.answers["/api/v1/omni-channel-insights"] = (200, INSIGHT)
        assert connect.lambda_handler(event(account_number=ACCOUNT), None)["omnicqm_status"] == "ok"
        assert other_side.asked[0] == ("/secretsmanager/get?secretId=omnicqm%2Fconnect", "session")
        other_side.answers["/secretsmanager/get"] = (400, b"not found")
        connect._token["until"] = 0.0
        assert connect.lambda_handler(event(account_number=ACCOUNT), None)["omnicqm_error"] == "secret_400"


def test_the_flow_module_keeps_every_attribute_the_function_gives():
    module = json.loads((FOLDER / "flow_module.json").read_text())
    actions = {action["Identifier"]: action for action in module["Actions"]}
    ask, keep = actions[module["StartAction"]], actions["omnicqm-keep"]
    assert ask["Parameters"]["ResponseValidation"] == {"ResponseType": "STRING_MAP"}
    assert keep["Parameters"]["Attributes"] == {name: f"$.External.{name}" for name in NAMES}
    led_to = {
        target["NextAction"]
        for action in actions.values()
        for target in [action["Transitions"], *action["Transitions"].get("Errors", [])]
        if target
    }
    assert led_to | {module["StartAction"]} == set(actions) == set(module["Metadata"]["ActionMetadata"])
    document = (FOLDER / "attributes.md").read_text()
    assert all(f"`{name}`" in document for name in NAMES)

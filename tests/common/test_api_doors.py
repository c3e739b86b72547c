"""What holds for every call of the API: who may call, what an error looks like, which request it was."""

import re
from base64 import b64encode
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.core.asgi import get_asgi_application
from django.db import OperationalError
from django.test import Client
from django.urls import path
from oauth2_provider.models import get_access_token_model, get_application_model
from rest_framework.response import Response
from rest_framework.views import APIView

from omnicqm import urls as product
from omnicqm.common.errors import ServiceUnavailable
from omnicqm.common.services import api_client_create
from tests.api import ApiClient, problem_of

TOKEN = "/oauth/token"
SEARCH = "/api/v1/customers?identity=email:a@b.example"


@pytest.fixture
def http(db: None) -> Client:
    return Client(raise_request_exception=False)


def token_ask(http: Client, **form: str) -> Any:
    return http.post(TOKEN, {"grant_type": "client_credentials", **form})


class TestTokens:
    def test_credentials_in_the_form_get_a_token_for_an_hour_with_all_granted_scopes(self, http: Client) -> None:
        client = api_client_create(name="crm", scopes=["customers:read", "queries:write"])
        answer = token_ask(http, client_id=client.client_id, client_secret=client.client_secret)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        told = answer.json()
        assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
        assert set(told["scope"].split()) == {"customers:read", "queries:write"}

    def test_basic_credentials_do_as_well_and_the_token_opens_the_api(self, http: Client) -> None:
        client = api_client_create(name="crm")
        basic = b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()
        told = http.post(TOKEN, {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"})
        bearer = {"Authorization": f"Bearer {told.json()['access_token']}"}
        assert http.get(SEARCH, headers=bearer).status_code == 200

    def test_fewer_scopes_may_be_asked_for_and_no_others(self, http: Client) -> None:
        client = api_client_create(name="crm", scopes=["customers:read", "queries:read"])
        ask = {"client_id": client.client_id, "client_secret": client.client_secret}
        assert token_ask(http, **ask, scope="queries:read").json()["scope"] == "queries:read"
        refused = problem_of(token_ask(http, **ask, scope="customers:write"))
        assert (refused["status"], refused["error"]) == (400, "invalid_scope")

    def test_neither_secret_nor_token_is_kept_in_clear(self, http: Client) -> None:
        client = api_client_create(name="crm")
        told = token_ask(http, client_id=client.client_id, client_secret=client.client_secret).json()
        stored = get_application_model().objects.get(client_id=client.client_id).client_secret
        assert client.client_secret not in stored
        assert not get_access_token_model().objects.filter(token__contains=told["access_token"]).exists()

    @pytest.mark.parametrize(
        ("form", "status", "error"),
        [
            ({}, 401, "invalid_client"),
            ({"client_id": "nobody", "client_secret": "x"}, 401, "invalid_client"),
            ({"client_id": "a\x00", "client_secret": "x\x00"}, 401, "invalid_client"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type"),
            ({"grant_type": "password", "username": "a", "password": "b"}, 400, "unsupported_grant_type"),
            ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
            ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "unsupported_grant_type"),
            ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, 400, "unsupported_grant_type"),
            ({"grant_type": ""}, 400, "unsupported_grant_type"),
            ({"grant_type": "\x00\x01"}, 400, "unsupported_grant_type"),
        ],
        ids=str,
    )
    def test_a_refusal_is_a_problem_with_the_members_of_oauth(
        self, http: Client, form: dict[str, str], status: int | None, error: str | None
    ) -> None:
        problem = problem_of(token_ask(http, **form))
        assert 400 <= problem["status"] < 500
        assert problem["error"] == problem["code"]
        if status:
            assert (problem["status"], problem["error"]) == (status, error)

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_a_token_is_asked_for_with_post(self, http: Client, method: str) -> None:
        assert problem_of(http.generic(method, TOKEN))["status"] == 405

    @pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00", b"grant_type", b"grant_type=client_credentials&" * 2000])
    def test_a_body_that_is_no_form_is_refused(self, http: Client, body: bytes) -> None:
        for content_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data"):
            answer = http.generic("POST", TOKEN, body, content_type=content_type)
            assert 400 <= problem_of(answer)["status"] < 500


class TestPermission:
    def test_without_a_token_the_call_is_challenged(self, http: Client) -> None:
        answer = http.get(SEARCH)
        assert problem_of(answer)["code"] == "not_authenticated"
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')

    @pytest.mark.parametrize(
        "value", ["Bearer wrong", "Bearer", "Bearer ", "bearer \xff\xfe", "Bearer a b c", "Basic eA=="]
    )
    def test_a_wrong_token_is_a_401(self, http: Client, value: str) -> None:
        answer = http.get(SEARCH, headers={"Authorization": value})
        assert problem_of(answer)["status"] == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_an_expired_token_is_a_401(self, db: None) -> None:
        assert problem_of(ApiClient(expired=True).get(SEARCH))["code"] == "invalid_token"

    def test_a_missing_scope_is_a_403_that_names_it(self, db: None) -> None:
        answer = ApiClient(["queries:read"]).get(SEARCH)
        assert problem_of(answer)["code"] == "insufficient_scope"
        assert answer.status_code == 403
        assert 'scope="customers:read"' in answer["WWW-Authenticate"]

    def test_a_deleted_clients_token_opens_nothing(self, db: None) -> None:
        client = ApiClient()
        get_application_model().objects.filter(client_id=client.client_id).delete()
        assert problem_of(client.get(SEARCH))["status"] == 401

    def test_the_token_is_looked_at_before_the_body(self, http: Client) -> None:
        answer = http.post("/api/v1/query", b"{not json", content_type="application/json")
        assert problem_of(answer)["status"] == 401

    def test_checking_a_token_is_one_query(self, db: None, django_assert_num_queries: Any) -> None:
        client = ApiClient(["queries:write"])
        with django_assert_num_queries(1):
            assert client.get(SEARCH).status_code == 403


@pytest.mark.django_db(transaction=True)
async def test_a_body_in_chunks_without_a_length_is_read() -> None:
    client = await database_sync_to_async(ApiClient)()
    headers = {"host": "testserver", "content-type": "application/json", "authorization": f"Bearer {client.token}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/query",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    http = ApplicationCommunicator(get_asgi_application(), scope)
    await http.send_input({"type": "http.request", "body": b'{"channel', "more_body": True})
    await http.send_input({"type": "http.request", "body": b'_id": 1}'})
    assert (await http.receive_output(timeout=5))["status"] == 400
    assert b'"detail":"Must be a string.","param":"channel_id"' in (await http.receive_output(timeout=5))["body"]
    await http.wait()


class TestCorrelation:
    def test_a_sane_request_id_comes_back(self, http: Client) -> None:
        answer = http.get("/healthz", headers={"X-Request-Id": "trace-42.a:b_c"})
        assert answer["X-Request-Id"] == "trace-42.a:b_c"

    @pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "é", "<script>", "-a"])
    def test_any_other_is_replaced(self, http: Client, sent: str) -> None:
        answer = http.get("/healthz", headers={"X-Request-Id": sent})
        assert re.fullmatch(r"req_[0-9a-z]{26}", answer["X-Request-Id"])

    def test_every_answer_has_one_and_an_error_repeats_it(self, http: Client) -> None:
        for address in ("/healthz", "/api/v1/nothing", "/admin/login/", "/api/schema", "/oauth/token"):
            assert http.get(address)["X-Request-Id"]
        answer = http.get(SEARCH, headers={"X-Request-Id": "mine"})
        assert problem_of(answer)["request_id"] == "mine"


class Broken(APIView):
    permission_classes: list[Any] = []
    authentication_classes: list[Any] = []
    error: Exception = RuntimeError("a secret of ours")

    def get(self, request: Any) -> Response:
        raise self.error


urlpatterns = [
    *product.urlpatterns,
    path("api/broken", Broken.as_view()),
    path("oauth/down", lambda request: database_down()),
    path("api/away", Broken.as_view(error=ServiceUnavailable("The model is away."))),
]
handler400 = "omnicqm.common.api.problems.bad_request"
handler404 = "omnicqm.common.api.problems.page_not_found"
handler500 = "omnicqm.common.api.problems.server_error"


def database_down() -> None:
    raise OperationalError("the server closed the connection")


class TestErrors:
    @pytest.mark.urls(__name__)
    def test_a_database_that_is_away_is_nobodys_fault_and_passes(self, http: Client) -> None:
        answer = http.get("/oauth/down")
        assert (problem_of(answer)["status"], answer["Retry-After"]) == (503, "5")

    @pytest.mark.urls(__name__)
    def test_a_mistake_of_ours_is_a_problem_that_tells_no_secret(self, http: Client) -> None:
        problem = problem_of(http.get("/api/broken"))
        assert problem["status"] == 500
        assert "secret" not in str(problem)

    @pytest.mark.urls(__name__)
    def test_what_passes_says_when_to_try_again(self, http: Client) -> None:
        answer = http.get("/api/away")
        problem = problem_of(answer)
        assert (problem["status"], problem["detail"], answer["Retry-After"]) == (503, "The model is away.", "5")

    def test_a_host_that_is_not_ours_is_a_problem(self, http: Client) -> None:
        assert problem_of(http.get("/api/v1/customers", headers={"Host": "evil.example"}))["status"] == 400

    def test_pages_outside_the_api_keep_their_pages(self, http: Client) -> None:
        answer = http.get("/no-such-page")
        assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/html")


class TestHealth:
    def test_live_is_live(self, http: Client) -> None:
        assert http.get("/healthz").json() == {"status": "live"}

    def test_a_broker_that_does_not_answer_is_named(self, http: Client, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        problem = problem_of(http.get("/readyz"))
        assert (problem["status"], problem["not_ready"]) == (503, ["broker"])


class TestDocuments:
    def test_the_schema_is_public_openapi_3_0_3(self, http: Client) -> None:
        schema = http.get("/api/schema?format=json").json()
        assert schema["openapi"] == "3.0.3"
        assert {"/api/v1/query", "/api/v1/queries/{request_id}"} <= set(schema["paths"])

    def test_the_page_loads_nothing_from_elsewhere(self, http: Client) -> None:
        answer = http.get("/api/docs")
        assert answer.status_code == 200
        assert "http" not in re.sub(r"https?://testserver", "", answer.content.decode())
        assert "unsafe-eval" not in answer["Content-Security-Policy"]

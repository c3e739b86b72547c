"""The short way to views that are called by the hundred at once: what answers have there, as everywhere."""

import json
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.http import HttpRequest, HttpResponse
from django.urls import path

from omnicqm import urls as product
from omnicqm.common.api.direct import DirectHandler

INSIGHTS = "/api/v1/omni-channel-insights"


async def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of ours")


urlpatterns = [path("api/v1/broken", broken), *product.urlpatterns]
handler400, handler500 = product.handler400, product.handler500


async def answer_to(address: str, *, body: bytes = b"{}", **headers: str) -> tuple[int, dict[str, str], Any]:
    sent = {"host": "testserver", "content-type": "application/json"} | headers
    pairs = [(name.encode(), value.encode()) for name, value in sent.items()]
    scope = {"type": "http", "method": "POST", "path": address, "query_string": b"", "headers": pairs}
    http = ApplicationCommunicator(DirectHandler(), scope)
    await http.send_input({"type": "http.request", "body": body})
    start, content = await http.receive_output(timeout=5), await http.receive_output(timeout=5)
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return start["status"], told, json.loads(content["body"])


async def test_an_answer_has_the_headers_of_every_answer() -> None:
    status, headers, problem = await answer_to(INSIGHTS, **{"x-request-id": "mine"})
    assert (status, problem["code"], problem["request_id"]) == (401, "not_authenticated", "mine")
    assert headers["x-request-id"] == "mine"
    assert headers["content-type"] == "application/problem+json"
    assert int(headers["content-length"]) > 100
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY")


async def test_a_host_that_is_not_ours_is_refused() -> None:
    status, _, problem = await answer_to(INSIGHTS, host="evil.example")
    assert (status, problem["status"]) == (400, 400)


@pytest.mark.urls(__name__)
async def test_a_mistake_of_ours_is_a_problem_that_tells_no_secret(settings: Any) -> None:
    settings.DIRECT_PATHS = ["/api/v1/broken"]
    status, headers, problem = await answer_to("/api/v1/broken")
    assert (status, problem["code"]) == (500, "error")
    assert "secret" not in str(problem)
    assert headers["x-request-id"] == problem["request_id"]


async def test_a_caller_who_leaves_while_it_sends_is_nobodys_loss() -> None:
    http = ApplicationCommunicator(DirectHandler(), {"type": "http", "method": "POST", "path": INSIGHTS, "headers": []})
    await http.send_input({"type": "http.request", "body": b"{", "more_body": True})
    await http.send_input({"type": "http.disconnect"})
    await http.wait(timeout=5)

"""A client of the API as a careful integrator writes it: it tries again what did not get through."""

import time
from collections.abc import Callable
from typing import Any

import httpx

PATIENCE_SECONDS = 60


class Api:
    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=30)
        self._form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        token = self._retried(lambda: self._http.post("/oauth/token", data=self._form)).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def query(self, **body: Any) -> dict[str, Any]:
        """Send a message in; the answer of the 202."""
        return self._retried(lambda: self._http.post("/api/v1/query", json=body)).json()

    def get(self, path: str) -> httpx.Response:
        return self._retried(lambda: self._http.get(path))

    def wait_for(self, request_id: str, seconds: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The document of a query, once it has ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = self.get(f"/api/v1/queries/{request_id}")
            if answer.status_code == 200:
                return answer.json()
            time.sleep(0.1)
        raise AssertionError(f"{request_id} did not end within {seconds} s: {answer.text}")

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        answer = self.get(f"/api/v1/conversations/{conversation_id}/messages").json()
        return answer["messages"] if isinstance(answer, dict) else answer

    def _retried(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = call()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                assert answer.status_code < 400, answer.text
                return answer
            assert time.monotonic() < deadline, "no answer" if answer is None else answer.text
            time.sleep(0.2)

"""A company's system that posts customers' messages to the API, as a mail gateway would."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from omnicqm.demo.credentials import Credentials
from omnicqm.demo.story.errors import StoryError

PATIENCE_SECONDS = 30.0


class ApiClient:
    """Speaks HTTP to the running system with the demo's client credentials."""

    def __init__(self, http: httpx.Client, credentials: Credentials) -> None:
        self._http = http
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        answer = self._checked(http.post("/oauth/token", data=form))
        http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def mail_post(self, *, sender: str, subject: str, text: str) -> dict[str, Any]:
        """Post an e-mail under a Message-ID that no run of the story used before; what the API answers at once."""
        body = {
            "channel_id": "outlook",
            "user_id": sender,
            "subject": subject,
            "message": text,
            "external_id": f"<{uuid.uuid4()}@story.example>",
        }
        return self._checked(self._http.post("/api/v1/query", json=body))

    def answer_wait(self, accepted: dict[str, Any]) -> dict[str, Any]:
        """Ask the status URL until the query has ended; the document with decision, score and reply."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            response = self._http.get(f"/api/v1/queries/{accepted['request_id']}")
            if response.status_code != httpx.codes.ACCEPTED:
                return self._checked(response)
            time.sleep(0.05)
        raise StoryError(f"{accepted['request_id']} had no answer after {PATIENCE_SECONDS:.0f} s. Look at worker.log.")

    def messages_after(self, conversation_id: str, seq: int) -> list[dict[str, Any]]:
        """The messages of a conversation after sequence number `seq`."""
        answer = self._checked(self._http.get(f"/api/v1/conversations/{conversation_id}/messages?after={seq}"))
        return answer["messages"]

    @staticmethod
    def _checked(response: httpx.Response) -> dict[str, Any]:
        if response.is_success:
            return response.json()
        raise StoryError(f"{response.request.url.path} answered {response.status_code}: {_detail(response)}")


def _detail(response: httpx.Response) -> str:
    try:
        problem = response.json()
        return problem.get("detail") or problem.get("error_description") or problem.get("error") or "no detail"
    except ValueError:
        return response.reason_phrase


@contextmanager
def http_open(base_url: str) -> Iterator[httpx.Client]:
    """A client of the running system. A system that does not run becomes a `StoryError`."""
    try:
        with httpx.Client(base_url=base_url, timeout=PATIENCE_SECONDS, trust_env=False) as http:
            yield http
    except httpx.ConnectError as error:
        raise StoryError(
            f"OmniCQM does not run at {base_url}. Start it with 'make run' in another terminal."
        ) from error
    except httpx.HTTPError as error:
        raise StoryError(f"OmniCQM at {base_url} did not answer as it should: {type(error).__name__}.") from error

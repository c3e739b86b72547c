"""The session that simple-salesforce asks through: it goes nowhere but to Salesforce, by our own client.

Private addresses, redirects, proxies and what a `.netrc` says are out; every request has a deadline and its answer a
limit.
"""

import io
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from conversations.crm.errors import CrmAway
from omnicqm.common.outgoing import OutgoingAnswer, OutgoingRefused, outgoing_send

SECONDS = 10.0  # for one request
MAX_BYTES = 256 * 1024
_SITE = ".salesforce.com"
_MOST_UNKNOWN = 1  # a session may be over, once; the library would sign in again without end
_BUSY = {429, 502, 503, 504}
_DROPPED = {"accept-encoding", "connection", "content-length", "host", "user-agent"}  # our client says its own
_unknown: ContextVar[int] = ContextVar("unknown", default=0)  # how often our session was not known, in this try


def try_begin() -> None:
    """What is asked from now on, in this thread, is another try."""
    _unknown.set(0)


def session_make(endpoint: str) -> requests.Session:
    """A session whose requests to Salesforce go to `endpoint` instead, if one is given."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.mount("https://", _Outgoing(endpoint))
    session.mount("http://", _Nowhere())
    return session


class _Outgoing(BaseAdapter):
    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Raises `OutgoingRefused` for another host, what `outgoing_send` raises, and `CrmAway` when Salesforce says
        that it is busy."""
        url = request.url or ""
        place = urlsplit(url)
        if not (place.hostname or "").endswith(_SITE):
            raise OutgoingRefused("Salesforce named a host that is not its own.")
        if self._endpoint:
            url = f"{self._endpoint}{place.path}{'?' if place.query else ''}{place.query}"
        sent = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
        headers = {name: value for name, value in sent.items() if name.lower() not in _DROPPED}
        answer = outgoing_send(
            request.method or "GET",
            url,
            headers=headers,
            content=_bytes(request.body),
            timeout=SECONDS,
            max_bytes=MAX_BYTES,
        )
        if answer.status in _BUSY:
            raise CrmAway(f"Salesforce is busy ({answer.status}).", retry_after=_seconds(answer.headers))
        if answer.status == 401:
            _unknown.set(_unknown.get() + 1)
            if _unknown.get() > _MOST_UNKNOWN:
                raise CrmAway("Salesforce lets us in and then does not know us (401). Check the app's policies.")
        return _response(request, answer)

    def close(self) -> None:
        """Every request has a connection of its own."""


class _Nowhere(BaseAdapter):
    def send(self, *_: Any, **__: Any) -> requests.Response:
        raise OutgoingRefused("Salesforce is asked by https alone.")

    def close(self) -> None:
        pass


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _response(request: requests.PreparedRequest, answer: OutgoingAnswer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.raw = io.BytesIO(answer.body)
    response.encoding = "utf-8"
    response.url = request.url or ""
    response.request = request
    return response


def _seconds(headers: Mapping[str, str]) -> float:
    asked = headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() else 0.0

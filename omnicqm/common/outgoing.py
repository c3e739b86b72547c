"""The one client for requests we send out: to callback addresses, later to tools and webhooks of others.

Addresses come from callers, so they may point anywhere. The client resolves a host itself and connects only to public
addresses, and to the very one it checked, so that a name that changes between check and connection gains nothing.
It follows no redirect, asks no proxy of the environment, and speaks https only. ``OMNICQM_OUTGOING_ALLOW`` names
host:port pairs that are exempt.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpcore
from django.conf import settings

from omnicqm.common.errors import InvalidInput, OmniError

TIMEOUT_SECONDS = 20.0
CONNECT_SECONDS = 5.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_URL_LENGTH = 2000
_PORTS = {"http": 80, "https": 443}
# IPv6 ranges in which an IPv4 address hides; what they embed is judged instead.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutgoingRefused(OmniError):
    """We do not send there: not a public address, or not https. Trying again is of no use."""

    code = "outgoing_refused"


class OutgoingFailed(OmniError):
    """The other side could not be reached or did not answer. `sent` says whether it may have got the request."""

    code, transient = "outgoing_failed", True

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


@dataclass(frozen=True)
class OutgoingAnswer:
    """What came back: header names in lower case, the body cut at `MAX_ANSWER_BYTES`."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def outgoing_url_check(url: str, *, param: str) -> str:
    """`url` as it can be requested later. Raises `InvalidInput` naming `param` for what would be refused anyway.

    Names are not resolved here: only sending decides what they mean.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(f"{param} is not a valid URL.", param=param) from error
    if len(url) > MAX_URL_LENGTH or parts.scheme not in _PORTS or not host or not url.isascii() or " " in url.strip():
        raise InvalidInput(
            f"{param} must be an absolute https URL of at most {MAX_URL_LENGTH} characters.", param=param
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidInput(f"{param} must not hold a user name or password.", param=param)
    if _is_allowed(host, port or _PORTS[parts.scheme]):
        return url.strip()
    if parts.scheme != "https":
        raise InvalidInput(f"{param} must begin with https://.", param=param)
    if _is_local_name(host) or ((address := _literal(host)) is not None and not _is_public(address)):
        raise InvalidInput(f"{param} leads to a private address, where we do not send.", param=param)
    return url.strip()


def outgoing_post(
    url: str, *, content: bytes, headers: Mapping[str, str], timeout: float = TIMEOUT_SECONDS
) -> OutgoingAnswer:
    """POST `content`. Every status is an answer. `timeout` is in seconds, for sending and for each silence.

    Raises `OutgoingRefused` and `OutgoingFailed`.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" and not _is_allowed(parts.hostname or "", _port(parts)):
        raise OutgoingRefused("The address does not begin with https://.")
    try:
        with _pool().stream(
            "POST", url, headers=_headers(parts, content, headers), content=content, extensions=_timeouts(timeout)
        ) as answer:
            return _read(answer, deadline=time.monotonic() + timeout)
    except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout) as error:
        raise OutgoingFailed(f"The other side cannot be reached ({type(error).__name__}).", sent=False) from error
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise OutgoingFailed(f"The other side did not answer ({type(error).__name__}).", sent=True) from error


@cache
def _pool() -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(),
        max_connections=50,
        max_keepalive_connections=0,  # a kept connection would skip the check of its address
        network_backend=_GuardedNetwork(),
    )


class _GuardedNetwork(httpcore.SyncBackend):
    """Connects to the address it has checked; the name stays in the Host header and in the TLS handshake."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        address = host if _is_allowed(host, port) else _public_address(host, port)
        return super().connect_tcp(address, port, timeout, local_address, socket_options)


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError("The host name cannot be resolved.") from error
    addresses = [str(entry[4][0]) for entry in found]
    # One private answer among public ones is a trick, not a service.
    if not all(_is_public(ipaddress.ip_address(address.partition("%")[0])) for address in addresses):
        raise OutgoingRefused("The address is private. Allow it with OMNICQM_OUTGOING_ALLOW if it is meant.")
    return addresses[0]


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if embedded is not None:
            return _is_public(embedded)
        if address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address `host` spells, also as the short, octal and hexadecimal forms that resolvers accept."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


def _is_local_name(host: str) -> bool:
    name = host.rstrip(".").lower()
    return ("." not in name and _literal(host) is None) or name.endswith((".localhost", ".local", ".internal"))


def _is_allowed(host: str, port: int) -> bool:
    return f"{host.lower()}:{port}" in {entry.lower() for entry in settings.OUTGOING_ALLOW}


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)


def _headers(parts: SplitResult, content: bytes, headers: Mapping[str, str]) -> dict[str, str]:
    host = parts.netloc.rpartition("@")[2]
    own = {"Host": host, "Content-Length": str(len(content)), "User-Agent": "OmniCQM", "Connection": "close"}
    return {**own, **headers}


def _timeouts(timeout: float) -> dict[str, Any]:
    return {"timeout": {"connect": min(CONNECT_SECONDS, timeout), "read": timeout, "write": timeout, "pool": timeout}}


def _read(answer: httpcore.Response, *, deadline: float) -> OutgoingAnswer:
    """The status is what counts: a body that is long, or drips in past the deadline, is cut."""
    body = b""
    for piece in answer.iter_stream():
        body += piece
        if len(body) >= MAX_ANSWER_BYTES or time.monotonic() > deadline:
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    return OutgoingAnswer(answer.status, headers, body[:MAX_ANSWER_BYTES])

"""The one way out over HTTP. Addresses come from callers, so they may point inward: this client does not go there.

The host is resolved here and the connection goes to the address that was checked, so a name that changes its mind in
between (DNS rebinding) gains nothing. No redirects, no proxies, https only; the host:port pairs of
``settings.OUTGOING_ALLOW`` are exempt from the address and https rules.

    OutgoingRefused      we will not send this, now or later
    OutgoingFailed       it did not reach the other side; later it may
    └── OutgoingUnknown  it was sent, or partly sent, and no answer came
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

from omnicqm.common.errors import InvalidInput, OmniError

MAX_URL_LENGTH = 2000
_NOT_IN_URLS = re.compile(r"[^\x21-\x7e]|[\\^`{|}<>\"]")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_INWARD_NAMES = ("localhost", ".localhost", ".local", ".internal", ".localdomain", ".home.arpa")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TUNNELS = tuple(ipaddress.IPv6Network(net) for net in ("2002::/16", "2001::/32"))  # 6to4, Teredo
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_CLOUD_SERVICES = {IPv4Address("168.63.129.16")}  # Azure's metadata service has an address that looks public


class OutgoingRefused(OmniError):
    code, status = "outgoing_refused", 400


class OutgoingFailed(OmniError):
    code, status, transient = "outgoing_failed", 502, True


class OutgoingUnknown(OutgoingFailed):
    code = "outgoing_unknown"


@dataclass(frozen=True)
class OutgoingAnswer:
    """What came back. Header names are in lower case; `body` is cut at the limit when `truncated`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool = False

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_exempt(self) -> bool:
        return f"{self.host}:{self.port}" in {entry.lower() for entry in settings.OUTGOING_ALLOW}


def outgoing_url_check(url: str, *, param: str) -> str:
    """`url`, if this client would at least try it; names are not resolved yet.

    Raises `InvalidInput` naming `param` for another scheme than https, a user name or password, a malformed host or
    port, and a host that is plainly inward.
    """
    try:
        target = _parse(url)
    except ValueError as error:
        raise InvalidInput(f"{param} {error}.", param=param, code="invalid_url") from error
    if not target.is_exempt and _is_plainly_inward(target.host):
        raise InvalidInput(f"{param} points to a private address.", param=param, code="private_address")
    return url


def outgoing_send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes = b"",
    timeout: float = 20.0,
    max_bytes: int = 1024 * 1024,
) -> OutgoingAnswer:
    """Send one request; `timeout` seconds for everything after the name lookup. Any status is an answer, 3xx included.

    Raises `OutgoingRefused`, `OutgoingFailed` or `OutgoingUnknown`.
    """
    try:
        target = _parse(url)
    except ValueError as error:
        raise OutgoingRefused(f"The address {error}.") from error
    guard = _Guard(target, deadline=time.monotonic() + timeout)
    try:
        return _exchange(guard, method, target, headers, content, max_bytes)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
        kind = OutgoingUnknown if guard.connected else OutgoingFailed
        raise kind(f"No answer from {target.host} ({type(error).__name__}).") from error


def outgoing_post(url: str, *, content: bytes, headers: Mapping[str, str], timeout: float = 20.0) -> OutgoingAnswer:
    """POST `content`, see `outgoing_send`."""
    return outgoing_send("POST", url, headers=headers, content=content, timeout=timeout)


def _exchange(
    guard: "_Guard", method: str, target: _Target, headers: Mapping[str, str], content: bytes, max_bytes: int
) -> OutgoingAnswer:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    default_port = target.port == (443 if target.scheme == "https" else 80)
    literal = f"[{target.host}]" if ":" in target.host else target.host
    fields = {
        "Host": literal if default_port else f"{literal}:{target.port}",
        "User-Agent": "OmniCQM/1",
        "Accept": "*/*",
        "Connection": "close",
        "Content-Length": str(len(content)),
        **headers,
    }
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=guard, retries=0) as pool,
        pool.stream(method, url, headers=list(fields.items()), content=content) as response,
    ):
        body, truncated = _read(response.iter_stream(), max_bytes)
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return OutgoingAnswer(response.status, named, body, truncated)


def _read(chunks: Iterable[bytes], max_bytes: int) -> tuple[bytes, bool]:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            return bytes(body[:max_bytes]), True
    return bytes(body), False


def _parse(url: str) -> _Target:
    """The parts of `url`. Raises ValueError whose text continues "The address …"."""
    if len(url) > MAX_URL_LENGTH:
        raise ValueError(f"is longer than {MAX_URL_LENGTH} characters")
    if _NOT_IN_URLS.search(url):
        raise ValueError("holds characters that must be percent-encoded")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("is not a valid URL") from error
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if port == 0:
        raise ValueError("has no valid port")
    scheme, host = parts.scheme.lower(), _host(parts.hostname or "")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = _Target(scheme, host, port or (80 if scheme == "http" else 443), path)
    if scheme != "https" and not (scheme == "http" and target.is_exempt):
        raise ValueError("must begin with https://")
    return target


def _host(host: str) -> str:
    if ":" in host:
        try:
            return str(ipaddress.IPv6Address(host))  # no zone: a link-local address never is outward
        except ValueError as error:
            raise ValueError("has no valid host") from error
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ValueError("has no valid host")
    return host


def _is_plainly_inward(host: str) -> bool:
    if host.endswith(_INWARD_NAMES):
        return True
    try:  # also what the C library takes for a number: 127.1, 0x7f000001, 2130706433
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return "." not in host
    return not all(address_is_public(str(entry[4][0])) for entry in found)


def address_is_public(address: str) -> bool:
    """Whether `address` is one that anybody on the internet could mean: global, unicast, no tunnel into IPv4."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            return address_is_public(str(IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip not in _GLOBAL_V6 or any(ip in network for network in _TUNNELS):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip in _CLOUD_SERVICES)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Guard(httpcore.SyncBackend):
    """Connects to checked addresses only and holds every step to one deadline."""

    def __init__(self, target: _Target, *, deadline: float) -> None:
        self._exempt = target.is_exempt
        self._deadline = deadline
        self.connected = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._resolve(host, port):
            try:
                stream = super().connect_tcp(
                    address, port, timeout=_left(self._deadline), socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self)
        raise failure

    def _resolve(self, host: str, port: int) -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._exempt and not all(address_is_public(address) for address in addresses):
            raise OutgoingRefused(f"{host} leads to a private address.")
        return addresses

    def left(self) -> float:
        return _left(self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream whose reads and writes share one deadline, so that a trickle of bytes cannot hold us for ever."""

    def __init__(self, stream: httpcore.NetworkStream, guard: _Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, timeout=self._guard.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._guard.connected = True  # from here on the other side may have got something
        self._stream.write(buffer, timeout=self._guard.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        tls = self._stream.start_tls(ssl_context, server_hostname=server_hostname, timeout=self._guard.left())
        return _TimedStream(tls, self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)

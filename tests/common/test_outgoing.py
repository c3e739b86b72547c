"""Requests go out to public addresses only, and to the very address that was checked."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from omnicqm.common.errors import InvalidInput
from omnicqm.common.outgoing import (
    OutgoingFailed,
    OutgoingRefused,
    OutgoingUnknown,
    address_is_public,
    outgoing_post,
    outgoing_send,
    outgoing_url_check,
)

Behaviour = Callable[[socket.socket], None]


@contextmanager
def server(behaviour: Behaviour) -> Iterator[int]:
    """One that does with each connection what the test says; yields its port on loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                behaviour(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        stopped.set()
        thread.join()
        listener.close()


def request_read(connection: socket.socket) -> bytes:
    """A whole request: its head and the body it announces, in however many pieces they come."""
    request = b""
    while piece := connection.recv(65536):
        request += piece
        head, end, body = request.partition(b"\r\n\r\n")
        announced = re.search(rb"(?i)content-length: (\d+)", head)
        if end and len(body) >= int(announced[1] if announced else 0):
            break
    return request


def answering(head: bytes, body: bytes = b"", received: list[bytes] | None = None) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        request = request_read(connection)
        if received is not None:
            received.append(request)
        connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n" + body)

    return behave


@pytest.fixture
def allow(settings: Any) -> Callable[[int], str]:
    """Lets a port on loopback pass the guard; its URL."""

    def allowed(port: int) -> str:
        settings.OUTGOING_ALLOW = (f"127.0.0.1:{port}",)
        return f"http://127.0.0.1:{port}/hook?x=1"

    return allowed


def test_a_post_arrives_with_its_headers_and_body(allow: Callable[[int], str]) -> None:
    received: list[bytes] = []
    with server(answering(b"201 Created\r\nX-Said: Yes\r\nContent-Length: 2", b"ok", received)) as port:
        answer = outgoing_post(allow(port), content=b'{"a":1}', headers={"webhook-id": "dlv_1"})
    assert (answer.status, answer.body, answer.headers["x-said"], answer.is_success) == (201, b"ok", "Yes", True)
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?x=1 HTTP/1.1")
    assert b"webhook-id: dlv_1" in head
    assert f"Host: 127.0.0.1:{port}".encode() in head
    assert body == b'{"a":1}'


def test_a_redirect_is_an_answer_and_is_not_followed(allow: Callable[[int], str]) -> None:
    calls: list[bytes] = []
    head = b"302 Found\r\nLocation: http://127.0.0.1/elsewhere\r\nContent-Length: 0"
    with server(answering(head, received=calls)) as port:
        answer = outgoing_post(allow(port), content=b"", headers={})
    assert (answer.status, answer.is_success, len(calls)) == (302, False, 1)


def test_a_long_answer_is_cut(allow: Callable[[int], str]) -> None:
    with server(answering(b"200 OK\r\nContent-Length: 100000", b"x" * 100_000)) as port:
        answer = outgoing_send("GET", allow(port), headers={}, max_bytes=1000)
    assert (len(answer.body), answer.truncated) == (1000, True)


def test_proxies_of_the_environment_are_not_asked(allow: Callable[[int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with server(answering(b"204 No Content")) as port:
        assert outgoing_post(allow(port), content=b"", headers={}).status == 204


def test_a_trickle_of_bytes_ends_at_the_deadline_with_an_unknown_outcome(allow: Callable[[int], str]) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.recv(65536)
        try:
            for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 100:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            pass

    started = time.monotonic()
    with server(trickle) as port, pytest.raises(OutgoingUnknown):
        outgoing_post(allow(port), content=b"x", headers={}, timeout=0.5)
    assert time.monotonic() - started < 3


def test_a_connection_closed_without_an_answer_has_an_unknown_outcome(allow: Callable[[int], str]) -> None:
    with server(lambda connection: connection.recv(10) and None) as port, pytest.raises(OutgoingUnknown):
        outgoing_post(allow(port), content=b"x", headers={})


def test_a_refused_connection_has_not_reached_anybody(allow: Callable[[int], str]) -> None:
    with server(answering(b"200 OK")) as port:
        url = allow(port)
    with pytest.raises(OutgoingFailed) as failed:
        outgoing_post(url, content=b"", headers={})
    assert not isinstance(failed.value, OutgoingUnknown)
    assert failed.value.transient


def test_a_name_that_does_not_exist_may_exist_later() -> None:
    with pytest.raises(OutgoingFailed):
        outgoing_post("https://no-such-host.invalid/", content=b"", headers={})


def test_a_private_address_is_refused_before_anything_is_sent() -> None:
    calls: list[bytes] = []
    with server(answering(b"200 OK", received=calls)) as port, pytest.raises(OutgoingRefused):
        outgoing_post(f"https://localhost:{port}/", content=b"secret", headers={})
    assert calls == []


def resolver(*answers: list[str]) -> Callable[..., list[tuple[Any, ...]]]:
    """A name server that gives another answer each time."""
    waiting = list(answers)

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        addresses = waiting.pop(0) if host == "rebinding.example" else [host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_a_name_that_changes_after_the_check_does_not_lead_inward(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolver(["93.184.215.14"], ["127.0.0.1"], ["127.0.0.1"]))
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OutgoingFailed):
        outgoing_post("https://rebinding.example/", content=b"", headers={})
    assert connected == ["93.184.215.14"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver(["93.184.215.14", "10.0.0.1"]))
    with pytest.raises(OutgoingRefused):
        outgoing_post("https://rebinding.example/", content=b"", headers={})


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200"),
        *("0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "168.63.129.16"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "not an address", ""),
    ],
)
def test_no_inward_address_counts_as_public(address: str) -> None:
    assert not address_is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert address_is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "//example.com/", "example.com", "", "https://", "javascript:1"),
        *("https://user:pw@example.com/", "https://user@example.com/", "https://example.com:0/"),
        *("https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nX: 1", "https://é.example/"),
        *("https://example.com\\@127.0.0.1/", "https://*.example.com/", "https://-x.example/"),
        *("https://localhost/", "https://x.localhost/", "https://printer.local/", "https://vault.internal/"),
        *("https://intranet/", "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/"),
        *("https://[::1]/", "https://[::ffff:8.8.8.8]/", "https://169.254.169.254/latest", "https://10.0.0.1:8443/"),
        "https://example.com/" + "x" * 2000,
    ],
)
def test_such_an_address_is_refused_at_the_door_by_name(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        outgoing_url_check(url, param="callback_url")
    assert refused.value.param == "callback_url"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://prod-12.westeurope.logic.azure.com:443/workflows/a1/triggers/manual/paths/invoke?sp=%2Frun&sig=A-_b",
        "https://hooks_1.example.com./x#part",
        "https://[2606:4700:4700::1111]:8443/x",
    ],
)
def test_such_an_address_passes_the_door(url: str) -> None:
    assert outgoing_url_check(url, param="callback_url") == url


def test_an_allowed_pair_is_exempt_and_only_that_pair(settings: Any) -> None:
    settings.OUTGOING_ALLOW = ("Localhost:8123",)
    outgoing_url_check("http://localhost:8123/x", param="callback_url")
    for url in ("http://localhost:8124/x", "http://127.0.0.1:8123/x", "http://localhost/x"):
        with pytest.raises(InvalidInput):
            outgoing_url_check(url, param="callback_url")

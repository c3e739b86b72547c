"""What a web process bounds: a client may be slow, silent or endless, and others do not notice."""

import asyncio
import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from omnicqm.processes import web

REQUEST = (
    b"POST /x HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\nContent-Length: 4\r\n\r\n"
)

ended: queue.Queue[int] = queue.Queue()  # codes with which websockets ended, as the application was told


async def told(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with what it was told; over a websocket hangs up as asked, or says what it heard."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (heard := await receive())["type"] == "websocket.receive":
            if heard["text"] == "hang up":
                await send({"type": "websocket.close", "code": 4401})
            if heard["text"] == "go on":
                await asyncio.sleep(0.5)
            await send({"type": "websocket.send", "text": str(len(heard["text"]))})
        ended.put(heard["code"])
        return
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    if scope["path"] == "/slow":
        await asyncio.sleep(0.5)
    answer = json.dumps({"body": len(body), "client": scope["client"][0], "scheme": scope["scheme"]}).encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@contextlib.contextmanager
def served() -> Iterator[int]:
    """The port of a web process's server in a thread of this one."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=16)
    server = web.server_make(told)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening.dup()]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(web.STOP_SECONDS + 5)
        listening.close()
    assert not thread.is_alive()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Where little patience is served."""
    for name, seconds in {"HEAD_SECONDS": 0.6, "BODY_SECONDS": 0.6, "PING_SECONDS": 0.2, "PONG_SECONDS": 0.2}.items():
        monkeypatch.setattr(web, name, seconds)
    with served() as there:
        yield there


def opened(port: int, first: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(first)
    return connection


def answer_of(connection: socket.socket) -> tuple[bytes, dict[str, Any]]:
    received = b""
    while b"}" not in received:
        more = connection.recv(65536)
        assert more, received
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    return head, json.loads(body)


def is_hung_up(connection: socket.socket) -> bool:
    try:
        return connection.recv(65536) == b""
    except ConnectionResetError:
        return True


def speaking(port: int) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}/ws", open_timeout=10, close_timeout=2)


def test_a_connection_takes_one_request_after_the_other_and_tells_nothing_of_the_server(port: int) -> None:
    with opened(port, REQUEST + b"1234") as connection:
        head, answer = answer_of(connection)
        assert answer["body"] == 4
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"date: " in head.lower()
        assert b"server:" not in head.lower()
        time.sleep(0.8)  # longer than a head may take: nobody has begun one
        connection.sendall(REQUEST)
        time.sleep(0.3)
        connection.sendall(b"1234")
        assert answer_of(connection)[1]["body"] == 4


def test_who_asks_is_who_is_connected_whatever_headers_say(port: int) -> None:
    with opened(port, REQUEST + b"1234") as connection:
        assert answer_of(connection)[1] == {"body": 4, "client": "127.0.0.1", "scheme": "http"}


@pytest.mark.parametrize("beginning", [b"", b"\r\n", b"POST /x HTT", REQUEST[:-4], REQUEST, REQUEST + b"123"])
def test_who_does_not_go_on_is_hung_up_on(port: int, beginning: bytes) -> None:
    with opened(port, beginning) as connection:
        assert is_hung_up(connection)


def test_a_head_that_trickles_is_not_waited_for(port: int) -> None:
    sent = 0
    with opened(port, b"POST /x HTTP/1.1\r\n") as connection, contextlib.suppress(ConnectionError):
        while sent < 100:
            connection.sendall(b"X-%d: 1\r\n" % sent)
            time.sleep(0.1)
            sent += 1
    assert sent < 100


def test_a_body_that_keeps_coming_is_waited_for(port: int) -> None:
    with opened(port, REQUEST) as connection:
        for piece in (b"1", b"2", b"3", b"4"):
            time.sleep(0.3)
            connection.sendall(piece)
        assert answer_of(connection)[1]["body"] == 4


@pytest.mark.parametrize("head", [b"X: 1\r\n" * 10_000, b"X: " + b"1" * 100_000, b"X" * 100_000])
def test_an_endless_head_is_not_kept(port: int, head: bytes) -> None:
    with opened(port) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(b"GET /x HTTP/1.1\r\nHost: a\r\n" + head)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answer += more
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    with opened(port, REQUEST + b"1234") as connection:
        assert answer_of(connection)[1]["body"] == 4, "others are served"


@pytest.mark.parametrize("head", [b"Content-Length: 150000", b"Transfer-Encoding: chunked"])
def test_of_a_body_that_is_too_large_only_so_much_is_kept(
    port: int, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(web, "BODY_BYTES", 100_000)
    chunks = b"".join(b"c350\r\n" + bytes(50_000) + b"\r\n" for _ in range(3)) + b"0\r\n\r\n"
    with opened(port, b"POST /x HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n") as connection:
        connection.sendall(bytes(150_000) if b"Length" in head else chunks)
        assert answer_of(connection)[1]["body"] == 100_000


def test_an_endless_body_is_hung_up_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_BYTES", 100_000)
    head, sent = b"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0
    with opened(port, head) as connection, contextlib.suppress(ConnectionError):
        while sent < 200:
            connection.sendall(b"c350\r\n" + bytes(50_000) + b"\r\n")
            sent += 1
    assert sent < 200


def test_hundreds_come_in_one_instant(port: int) -> None:
    connections = [opened(port, REQUEST + b"1234") for _ in range(500)]
    assert [answer_of(connection)[1]["body"] for connection in connections] == [4] * 500
    for connection in connections:
        connection.close()


def test_a_websocket_tells_its_close_code_and_bounds_its_frames(port: int) -> None:
    with speaking(port) as page:
        page.send("x" * web.FRAME_BYTES)
        assert page.recv(timeout=10) == str(web.FRAME_BYTES)
        time.sleep(1)  # pings go there and back, and it stays open
        page.send("hang up")
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(timeout=10)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4401
    with speaking(port) as page:
        with contextlib.suppress(ConnectionClosed):
            page.send("x" * (web.FRAME_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            page.recv(timeout=10)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009


def test_what_crosses_the_end_of_a_websocket_is_lost_and_the_application_is_told_the_end(port: int) -> None:
    ended.queue.clear()
    with speaking(port) as page:
        page.send("hang up")
        with pytest.raises(ConnectionClosed):
            page.recv(timeout=10)
    assert ended.get(timeout=10) == 4401
    with speaking(port) as page:
        page.send("go on")
        page.close(1001)
    assert ended.get(timeout=10) == 1001


def test_a_page_that_has_gone_without_a_word_is_forgotten(port: int) -> None:
    handshake = (
        b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with opened(port, handshake) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 101 ")
        deadline = time.monotonic() + 10
        while not is_hung_up(connection):  # pings come, and nobody answers them
            assert time.monotonic() < deadline


def test_requests_under_way_are_answered_when_it_stops() -> None:
    with served() as port:
        connection = opened(port, REQUEST.replace(b"/x", b"/slow") + b"1234")
        time.sleep(0.2)
    with connection:
        head, answer = answer_of(connection)
    assert answer["body"] == 4
    assert b"connection: close" in head.lower()

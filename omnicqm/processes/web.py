"""``python -m omnicqm.processes.web --fd NUMBER``: a web process, on a socket it has inherited and shares with others.

It is uvicorn, with limits where uvicorn has none: a client that sends its request slowly or never, one that sends an
endless head or body, one that no longer takes what it is sent.
"""

import asyncio
import socket
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from omnicqm.processes.addresses import BACKLOG

APPLICATION = "omnicqm.asgi:application"
HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 20.0  # from the connection, or the first byte of a further request, to the end of its head
BODY_SECONDS = 60.0  # without another byte of the body
BODY_BYTES = 64 * 1024 * 1024  # kept of a body, which is received before anybody looks at it; the API takes 40 MB
IDLE_SECONDS = 75  # between two requests: longer than proxies keep a connection, who would else send into a closed one
STOP_SECONDS = 6  # for requests under way; the supervisor waits 8
FRAME_BYTES = 1024 * 1024  # of a websocket; the chat takes 64 KB and says so of what is larger
PING_SECONDS, PONG_SECONDS = 20.0, 30.0


class Door(HttpToolsProtocol):
    """HTTP of one connection, which is not waited for without end."""

    _waiting: asyncio.TimerHandle | None = None
    _is_receiving = True  # a request is wanted or under way
    _is_in_head = True
    _head_bytes = 0  # of whole headers
    _sent_bytes = 0  # while the head was not complete
    _body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait(HEAD_SECONDS)

    def connection_lost(self, error: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if not self._is_receiving:  # whatever comes now, even blanks, is to become a request
            self._head_start()
        super().data_received(data)
        if not self._is_receiving:
            self._wait(None)
        elif not self._is_in_head:
            self._wait(BODY_SECONDS)
        else:
            self._head_goes_on(len(data))

    def handle_websocket_upgrade(self) -> None:
        self._is_receiving = False
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_start()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEAD_BYTES:
            raise ValueError("The head is too large.")  # becomes a 400
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """What is too much is thrown away, so that the application says so; whoever does not stop is hung up on."""
        room = BODY_BYTES - self._body_bytes
        self._body_bytes += len(body)
        if room > 0:
            super().on_body(body[:room])
        elif self._body_bytes > 2 * BODY_BYTES:
            self.transport.abort()

    def on_message_complete(self) -> None:
        self._is_receiving = False
        super().on_message_complete()

    def timeout_keep_alive_handler(self) -> None:
        self.transport.abort()  # closing would wait for a client that does not take its answer

    def _head_start(self) -> None:
        self._is_receiving = self._is_in_head = True
        self._head_bytes = self._sent_bytes = self._body_bytes = 0

    def _head_goes_on(self, size: int) -> None:
        """`size` more bytes, and its end was not among them: one header may be all of that."""
        self._sent_bytes += size
        if self._sent_bytes > 2 * HEAD_BYTES:
            self.transport.abort()
        elif self._waiting is None:
            self._wait(HEAD_SECONDS)

    def _wait(self, seconds: float | None) -> None:
        """Hang up after `seconds` unless told otherwise before."""
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


class Socket(WebSocketsSansIOProtocol):
    """A websocket, which is not kept for a client that has gone without a word.

    What the application says to a page that has gone, or that it has hung up on, is lost without an error: a live event
    may cross the end of a connection, and the application learns of that by its ``websocket.disconnect``.
    """

    async def send(self, message: Any) -> None:
        if not self.close_sent:
            with suppress(ClientDisconnected):
                await super().send(message)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()  # closing would wait until the client takes what was sent to it


def server_make(application: Any = APPLICATION) -> uvicorn.Server:
    """A server that logs and behaves as the product wants it; ``run(sockets=[…])`` serves until SIGTERM or SIGINT."""
    return uvicorn.Server(
        uvicorn.Config(
            application,
            loop="uvloop",
            http=Door,
            ws=Socket,
            ws_max_size=FRAME_BYTES,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PONG_SECONDS,
            ws_per_message_deflate=False,  # frames are small and live
            lifespan="off",
            interface="asgi3",
            log_config=None,  # the application's own
            access_log=False,  # it has a line for each request that says less of the caller
            proxy_headers=False,  # settings say whom to believe what
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def main() -> None:
    arguments = ArgumentParser(prog="web", description=__doc__)
    arguments.add_argument("--fd", type=int, required=True, help="number of the listening socket")
    server_make().run(sockets=[socket.socket(fileno=arguments.parse_args().fd)])


if __name__ == "__main__":
    main()

"""One call in progress: the connection it came by, and the answer its operation would give."""

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from tests.simulators.bedrock.answers import Answer
from tests.simulators.bedrock.script import Call, LatencyProfile, Reply


@dataclass
class Exchange:
    """What an item plays on. `answer` makes the right answer of the operation out of a reply."""

    call: Call
    line: "Line"
    answer: Callable[[Reply], Answer]
    latency: LatencyProfile

    @property
    def streamed(self) -> bool:
        return self.call.operation == "ConverseStream"

    def deliver(self, answer: Answer) -> None:
        """Send the whole answer, at the pace of the latency profile."""
        self.line.wait(self.latency.first_byte)
        self.line.begin(answer)
        for part in answer.parts:
            self.line.send(part)
            self.line.wait(self.latency.per_event if answer.streamed else 0)
        self.line.end()


class Line:
    """Writes one HTTP answer piece by piece. Every method raises ConnectionError once the client has left."""

    def __init__(self, handler: BaseHTTPRequestHandler, headers: dict[str, str]) -> None:
        self._handler = handler
        self._headers = headers
        self._chunked = False

    def begin(self, answer: Answer) -> None:
        """Status and headers: chunks follow for a stream, else the body in its announced length."""
        self._chunked = answer.streamed
        self._handler.send_response(answer.status)
        length = {"Transfer-Encoding": "chunked"} if self._chunked else {"Content-Length": str(len(answer.body))}
        for name, value in {**self._headers, **answer.headers, **length}.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def send(self, data: bytes) -> None:
        self._handler.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)

    def end(self) -> None:
        """The answer is complete; the connection may be used again."""
        if self._chunked:
            self._handler.wfile.write(b"0\r\n\r\n")

    def drop(self) -> None:
        """Close the connection as it stands."""
        self._handler.close_connection = True
        with suppress(OSError):
            self._handler.connection.shutdown(socket.SHUT_RDWR)

    def wait(self, seconds: float) -> None:
        """Let time pass; a client has nothing more to say before it has its answer, so what is heard is its leaving."""
        if seconds <= 0:
            return
        poll = select.poll()
        poll.register(self._handler.connection, select.POLLIN)
        if poll.poll(seconds * 1000):
            raise ConnectionAbortedError

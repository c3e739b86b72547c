"""Streams: a websocket server that takes AudioEvent frames and tells partial and final results."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.eventstream import EventStreamBuffer
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from tests.simulators.bedrock.framing import frame
from tests.simulators.transcribe.script import Said
from tests.simulators.transcribe.signature import signature_problem

PATH = "/stream-transcription-websocket"
MOST_CHUNK = 32_000  # a second


@dataclass
class StreamsSimulator:
    """What it hears is `said`, one result per entry; a partial is told after every tenth piece of audio.

    Faults, until `recover`: `refuse` answers the handshake with a status; `exception` is sent after so many pieces,
    after which the socket closes; `cut_after` drops the connection; `silent` never tells a final result; `garbage`
    sends bytes that are no frame; `slow` seconds pass before every answer.
    """

    region: str
    secret: str
    said: list[Said] = field(default_factory=lambda: [Said.of("hello")])
    problems: list[str] = field(default_factory=list)
    streams: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self.recover()

    def recover(self) -> None:
        self.refuse: int = 0
        self.exception: tuple[str, int] | None = None
        self.cut_after: int | None = None
        self.silent = False
        self.garbage = False
        self.slow = 0.0

    @contextmanager
    def serving(self) -> Iterator["StreamsSimulator"]:
        with serve(self._stream, "127.0.0.1", 0, process_request=self._admit, compression=None) as server:
            self.port = server.socket.getsockname()[1]
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self._stop(server, thread)

    def _stop(self, server: Server, thread: threading.Thread) -> None:
        self._stopped.set()
        server.shutdown()
        thread.join()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.refuse:
            return connection.respond(HTTPStatus(self.refuse), "refused")
        host = request.headers["Host"]
        problem = signature_problem(request.path, host, secret=self.secret, region=self.region)
        if problem or urlsplit(request.path).path != PATH:
            self.problems.append(problem or "path")
            return connection.respond(HTTPStatus.FORBIDDEN, "The request signature does not match.")
        return None

    def _stream(self, connection: ServerConnection) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(connection.request.path).query).items()}
        told: dict[str, Any] = {"query": query, "pieces": [], "ended": False}
        self.streams.append(told)
        with suppress(ConnectionClosed):
            if query.get("media-encoding") != "pcm" or query.get("sample-rate") != "16000":
                self._fail(connection, "BadRequestException")
                return
            for message in connection:
                if not self._take(connection, message, told):
                    return

    def _take(self, connection: ServerConnection, message: str | bytes, told: dict[str, Any]) -> bool:
        audio = self._audio(message)
        if not audio:
            told["ended"] = True
            return self._finish(connection)
        told["pieces"].append(len(audio))
        if len(audio) > MOST_CHUNK:
            self.problems.append("a piece longer than a second")
        return self._react(connection, len(told["pieces"]))

    def _audio(self, message: str | bytes) -> bytes:
        assert isinstance(message, bytes)
        buffer = EventStreamBuffer()
        buffer.add_data(message)
        [event] = list(buffer)
        headers = dict(event.headers)
        wanted = {
            ":message-type": "event",
            ":event-type": "AudioEvent",
            ":content-type": "application/octet-stream",
        }
        if headers != wanted:
            self.problems.append(f"headers {headers}")
        return bytes(event.payload)

    def _react(self, connection: ServerConnection, pieces: int) -> bool:
        time.sleep(self.slow)
        if self.exception and pieces >= self.exception[1]:
            self._fail(connection, self.exception[0])
            return False
        if self.cut_after is not None and pieces >= self.cut_after:
            connection.socket.close()
            return False
        if self.garbage:
            connection.send(b"\x00\x00\x00\x20 this is no frame at all....")
            return False
        if pieces % 10 == 0 and self.said:
            self._results(connection, [self.said[0].result(0, until=pieces // 10, partial=True)])
        return True

    def _finish(self, connection: ServerConnection) -> bool:
        time.sleep(self.slow)
        if self.silent:
            self._stopped.wait(30)
        for number, said in enumerate(self.said):
            self._results(connection, [said.result(number, until=1, partial=True)])
            self._results(connection, [said.result(number)])
        return False  # and close

    def _results(self, connection: ServerConnection, results: list[dict[str, Any]]) -> None:
        payload = json.dumps({"Transcript": {"Results": results}}).encode()
        headers = {":message-type": "event", ":event-type": "TranscriptEvent", ":content-type": "application/json"}
        connection.send(frame(headers, payload))

    def _fail(self, connection: ServerConnection, name: str) -> None:
        headers = {":message-type": "exception", ":exception-type": name, ":content-type": "application/json"}
        connection.send(frame(headers, json.dumps({"Message": "Words of the service."}).encode()))

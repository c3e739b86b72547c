"""The HTTP side: finds the operation of a path, reads its parameters, keeps track of connections."""

import json
import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from tests.simulators.bedrock.answers import Answer, json_answer, refusal_answer
from tests.simulators.bedrock.exchange import Line
from tests.simulators.bedrock.operations import OPERATIONS
from tests.simulators.bedrock.refusals import Refusal, invalid
from tests.simulators.bedrock.script import Call
from tests.simulators.bedrock.shapes import service_model
from tests.simulators.bedrock.simulator import Simulator

MAX_BODY = 25_000_000


class Server(ThreadingHTTPServer):
    """A thread per connection; stopping closes what clients still hold open."""

    request_queue_size = 1024
    daemon_threads = False

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self._open: set[socket.socket] = set()
        _paths()  # once: hundreds of threads that come at once would each read the model
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def connections_close(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is no failure; what else arrives here was kept by the handler."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        line = Line(self, {"x-amzn-RequestId": str(uuid4())})
        try:
            self.server.simulator.answer(self._call(), line)
        except Refusal as refusal:
            self._send(line, refusal_answer(refusal))
        except ConnectionError:
            self.close_connection = True
        except Exception as error:
            self.server.simulator.failures.append(error)
            self._send(line, refusal_answer(Refusal("InternalServerException", f"The simulator failed: {error!r}")))

    def _call(self) -> Call:
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if "/bedrock/aws4_request" not in headers.get("authorization", ""):
            raise Refusal("AccessDeniedException", "The request is not signed for this service.")
        for operation, path in _paths():
            if match := path.fullmatch(self.path):
                names = {name: unquote(value) for name, value in match.groupdict().items()}
                return Call(operation, names.pop("target"), {**names, **_parsed(body)}, headers)
        raise Refusal("ResourceNotFoundException", f"There is no operation at {self.path}.")

    def _send(self, line: Line, answer: Answer) -> None:
        with suppress(ConnectionError):
            line.begin(answer)
            line.send(answer.body)

    def do_GET(self) -> None:
        """Tells whoever starts the simulator that it is there."""
        self._send(Line(self, {}), json_answer({"simulator": "bedrock-runtime"}))

    def log_message(self, *_: object) -> None:
        """Calls are kept, not printed."""


@cache
def _paths() -> list[tuple[str, re.Pattern[str]]]:
    """The path of every operation, from the service model; its first variable is the target."""
    return [(name, _path(service_model().operation_model(name).http["requestUri"])) for name in OPERATIONS]


def _path(template: str) -> re.Pattern[str]:
    first = re.sub(r"\{\w+\}", "(?P<target>[^/]+)", template, count=1)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", first))


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise invalid("The body of the request is not a JSON object.")
    return data


@contextmanager
def served(simulator: Simulator, port: int = 0) -> Iterator[Simulator]:
    """Serve on 127.0.0.1 (port 0: any free one) until the end of the block; no thread is left behind."""
    server = Server(port, simulator)
    simulator.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="bedrock simulator")
    thread.start()
    try:
        yield simulator
    finally:
        server.shutdown()
        thread.join()
        server.connections_close()
        server.server_close()

"""The HTTP side of the org, and what a test wants to go wrong in front of it."""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from tests.simulators.salesforce.org import Org, Refusal

_UPSERT = re.compile(r"/services/data/v62\.0/sobjects/(\w+)/(\w+)/([^/]+)")
_QUERY = re.compile(r"SELECT Id FROM Account WHERE AccountNumber = '((?:[^'\\]|\\.)*)' LIMIT 2")
INSTANCE = "https://acme.my.salesforce.com"

Interruption = Callable[[str, str], "Answer | None"]
Answer = tuple[int, dict[str, str], bytes]


class OrgServer(ThreadingHTTPServer):
    """`url` is where it is. What `interrupt` returns for a request (method, path) is answered instead; `after` is
    called when a request has had its effect and before it is answered."""

    daemon_threads = True

    def __init__(self, org: Org) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.org = org
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.place = f"127.0.0.1:{self.server_address[1]}"
        self.interrupt: Interruption = lambda method, path: None
        self.after: Callable[[str, str], None] = lambda method, path: None
        self.released = threading.Event()

    def hang(self, *methods: str) -> None:
        """Say nothing to requests of these methods until `recover`."""
        self.released.clear()

        def wait(method: str, path: str) -> None:
            if method in methods:
                self.released.wait(30)

        self.interrupt = wait

    def answer_all(self, status: int, body: Any, method: str = "", **headers: str) -> None:
        """Answer every request (of `method`, if named) so, until `recover`."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = status, {name.replace("_", "-"): value for name, value in headers.items()}, content
        self.interrupt = lambda asked, path: answer if method in ("", asked) else None

    def recover(self) -> None:
        self.interrupt = lambda method, path: None
        self.after = lambda method, path: None
        self.released.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left is no failure."""


class Handler(BaseHTTPRequestHandler):
    server: OrgServer

    def do_POST(self) -> None:
        self._serve("POST")

    def do_GET(self) -> None:
        self._serve("GET")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        self.server.org.calls.append((method, path))
        try:
            status, headers, content = self.server.interrupt(method, path) or self._answer(method, path, body)
            self.server.after(method, path)
        except Refusal as refusal:
            status, headers, content = refusal.status, {}, json.dumps(refusal.body).encode()
        except Exception as error:
            self.server.org.failures.append(error)
            status, headers, content = 500, {}, repr(error).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, method: str, path: str, body: bytes) -> Answer:
        org = self.server.org
        if path == "/services/oauth2/token":
            token = org.sign_in(dict(parse_qsl(body.decode())), self._basic())
            return 200, {}, json.dumps({"access_token": token, "instance_url": INSTANCE}).encode()
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in org.tokens:
            raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if path == "/services/data/v62.0/query/":
            return 200, {}, self._query()
        match = _UPSERT.fullmatch(path)
        if method != "PATCH" or not match:
            raise Refusal(404, "NOT_FOUND")
        record_id, created = org.upsert(match[1], match[2], unquote(match[3]), json.loads(body))
        told = {"id": record_id, "success": True, "errors": [], "created": created}
        return 201 if created else 200, {}, json.dumps(told).encode()

    def _query(self) -> bytes:
        [asked] = parse_qs(urlsplit(self.path).query)["q"]
        match = _QUERY.fullmatch(asked)
        if not match:
            raise Refusal(400, "MALFORMED_QUERY", asked)
        number = re.sub(r"\\(.)", r"\1", match[1])
        records = [{"Id": one} for one in self.server.org.account_ids(number)[:2]]
        return json.dumps({"totalSize": len(records), "done": True, "records": records}).encode()

    def _basic(self) -> tuple[str, str] | None:
        kind, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return None
        client, _, secret = base64.b64decode(encoded).decode().partition(":")
        return client, secret

    def log_message(self, *_: object) -> None:
        """Nothing: a test tells what matters."""


@contextmanager
def org_running(org: Org) -> Iterator[OrgServer]:
    server = OrgServer(org)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.recover()
        server.shutdown()
        thread.join()
        server.server_close()

"""A company's system on loopback, and definitions of tools that ask it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from agents.models import HttpTool

ORDER = {
    "type": "object",
    "properties": {"order": {"type": "string", "minLength": 1, "maxLength": 40, "description": "number of the order"}},
    "required": ["order"],
}


@dataclass
class Call:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Company:
    """Answers every call the same way until told otherwise. `status` 0 closes the connection without an answer."""

    host: str
    status: int = 200
    content_type: str = "application/json"
    body: bytes = (
        b'{"order": "1042", "status": "on its way", "expected_on": "2026-11-23", "internal_note": "pays late"}'
    )
    headers: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    @property
    def targets(self) -> list[str]:
        return [call.target for call in self.calls]

    def answers(self, status: int = 200, body: Any = None, *, content_type: str = "", **headers: str) -> None:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.content_type = content_type or self.content_type
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def company_running() -> Iterator[Company]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            named = {name.lower(): value for name, value in self.headers.items()}
            company.calls.append(Call(self.command, self.path, named, body))
            if company.status:
                self.send_response(company.status)
                sent = {"Content-Type": company.content_type, "Content-Length": str(len(company.body))}
                for name, value in {**sent, **company.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(company.body)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # who asked has heard enough
                super().handle()

    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    company = Company(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield company
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tool_make(host: str = "shop.example", *, secret: str = "", save: bool = False, **fields: Any) -> HttpTool:
    """order_status of the company at `host`, changed by `fields`."""
    scheme = "http" if host.startswith("127.") else "https"
    values: dict[str, Any] = {
        "name": "order_status",
        "title": "Order status",
        "description": "Where an order of the customer is and when it arrives.",
        "arguments": ORDER,
        "url": f"{scheme}://{host}/orders/{{{{order}}}}?email={{{{server.email}}}}",
        "allowed_hosts": host,
        "enabled": True,
    }
    tool = HttpTool(**(values | fields))
    tool.secret_set(secret)
    if save:
        tool.full_clean()
        tool.save()
    return tool

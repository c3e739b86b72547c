"""A small order-status service, to connect to OmniCQM as an example. Python's standard library only.

    ORDER_STATUS_TOKEN=choose-one python3 order_status.py            # http://127.0.0.1:8090

    GET  /orders/1042?email=amelia.hart@example.com                  where the order is
    POST /orders/1044/cancellation  {"email": "…"}                   cancels it, once for each Idempotency-Key

Both want `Authorization: Bearer $ORDER_STATUS_TOKEN`. An order is known only to the customer it belongs to: with
another e-mail address it does not exist.
"""

import argparse
import hmac
import json
import os
import re
import sys
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ORDERS = Path(__file__).with_name("orders.json")
MAX_BODY_BYTES = 10_000
_ORDER = re.compile(r"/orders/(\d{1,10})")
_CANCELLATION = re.compile(r"/orders/(\d{1,10})/cancellation")

Answer = tuple[int, dict[str, Any]]
UNKNOWN: Answer = (404, {"detail": "There is no such order."})


class Orders:
    """The sample orders, in memory. `today` is the day their dates are counted from."""

    def __init__(self, rows: list[dict[str, Any]], today: date) -> None:
        self._rows = {row["order"]: dict(row) for row in rows}
        self._today = today
        self._done: dict[str, Answer] = {}  # by Idempotency-Key
        self._lock = threading.Lock()

    def find(self, number: str, email: str) -> dict[str, Any] | None:
        """The order, if it belongs to the customer with this address."""
        row = self._rows.get(number)
        return row if row and row["email"].lower() == email.strip().lower() else None

    def show(self, row: dict[str, Any]) -> dict[str, Any]:
        """In words a customer can read: they are what the reply may rest on."""
        shown = {name: row[name] for name in ("order", "item", "status", "carrier") if row.get(name)}
        if row.get("expected_in_days") is not None:
            shown["expected_on"] = _day(self._today + timedelta(days=row["expected_in_days"]))
        return shown

    def cancel(self, number: str, email: str, key: str) -> Answer:
        """Cancel once for each `key`; whoever repeats a request gets the first answer again."""
        with self._lock:
            if key in self._done:
                return self._done[key]
            answer = self._cancel(number, email)
            if key:
                self._done[key] = answer
            return answer

    def _cancel(self, number: str, email: str) -> Answer:
        row = self.find(number, email)
        if row is None:
            return UNKNOWN
        if row["status"] != "being packed":
            return 409, {"detail": f"Too late: the order is {row['status']}."}
        row.update(status="cancelled", carrier="", expected_in_days=None)
        return 200, self.show(row)


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


class Handler(BaseHTTPRequestHandler):
    server: "OrderServer"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        match = _ORDER.fullmatch(address.path)
        if not self._is_known() or match is None:
            self._refuse(match is not None)
            return
        email = parse_qs(address.query).get("email", [""])[0]
        row = self.server.orders.find(match[1], email)
        self._answer(*((200, self.server.orders.show(row)) if row else UNKNOWN))

    def do_POST(self) -> None:
        body = self._body()
        match = _CANCELLATION.fullmatch(self.path)
        if not self._is_known() or match is None:
            self._refuse(match is not None)
            return
        if body is None:
            self._answer(400, {"detail": 'Send JSON: {"email": "…"}.'})
            return
        key = self.headers.get("Idempotency-Key", "")
        self._answer(*self.server.orders.cancel(match[1], str(body.get("email", "")), key))

    def _is_known(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.server.token}".encode())

    def _refuse(self, is_found: bool) -> None:
        self._answer(*((401, {"detail": "Send the token."}) if is_found else (404, {"detail": "Nothing here."})))

    def _body(self) -> dict[str, Any] | None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > MAX_BODY_BYTES:
            return None
        try:
            data = json.loads(self.rfile.read(size))
        except ValueError:
            return None
        return data if isinstance(data, dict) else None

    def _answer(self, status: int, data: dict[str, Any]) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """The path without its query, which holds an e-mail address."""
        print(f"{self.command} {urlsplit(self.path).path} {args[1] if len(args) > 1 else ''}", file=sys.stderr)


class OrderServer(ThreadingHTTPServer):
    """Serves the sample orders on 127.0.0.1."""

    def __init__(self, port: int, token: str, today: date | None = None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.token = token
        self.orders = Orders(json.loads(ORDERS.read_text(encoding="utf-8")), today or date.today())


def main() -> None:
    parser = argparse.ArgumentParser(description="A small order-status service with sample orders.")
    parser.add_argument("--port", type=int, default=8090)
    token = os.environ.get("ORDER_STATUS_TOKEN", "")
    if not token:
        sys.exit("Set ORDER_STATUS_TOKEN to a secret of your choice: callers must send it.")
    server = OrderServer(parser.parse_args().port, token)
    print(f"Order status on http://127.0.0.1:{server.server_address[1]} (Ctrl-C stops it)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()

"""A shop with the chat widget on its page, on another origin than the product.

    .venv/bin/python integrations/widget/serve.py            # http://127.0.0.1:8095

It asks `manage.py demo --widget-json` for key and secret, or reads the same JSON from the variable OMNICQM_WIDGET.
Its pages have a strict content security policy: what a page must allow for the widget stands in `policy`.
"""

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from sign import token_sign  # noqa: E402

CUSTOMERS = {
    "amelia": {"sub": "1001", "email": "amelia.hart@example.com", "name": "Amelia Hart"},
    "jonas": {"sub": "1002", "email": "jonas.weber@example.net", "name": "Jonas Weber"},
}
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}


def policy(base_url: str) -> str:
    """The widget needs `script-src` and `frame-src` of the product's host, and no `unsafe-inline` anywhere."""
    return (
        f"default-src 'none'; script-src 'self' {base_url}; frame-src {base_url}; "
        "style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
    )


class Shop(BaseHTTPRequestHandler):
    def __init__(self, widget: dict[str, str], *args: object) -> None:
        self.widget = widget
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/token":
            self._token(parse_qs(asked.query).get("customer", [""])[0])
        elif asked.path in ("/", "/index.html", "/shop.css", "/shop.js"):
            self._file(FOLDER / (asked.path.lstrip("/") or "index.html"))
        else:
            self._answer(404, "text/plain", b"Nothing here.")

    def _token(self, name: str) -> None:
        """In a real shop: for the customer who is logged in to it, and for nobody else."""
        customer = CUSTOMERS.get(name)
        if customer is None:
            self._answer(404, "text/plain", b"No such customer.")
            return
        keys = {name: self.widget[name] for name in ("widget_key", "widget_secret")}
        self._answer(200, "application/json", json.dumps({"token": token_sign(customer, **keys)}).encode())

    def _file(self, file: Path) -> None:
        text = file.read_text()
        for name in ("base_url", "widget_key"):
            text = text.replace("{{" + name + "}}", self.widget[name])
        self._answer(200, TYPES[file.suffix], text.encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy(self.widget["base_url"]))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def shop_server(port: int, widget: dict[str, str]) -> ThreadingHTTPServer:
    """The shop on a port of this machine; `widget` as `manage.py demo --widget-json` prints it."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(Shop, widget))


def widget_read() -> dict[str, str]:
    if text := os.environ.get("OMNICQM_WIDGET"):
        return json.loads(text)
    command = [sys.executable, str(FOLDER.parent.parent / "manage.py"), "demo", "--widget-json"]
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 - our own command, no shell
    if done.returncode:
        sys.exit(f"Start the product first (make run). {done.stderr.strip()}")
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description="A shop with the chat widget on its page.")
    parser.add_argument("--port", type=int, default=8095)
    port = parser.parse_args().port
    widget = widget_read()
    server = shop_server(port, widget)
    print(f"The shop: http://127.0.0.1:{port}/ with the chat of {widget['base_url']}. Ctrl-C stops it.", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()

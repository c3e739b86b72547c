"""The other side of deliveries, on loopback: a webhook receiver and a mail server that answer what the test says."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Call:
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers each call with the next of `answers`, then with 200."""

    url: str
    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    def answer_with(self, status: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named))

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """The bodies of all calls; raises when a signature is wrong."""
        return [Webhook(secret).verify(call.body, call.headers) for call in self.calls]


@contextmanager
def receiver_running(port: int = 0) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Call({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = receiver.answers.pop(0) if receiver.answers else (200, {})
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailServer:
    """Speaks just enough SMTP. `replies` overrides the answer to a command or to the text itself ("text"); an empty
    answer closes the connection instead."""

    port: int
    replies: dict[str, str] = field(default_factory=dict)
    mails: list[bytes] = field(default_factory=list)
    dialogues: int = 0


@contextmanager
def mail_server_running() -> Iterator[MailServer]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            mail_server.dialogues += 1
            alive = self.say("greeting", "220 here")
            while alive and (line := self.rfile.readline()):
                command = line.split()[0].decode().lower()
                if command == "quit":
                    self.say("quit", "221 bye")
                    return
                alive = self.say(command, "354 go on" if command == "data" else "250 ok")
                if alive and command == "data" and self.said.startswith("354"):
                    alive = self.take_text()

        def take_text(self) -> bool:
            lines = []
            while (line := self.rfile.readline()) not in (b".\r\n", b""):
                lines.append(line)
            alive = self.say("text", "250 taken")
            if alive and self.said.startswith("250"):
                mail_server.mails.append(b"".join(lines))
            return alive

        def say(self, at: str, usual: str) -> bool:
            self.said = mail_server.replies.get(at, usual)
            if self.said:
                self.wfile.write(self.said.encode() + b"\r\n")
            return bool(self.said)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    mail_server = MailServer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield mail_server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

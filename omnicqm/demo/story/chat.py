"""A customer in the browser chat: opens the link of a reply, sees the thread, types, gets an answer."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from omnicqm.demo.story.errors import StoryError
from omnicqm.demo.story.pages import page_form, page_post

PATIENCE_SECONDS = 30.0


@dataclass
class Heard:
    """What came back for one message: status lines, how many pieces the reply was streamed in, the reply itself."""

    statuses: list[str] = field(default_factory=list)
    pieces: int = 0
    reply: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Chat:
    """An open websocket of a signed-in browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._frame_wait("ready")

    def thread(self) -> list[dict[str, Any]]:
        """Every message of the conversation, the e-mails too."""
        self._send({"type": "resume", "last_seq": 0})
        messages = []
        while (frame := self._receive())["type"] != "resumed":
            if frame["type"] == "message":
                messages.append(frame)
        return messages

    def ask(self, text: str) -> Heard:
        """Type `text` and listen until the assistant has answered."""
        heard, started = Heard(), time.monotonic()
        self._send({"type": "message", "client_id": uuid.uuid4().hex, "text": text})
        while not heard.reply:
            frame = self._receive()
            match frame["type"]:
                case "status" if frame["text"]:
                    heard.statuses.append(frame["text"])
                case "delta":
                    heard.pieces += 1
                case "message" if frame["author"] != "customer":
                    heard.reply = frame
                case "error":
                    raise StoryError(f"The chat refused the message: {frame['detail']}")
        heard.seconds = time.monotonic() - started
        return heard

    def _frame_wait(self, kind: str) -> dict[str, Any]:
        while (frame := self._receive())["type"] != kind:
            if frame["type"] == "error":
                raise StoryError(f"The chat refused the browser: {frame['detail']}")
        return frame

    def _send(self, frame: dict[str, Any]) -> None:
        self._socket.send(json.dumps(frame))

    def _receive(self) -> dict[str, Any]:
        return json.loads(self._socket.recv(timeout=PATIENCE_SECONDS))


@contextmanager
def chat_continue(http: httpx.Client, link: str, conversation_id: str) -> Iterator[Chat]:
    """Open the "continue in chat" `link` of a reply, press its button, and connect to the conversation."""
    address = httpx.URL(link).path
    page_post(http, address, page_form(http.get(address), "form[method=post]"))
    cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    socket_url = http.base_url.copy_with(scheme="wss" if http.base_url.scheme == "https" else "ws")
    try:
        with connect(
            f"{socket_url.join('/ws/chat')}?conversation={conversation_id}",
            origin=Origin(str(http.base_url).rstrip("/")),
            additional_headers={"Cookie": cookies},
            proxy=None,
        ) as socket:
            yield Chat(socket)
    except (WebSocketException, TimeoutError, OSError) as error:
        raise StoryError(
            f"The chat did not answer: {type(error).__name__}. Look at the logs of the web processes."
        ) from error

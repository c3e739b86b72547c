"""The other end of a chat page's websocket, in the hands of a test."""

import json
from datetime import UTC, datetime

from playwright.sync_api import Page


class ScriptedServer:
    """The test says what the page hears and sees what it says."""

    def __init__(self, page: Page) -> None:
        self.heard = []
        page.route_web_socket("**/ws/chat*", self._connect)

    def _connect(self, socket) -> None:
        self._socket = socket
        socket.on_message(lambda text: self._on_frame(json.loads(text)))
        self.say(type="ready", conversation_id="", seq=0)

    def _on_frame(self, frame) -> None:
        self.heard.append(frame)
        if frame["type"] == "resume":
            self.say(type="resumed", seq=frame["last_seq"])

    def say(self, **frame) -> None:
        self._socket.send(json.dumps(frame))

    def say_message(self, seq, author, text, **fields) -> None:
        now = datetime.now(UTC).isoformat()
        channel = {"id": "chat", "kind": "chat", "title": "Chat"}
        frame = {"seq": seq, "previous_seq": seq - 1, "author": author, "text": text, "at": now, "channel": channel}
        self.say(type="message", **frame | fields)

    def wait_for(self, page: Page, kind: str) -> dict:
        """The newest frame of `kind` the page has sent."""
        for _ in range(100):
            if found := [frame for frame in self.heard if frame["type"] == kind]:
                return found[-1]
            page.wait_for_timeout(50)
        raise AssertionError(f"the page never sent {kind}")

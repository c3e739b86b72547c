"""A browser with chat pages, as the running system sees it."""

import json
import time
from contextlib import suppress
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect

from tests.running import RunningSystem

FINAL = {4401, 4404}  # no further tries


class Browser:
    """Opened the chat page once, so it has a session."""

    def __init__(self, system: RunningSystem) -> None:
        self._system = system
        answer = httpx.get(f"{system.base_url}/chat/", timeout=30)
        self.session = answer.raise_for_status().cookies["sessionid"]

    def connection(self, asked: str = "", **options: Any) -> ClientConnection:
        url = self._system.base_url.replace("http", "ws", 1)
        origin: Any = self._system.base_url
        headers = {"Cookie": f"sessionid={self.session}"}
        return connect(f"{url}/ws/chat?{asked}", origin=origin, additional_headers=headers, legacy=True, **options)

    def page(self, asked: str = "") -> "Page":
        return Page(self, asked)


class Page:
    """Does what the product's page does: reconnects, resumes, drops what it has. `texts` is what it shows; `twice` and
    `gaps` count what it should never have been sent."""

    def __init__(self, browser: Browser, asked: str) -> None:
        self._browser, self._asked = browser, asked
        self._socket: ClientConnection | None = None
        self.last_seq = self.twice = self.gaps = self.reconnects = 0
        self.texts: list[str] = []
        self.conversation_id = ""
        self._resuming = False
        self.frames: list[dict[str, Any]] = []

    def listen(self, seconds: float, *, until: str = "", kind: str = "") -> bool:
        """Hear what comes for `seconds`; True as soon as the text `until` is shown, or a frame of `kind` came."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            frame = self._next(left)
            if frame is not None:
                self._take(frame)
                if (until and until in self.texts) or (kind and frame["type"] == kind):
                    return True
        return False

    def say(self, text: str, client_id: str, *, seconds: float = 30) -> dict[str, Any]:
        """Say it, again and again until it is accepted, as the page does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._socket is None:
                self.listen(10, kind="resumed")
                continue
            with suppress(ConnectionClosed):
                self.send({"type": "message", "client_id": client_id, "text": text})
            if self.listen(2, kind="accepted"):
                return next(frame for frame in reversed(self.frames) if frame["type"] == "accepted")
        raise AssertionError(f"never accepted: {self.frames[-5:]}")

    def send(self, frame: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(frame))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _next(self, patience: float) -> dict[str, Any] | None:
        try:
            if self._socket is None:
                self._socket = self._browser.connection(self._asked)
            return dict(json.loads(self._socket.recv(timeout=min(patience, 1))))
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code in FINAL:
                raise
        except (OSError, InvalidHandshake):  # the server is not there, or only half
            pass
        self._socket = None
        self.reconnects += 1
        time.sleep(0.3)
        return None

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        match frame["type"]:
            case "ready":
                self._resuming = True
                self.send({"type": "resume", "last_seq": self.last_seq})
            case "resumed":
                self._resuming = False
            case "accepted":
                self.conversation_id = frame["conversation_id"]
                self._asked = f"conversation={self.conversation_id}"
            case "message" if frame["seq"] <= self.last_seq:
                self.twice += not self._resuming
            case "message" if frame["previous_seq"] > self.last_seq:
                self.gaps += not self._resuming
            case "message":
                self.last_seq = frame["seq"]
                self.texts.append(frame["text"])

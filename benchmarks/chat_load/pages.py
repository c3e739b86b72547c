"""Holds many chat pages open, in a process of its own, and measures by the machine's monotonic clock.

    python -m benchmarks.chat_load.pages

Reads a line of JSON: ``port``, ``pages`` (session key, conversation id), ``churn`` (share of them that goes and comes
back each minute), ``typed`` (messages that customers send a second), ``newcomers`` (session keys) and ``questions``.
Says ``ready`` when all pages are open. The next line it reads ends churn and typing; then the newcomers ask one
question after the other. Prints as JSON what each page was sent.

A page does what the product's own does: it resumes from the last `seq` it has, drops what it has already, and resumes
when a message does not follow the one before.
"""

import asyncio
import gc
import json
import random
import sys
import time
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

OPENED_A_SECOND = 60
NETWORKS = 50  # customers come from as many addresses
AWAY_SECONDS = 5.0
SETTLE_SECONDS = 4.0
PATIENCE_SECONDS = 30.0


class Page:
    """One page of a browser. `seen` holds id, seq, moment and whether it came live, of every message shown."""

    def __init__(self, number: int, port: int, session: str, conversation: str) -> None:
        self._number, self._port, self._session, self.conversation = number, port, session, conversation
        self._socket: ClientConnection | None = None
        self._leaving = self._resuming = False
        self._asked: dict[str, tuple[float, asyncio.Future[dict[str, Any]]]] = {}
        self.ready = asyncio.Event()
        self.first_seq = self.last_seq = -1
        self.seen: list[tuple[str, int, float, bool]] = []
        self.gaps = self.twice = self.again = self.lost = 0
        self.errors: list[str] = []
        self.deltas: list[float] = []

    # --- The line ----------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        while not self._leaving:
            try:
                async with self._connect() as self._socket:
                    async for text in self._socket:
                        await self._hear(json.loads(text))
            except (OSError, TimeoutError, WebSocketException) as error:
                if not self._leaving:
                    self.errors.append(type(error).__name__)
            self.ready.clear()
            self._resuming = False
            if not self._leaving:
                self.lost += 1
                await asyncio.sleep(0.5)

    def _connect(self) -> connect:
        asked = f"conversation={self.conversation}" if self.conversation else "new=1"
        return connect(
            f"ws://127.0.0.1:{self._port}/ws/chat?{asked}",
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            additional_headers={"Cookie": f"sessionid={self._session}"},
            local_addr=(f"127.0.0.{2 + self._number % NETWORKS}", 0),
            compression=None,
            ping_interval=None,
            open_timeout=20,
            close_timeout=1,
        )

    async def leave(self, *, abruptly: bool = False) -> None:
        self._leaving = True
        if self._socket is not None:
            if abruptly:
                self._socket.transport.abort()
            with suppress(ConnectionClosed):
                await self._socket.close()

    def back(self) -> asyncio.Task[None]:
        self._leaving = False
        return asyncio.create_task(self.run())

    # --- What is heard -----------------------------------------------------------------------------------------------
    async def _hear(self, frame: dict[str, Any]) -> None:
        now = time.monotonic()
        match frame["type"]:
            case "ready":
                if self.last_seq < 0:
                    self.first_seq = self.last_seq = frame["seq"]
                await self._resume()
            case "resumed":
                self._resuming = False
                self.ready.set()
            case "message":
                await self._show(frame, now)
            case "accepted" if frame["client_id"] in self._asked:
                self._asked.pop(frame["client_id"])[1].set_result({"at": now, **frame})
            case "delta":
                self.deltas.append(now)
            case "error":
                self.errors.append(frame["code"])

    async def _show(self, frame: dict[str, Any], now: float) -> None:
        if frame["seq"] <= self.last_seq:
            if self._resuming:
                self.again += 1
            else:
                self.twice += 1
        elif frame["previous_seq"] > self.last_seq:
            if not self._resuming:
                self.gaps += 1
                await self._resume()
        else:
            self.last_seq = frame["seq"]
            self.seen.append((frame["id"], frame["seq"], now, not self._resuming))

    async def _resume(self) -> None:
        self._resuming = True
        assert self._socket
        await self._socket.send(json.dumps({"type": "resume", "last_seq": self.last_seq}))

    # --- What is said ------------------------------------------------------------------------------------------------
    async def say(self, text: str) -> tuple[float, float]:
        """When it was sent, and the seconds until it was accepted. Raises TimeoutError."""
        assert self._socket
        client_id, answered = f"c{random.getrandbits(60):x}", asyncio.get_running_loop().create_future()
        began = time.monotonic()
        self._asked[client_id] = (began, answered)
        await self._socket.send(json.dumps({"type": "message", "client_id": client_id, "text": text}))
        async with asyncio.timeout(PATIENCE_SECONDS):
            accepted = await answered
        return began, accepted["at"] - began

    def told(self) -> dict[str, Any]:
        names = ("conversation", "first_seq", "seen", "gaps", "twice", "again", "lost", "errors")
        return {name: getattr(self, name) for name in names}


class Crowd:
    """All pages, and what they do on their own."""

    def __init__(self, load: dict[str, Any]) -> None:
        self._load, self._chance = load, random.Random(3)
        self.pages = [Page(number, load["port"], *page) for number, page in enumerate(load["pages"])]
        self._running: set[asyncio.Task[None]] = set()
        self.accepted: list[float] = []
        self.reconnects = 0

    async def open(self) -> None:
        for page in self.pages:
            self._keep(page.back())
            await asyncio.sleep(1 / OPENED_A_SECOND)
        async with asyncio.timeout(120):
            await asyncio.gather(*(page.ready.wait() for page in self.pages))

    async def churn(self) -> None:
        pause = 60 / (len(self.pages) * self._load["churn"])
        while True:
            await asyncio.sleep(pause)
            page = self._chance.choice(self.pages)
            if page.ready.is_set():
                self._keep(asyncio.create_task(self._away(page)))

    async def _away(self, page: Page) -> None:
        page.ready.clear()
        await page.leave(abruptly=self._chance.random() < 0.5)
        await asyncio.sleep(self._chance.uniform(0, AWAY_SECONDS))
        self.reconnects += 1
        self._keep(page.back())

    async def typing(self) -> None:
        while True:
            await asyncio.sleep(1 / self._load["typed"])
            page = self._chance.choice(self.pages)
            if page.ready.is_set():
                self._keep(asyncio.create_task(self._type(page)))

    async def _type(self, page: Page) -> None:
        with suppress(ConnectionClosed):  # it went away meanwhile
            self.accepted.append((await page.say("Is there any news about it?"))[1])

    async def ask(self) -> list[dict[str, Any]]:
        """The newcomers ask, one after the other."""
        answers = []
        for number, session in enumerate(self._load["newcomers"]):
            page = Page(number, self._load["port"], session, "")
            self._keep(page.back())
            await asyncio.wait_for(page.ready.wait(), PATIENCE_SECONDS)
            asked, waited = await page.say(self._load["questions"][number % len(self._load["questions"])])
            until = time.monotonic() + PATIENCE_SECONDS
            while len(page.seen) < 2 and time.monotonic() < until:  # the question itself, and what is said to it
                await asyncio.sleep(0.05)
            answers.append({"asked": asked, "accepted": waited, "first_delta": min(page.deltas, default=None)})
            await page.leave()
        return answers

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            raise error


async def generate(load: dict[str, Any]) -> dict[str, Any]:
    crowd = Crowd(load)
    await crowd.open()
    print("ready", flush=True)
    own = [asyncio.create_task(crowd.churn()), asyncio.create_task(crowd.typing())]
    await asyncio.to_thread(sys.stdin.readline)
    for task in own:
        task.cancel()
    await asyncio.sleep(SETTLE_SECONDS + AWAY_SECONDS)
    shown = [page.told() for page in crowd.pages]
    answers = await crowd.ask()
    return {"pages": shown, "accepted": crowd.accepted, "reconnects": crowd.reconnects, "answers": answers}


if __name__ == "__main__":
    gc.disable()
    json.dump(asyncio.run(generate(json.loads(sys.stdin.readline()))), sys.stdout)

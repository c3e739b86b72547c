"""Sends requests for insights, in a process of its own, and measures by its own clock.

    python -m benchmarks.insight_load.generator < load.json

The load: ``port``, ``token``, ``calls`` (each with ``at`` in seconds, ``body``, and ``path`` where it is another one),
and ``callers``. Without callers every call is sent at its moment, whether others were answered or not; with them so
many send one call after the other until ``seconds`` are over, with ``pause`` seconds in between.

Prints a JSON list, for each call: second it was sent, milliseconds to its answer, status (0: the connection broke, or
nothing came in time), account, and the answer's ``X-Model-Used``, ``X-Cache-Hit``, ``X-Latency-Ms`` and
``Retry-After``; without callers in the order of the calls.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

PATH = "/api/v1/omni-channel-insights"
PATIENCE_SECONDS = 30.0
HEADERS = ("x-model-used", "x-cache-hit", "x-latency-ms", "retry-after")

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Door:
    """Connections to the system, kept while it keeps them."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._head = (
            f"Host: localhost:{port}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        ).encode()
        self._free: list[Stream] = []
        self.began = time.perf_counter()

    async def call(self, call: dict[str, Any]) -> list[Any]:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                status, headers = await self._ask(call.get("path", PATH), json.dumps(call["body"]).encode())
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            status, headers = 0, {"x-model-used": type(error).__name__}
        ended = time.perf_counter()
        told = [headers.get(name) for name in HEADERS]
        account = call["body"]["account_number"] if isinstance(call["body"], dict) else ""
        return [started - self.began, (ended - started) * 1000, status, account, *told]

    async def _ask(self, path: str, body: bytes) -> tuple[int, dict[str, str]]:
        reader, writer = self._kept() or await self._connect()
        request = b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (path.encode(), self._head, len(body))
        writer.write(request + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        length = headers.get("content-length")
        await reader.readexactly(int(length or 0))
        if length is None or headers.get("connection", "").lower() == "close":
            writer.close()
        else:
            self._free.append((reader, writer))
        return int(head[0].split(" ")[1]), headers

    def _kept(self) -> Stream | None:
        """A free connection that the system has not ended meanwhile."""
        while self._free:
            reader, writer = self._free.pop()
            if not (reader.at_eof() or reader.exception() or writer.is_closing()):
                return reader, writer
            writer.close()
        return None

    async def _connect(self) -> Stream:
        return await asyncio.open_connection("127.0.0.1", self._port)


async def at_their_moments(door: Door, calls: list[dict[str, Any]]) -> list[list[Any]]:
    async def sent(call: dict[str, Any]) -> list[Any]:
        await asyncio.sleep(max(door.began + call["at"] - time.perf_counter(), 0))
        return await door.call(call)

    return list(await asyncio.gather(*map(sent, calls)))


async def one_after_the_other(
    door: Door, calls: Iterator[dict[str, Any]], *, callers: int, seconds: float, pause: float
) -> list[list[Any]]:
    done: list[list[Any]] = []

    async def caller(number: int) -> None:
        await asyncio.sleep(max(pause, 1.0) * number / callers)  # so that they are not in step
        while time.perf_counter() < door.began + seconds and (call := next(calls, None)) is not None:
            done.append(await door.call(call))
            await asyncio.sleep(pause)

    await asyncio.gather(*map(caller, range(callers)))
    return done


async def generate(load: dict[str, Any]) -> list[list[Any]]:
    door = Door(load["port"], load["token"])
    if not load.get("callers"):
        return await at_their_moments(door, load["calls"])
    settings = {"callers": load["callers"], "seconds": load["seconds"], "pause": load.get("pause", 0.0)}
    return await one_after_the_other(door, iter(load["calls"]), **settings)


if __name__ == "__main__":
    gc.disable()
    json.dump(asyncio.run(generate(json.load(sys.stdin))), sys.stdout)

"""The web server: daphne, which waits for websockets that read slowly, and hangs up on those that do not read.

    python -m omnicqm.server --fd 3 omnicqm.asgi:application

Takes daphne's own options. Without this, what a client does not read would pile up in memory without end.
"""

import asyncio
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server, WebSocketFactory
from daphne.ws_protocol import WebSocketProtocol

DRAIN_SECONDS = 10.0  # so long whoever writes to a full socket waits for its client to read
MOST_WAITING = 256  # frames of one client that nobody has handled yet


class PatientProtocol(WebSocketProtocol):
    """A websocket that tells when more than 64 KB wait to be read by its client."""

    def onConnect(self, request: Any) -> Any:  # noqa: N802
        self._drained = asyncio.Event()
        self._drained.set()
        self.transport.unregisterProducer()  # the HTTP request this connection began as
        self.transport.registerProducer(self, True)
        return super().onConnect(request)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if self.application_queue.qsize() >= MOST_WAITING:
            self.transport.abortConnection()
        else:
            super().onMessage(payload, isBinary)

    async def drain(self) -> None:
        """Wait until there is room again; hang up when the client does not make any."""
        if self._drained.is_set():
            return
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self._drained.wait()
        except TimeoutError:
            self.transport.abortConnection()

    # --- What Twisted calls, as a producer ------------------------------------------------------------------------
    def pauseProducing(self) -> None:  # noqa: N802
        self._drained.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._drained.set()

    def stopProducing(self) -> None:  # noqa: N802
        self._drained.set()


class PatientServer(Server):
    """Sending to a websocket returns when there is room for more."""

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, PatientProtocol):
            await protocol.drain()


class PatientInterface(CommandLineInterface):
    server_class = PatientServer


WebSocketFactory.protocol = PatientProtocol

if __name__ == "__main__":
    PatientInterface.entrypoint()

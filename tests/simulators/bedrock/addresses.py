"""Addresses at which nobody answers."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from omnicqm.processes.addresses import free_ports


def refusing_url() -> str:
    """Nothing listens there: connections are refused at once."""
    return f"http://127.0.0.1:{free_ports(1)[0]}"


@contextmanager
def silent_url() -> Iterator[str]:
    """Somebody listens but takes no call, and the queue is full: connecting takes for ever (Linux)."""
    with ExitStack() as held:
        listening = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"

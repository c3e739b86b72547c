"""The simulator of Amazon Bedrock at the pace of a model, which tells when it had written the first sentence.

    python -m benchmarks.chat_load.model PORT

Prints ``ready``, then for each reply to a customer the machine's monotonic clock at the moment when the piece that
completes the first sentence was written to the socket: with its citation, or with its line when it cites nothing.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable

import django

FIRST_SENTENCE = re.compile(r".*?(?:\n|\[\d+\])")
FIRST_BYTE_SECONDS, PIECE_SECONDS = 0.3, 0.04  # 24 characters a piece: 150 tokens a second


def main(port: int) -> None:
    stopping = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stopping)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omnicqm.settings")
    django.setup()

    from agents.providers.local import LocalProvider
    from tests.simulators.bedrock import Call, LatencyProfile, simulator_running
    from tests.simulators.bedrock.answers import PIECE
    from tests.simulators.bedrock.engine import EngineReplies
    from tests.simulators.bedrock.exchange import Exchange

    class Paced:
        """A reply of the embedded engine whose pieces are watched as they leave."""

        def __init__(self, reply: Callable[[Exchange], None], text: str) -> None:
            self._reply, self._text = reply, text

        def play(self, exchange: Exchange) -> None:
            first = FIRST_SENTENCE.match(self._text)
            if first and exchange.streamed and exchange.call.purpose == "compose":
                watch(exchange, pieces=2 + (first.end() - 1) // PIECE)  # the first part is `messageStart`
            self._reply(exchange)

    def watch(exchange: Exchange, pieces: int) -> None:
        send, sent = exchange.line.send, 0

        def send_and_tell(data: bytes) -> None:
            nonlocal sent
            send(data)
            sent += 1
            if sent == pieces:
                print(time.monotonic(), flush=True)

        exchange.line.send = send_and_tell  # type: ignore[method-assign]

    engine = LocalProvider()
    engine.prepare()
    replies = EngineReplies(engine)
    with simulator_running(port, replies) as simulator:
        for model_id in sys.argv[2:]:
            simulator.latency(model_id, LatencyProfile(FIRST_BYTE_SECONDS, PIECE_SECONDS))

            def answer(call: Call) -> Paced:
                reply = replies(call)
                return Paced(reply.play, reply.text)

            simulator.always(model_id, answer)
        print("ready", flush=True)
        signal.sigwait(stopping)


if __name__ == "__main__":
    main(int(sys.argv[1]))

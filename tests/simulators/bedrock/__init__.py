"""A simulator of Amazon Bedrock's runtime for tests and for walking through the product without an account.

It speaks HTTP to the real boto3 client, refuses what the service would refuse, counts tokens and cached prefixes, and
fails in every way a test asks for. It is never used to claim anything about the quality of answers.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agents.providers.base import ToolUse
from agents.providers.local import LocalProvider
from tests.simulators.bedrock.engine import EngineReplies
from tests.simulators.bedrock.faults import (
    STREAM_ERRORS,
    BadChecksum,
    ConnectionClosed,
    Drip,
    GarbageJson,
    Hang,
    HttpError,
    HugeReply,
    MidStreamError,
    RawJson,
    StalledStream,
    Throttle,
    ToolLoop,
    TruncatedStream,
    error_of,
)
from tests.simulators.bedrock.guardrails import Guardrail
from tests.simulators.bedrock.script import Call, LatencyProfile, Reply
from tests.simulators.bedrock.server import served
from tests.simulators.bedrock.simulator import Simulator

__all__ = [
    "STREAM_ERRORS",
    "BadChecksum",
    "Call",
    "ConnectionClosed",
    "Drip",
    "GarbageJson",
    "Guardrail",
    "Hang",
    "HttpError",
    "HugeReply",
    "LatencyProfile",
    "MidStreamError",
    "RawJson",
    "Reply",
    "Simulator",
    "StalledStream",
    "Throttle",
    "ToolLoop",
    "ToolUse",
    "TruncatedStream",
    "error_of",
    "simulator_running",
]


@contextmanager
def simulator_running(
    port: int = 0,
    reply_default: Callable[[Call], Reply] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Simulator]:
    """A simulator on 127.0.0.1 (port 0: any free one). What nobody scripted is answered by the embedded engine, or by
    `reply_default`; `clock` is that of the prompt cache."""
    with served(Simulator(reply_default or EngineReplies(LocalProvider()), clock=clock), port) as simulator:
        yield simulator

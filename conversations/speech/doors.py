"""What the doors of the chat share: who may speak, and how often."""

from conversations.chat.limits import limit_take
from conversations.speech.places import MOST_OF_ONE as MOST_OF_ONE

SCOPE = "channel:chat"
RECORDINGS_PER_MINUTE = 12
RECORDINGS_PER_MINUTE_AND_NETWORK = 60


def recording_count(*, visitor: str, network: str) -> None:
    """Count one recording. Raises `RateLimited`."""
    limit_take(name="voice", key=visitor, most=RECORDINGS_PER_MINUTE, seconds=60)
    limit_take(name="voice-network", key=network, most=RECORDINGS_PER_MINUTE_AND_NETWORK, seconds=60)


def holder_of(visitor: str) -> str:
    return f"visitor:{visitor}"

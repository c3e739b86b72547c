"""How many tokens an event takes in a prompt; rather too many than too few."""

from conversations.interactions.types import HistoryEvent

BYTES_PER_TOKEN = 3  # of UTF-8; models of Bedrock take about four letters of English, two to three of other languages
FRAME_TOKENS = 40  # the delimiters around an event and the names of what is told about it


def event_tokens(event: HistoryEvent) -> int:
    """Of its text and what is told about it, e.g. channel and moment."""
    told = (event.text, event.channel, event.author, event.intent, event.reference, event.at.isoformat())
    size = sum(map(_bytes, told))
    return FRAME_TOKENS - (-size // BYTES_PER_TOKEN)


def _bytes(part: str) -> int:
    return len(part) if part.isascii() else len(part.encode("utf-8", "replace"))

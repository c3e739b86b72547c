"""The sources under a reply: which passages it cites, and the words of theirs it rests on."""

from agents.guard import GuardedReply, plain_text
from agents.tools import Entry, ToolFinding
from agents.types import Source
from agents.words import content_words, numbers_in

MAX_QUOTE_CHARS = 400
MIN_SHARED = 0.7
MIN_WORDS = 2
CALL_ID_CHARS = 16  # of the key of a tool's call


def sources_list(reply: GuardedReply | None) -> tuple[Source, ...]:
    """One source for each citation number of `reply`, in their order."""
    if reply is None:
        return ()
    entries = [(number, reply.shelf.get(shelf_number)) for number, shelf_number in enumerate(reply.cited, start=1)]
    return tuple(_source(entry, reply.quotes(number)) for number, entry in entries if entry is not None)


def _source(entry: Entry, sentences: list[str]) -> Source:
    if isinstance(entry, ToolFinding):
        quote = told_find(entry.text, sentences)
        return Source(f"tool:{entry.tool}", "", entry.title, 1, entry.key[:CALL_ID_CHARS], quote, 1.0)
    passage = entry
    return Source(
        document_id=passage.document_id,
        external_id=passage.external_id or "",
        title=passage.title,
        version=passage.version,
        chunk_id=passage.chunk_id,
        quote=quote_find(passage.text, sentences),
        score=round(passage.score, 4),
    )


def quote_find(text: str, sentences: list[str]) -> str:
    """The lines of `text` that `sentences` repeat, as they stand there; its beginning when none is repeated clearly."""
    told = [content_words(sentence) | numbers_in(sentence) for sentence in sentences]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if any(_repeats(words, line) for words in told)]
    return "\n".join(kept or lines)[:MAX_QUOTE_CHARS]


def told_find(text: str, sentences: list[str]) -> str:
    """The lines of a tool's result whose values `sentences` tell; nothing else of it, for it may hold more than the
    customer is meant to see."""
    told = " ".join(" ".join(sentences).lower().split())
    words = content_words(told) | numbers_in(told)
    return "\n".join(line for line in text.splitlines() if _is_told(line, told, words))[:MAX_QUOTE_CHARS]


def _is_told(line: str, told: str, words: set[str]) -> bool:
    value = line.partition(": ")[2] or line
    of_value = content_words(value) | numbers_in(value)
    return " ".join(value.lower().split()) in told or (bool(of_value) and of_value <= words)


def _repeats(told: set[str], line: str) -> bool:
    """Most of the shorter one's words are in the longer one; a word or two proves nothing."""
    words = content_words(plain_text(line)) | numbers_in(line)
    shorter = min(len(words), len(told))
    return shorter >= MIN_WORDS and len(words & told) / shorter >= MIN_SHARED

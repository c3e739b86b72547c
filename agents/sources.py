"""The sources under a reply: which passages it cites, and the words of theirs it rests on."""

from agents.guard import GuardedReply, plain_text
from agents.types import Source
from agents.words import content_words, numbers_in
from knowledge.selectors import Passage

MAX_QUOTE_CHARS = 400
MIN_SHARED = 0.6


def sources_list(reply: GuardedReply | None) -> tuple[Source, ...]:
    """One source for each citation number of `reply`, in their order."""
    if reply is None:
        return ()
    passages = [(number, reply.shelf.get(shelf_number)) for number, shelf_number in enumerate(reply.cited, start=1)]
    return tuple(_source(passage, reply.quotes(number)) for number, passage in passages if passage is not None)


def _source(passage: Passage, sentences: list[str]) -> Source:
    return Source(
        document_id=passage.document_id,
        external_id=passage.external_id,
        title=passage.title,
        version=passage.version,
        chunk_id=passage.chunk_id,
        quote=quote_find(passage.text, sentences),
        score=round(passage.score, 4),
    )


def quote_find(text: str, sentences: list[str]) -> str:
    """The lines of `text` that bear out `sentences`, as they stand there; its beginning when none does clearly."""
    told = [content_words(sentence) | numbers_in(sentence) for sentence in sentences]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = [line for line in lines if any(_shares(line, words) for words in told)]
    return "\n".join(kept or lines)[:MAX_QUOTE_CHARS]


def _shares(line: str, told: set[str]) -> bool:
    words = content_words(plain_text(line)) | numbers_in(line)
    if not words:
        return False
    shared = len(words & told)
    return shared / len(words) >= MIN_SHARED or bool(told) and shared / len(told) >= MIN_SHARED

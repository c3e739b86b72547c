"""What is looked for: a vector and weighted terms, with earlier turns of the customer as a weaker part of both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.embeddings import Embedder, Vectors
from knowledge.errors import EmbeddingFailed
from knowledge.terms import terms_of
from omnicqm.common.logs import get_logger

log = get_logger(__name__)

# Earlier turns help as a weight and hurt when they are simply added to the question (measured on kb_public).
QUESTION_SHARE = 0.7  # of the vector; the rest is the last three turns together
CONTEXT_TURNS = 2
CONTEXT_TERM_WEIGHT = 0.2
MAX_TERMS = 64
Hide = Callable[[str], str]


@dataclass(frozen=True)
class Question:
    """`vector` is None when the embedding provider does not answer: then words alone decide."""

    vector: Vectors | None
    terms: dict[str, float]


def question_make(query: str, context: Sequence[str], embedder: Embedder, hide: Hide = str) -> Question:
    """`context` holds the customer's earlier turns, oldest first. `hide` is for texts that leave this machine."""
    earlier = list(context)[-CONTEXT_TURNS:]
    terms = dict.fromkeys(terms_of(query)[: MAX_TERMS * 4], 1.0)
    for turn in earlier:
        for term in terms_of(turn):
            terms.setdefault(term, CONTEXT_TERM_WEIGHT)
    texts = [query, *earlier] if embedder.in_process else [hide(text) for text in (query, *earlier)]
    return Question(_vector(texts[0], texts[1:], embedder), dict(list(terms.items())[:MAX_TERMS]))


def _vector(query: str, earlier: list[str], embedder: Embedder) -> Vectors | None:
    try:
        return _vector_make(query, earlier, embedder)
    except EmbeddingFailed as error:
        log.warning("search_by_words_only", model=embedder.model, reason=error.message)
        return None


def _vector_make(query: str, earlier: list[str], embedder: Embedder) -> Vectors:
    if not earlier:
        return embedder.embed_texts([query])[0]
    alone, together = embedder.embed_texts([query, "\n".join([*earlier, query])])
    mixed = QUESTION_SHARE * alone + (1 - QUESTION_SHARE) * together
    return mixed / np.linalg.norm(mixed)

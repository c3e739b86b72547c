"""The two arms of search, in SQL. Both see only current versions and only what their reader may see."""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from pgvector import Vector

from knowledge.embeddings import Embedder
from knowledge.models import Audience
from knowledge.search.question import Question

CANDIDATES = 50  # of each arm
EF_SEARCH = 100
SATURATION, LENGTH_SHARE = 1.2, 0.75  # BM25's k1 and b
# What is taken for the likeness of a chunk when nothing tells it: all of a question's words then make it about even
# that the chunk answers (see `scoring.relevance`).
UNKNOWN_COSINE = 0.4

_VISIBLE = """
    FROM knowledge_chunk c
    JOIN knowledge_documentversion v ON v.id = c.version_id AND v.current
    JOIN knowledge_document d ON d.id = v.document_id AND d.audience = ANY(%(audiences)s)
"""


@dataclass
class Candidate:
    """A chunk and what the arms say about it: cosine, BM25, and the terms of the question that it holds."""

    chunk_id: str
    cosine: float
    bm25: float
    terms: frozenset[str]


@dataclass(frozen=True)
class Found:
    """Candidates, and how rare each term of the question is among all that could be found: BM25's idf.

    `unseen` is the rarity of a term that occurs nowhere.
    """

    candidates: list[Candidate]
    rarity: dict[str, float]
    unseen: float = 1.0


_LEXICAL = """
WITH
visible AS MATERIALIZED (
    SELECT v.id, v.chunk_count, v.term_total
    FROM knowledge_documentversion v
    JOIN knowledge_document d ON d.id = v.document_id AND d.audience = ANY(%(audiences)s)
    WHERE v.current AND v.chunk_count > 0
),
corpus AS (
    SELECT sum(chunk_count)::float AS chunks, sum(term_total)::float / sum(chunk_count) AS mean_length FROM visible
),
-- GIN finds the chunks with any of the terms; OFFSET 0 has the terms looked up once a chunk
hits AS MATERIALIZED (
    SELECT c.id, c.term_total, met.term, met.weight, met.frequency
    FROM knowledge_chunk c
    JOIN visible ON visible.id = c.version_id
    CROSS JOIN LATERAL (
        SELECT term, weight, (c.term_counts ->> term)::float AS frequency
        FROM unnest(%(terms)s::text[], %(weights)s::float[]) AS question(term, weight)
        OFFSET 0
    ) met
    WHERE c.term_counts ?| %(terms)s::text[] AND met.frequency IS NOT NULL
),
rarity AS (
    SELECT term, ln(1 + (corpus.chunks - count(*) + 0.5) / (count(*) + 0.5)) AS weight
    FROM hits, corpus GROUP BY term, corpus.chunks
),
scores AS (
    SELECT
        hits.id,
        sum(
            hits.weight * rarity.weight * frequency * (%(saturation)s + 1)
            / (frequency + %(saturation)s * (1 - %(length_share)s + %(length_share)s * term_total / mean_length))
        ) AS bm25,
        array_agg(hits.term) AS terms
    FROM hits JOIN rarity USING (term), corpus
    GROUP BY hits.id
),
chosen AS (
    (SELECT * FROM scores ORDER BY bm25 DESC LIMIT %(limit)s)
    UNION
    SELECT * FROM scores WHERE id = ANY(%(dense)s)
)
SELECT
    c.id, {cosine}, chosen.bm25, chosen.terms,
    (SELECT jsonb_object_agg(term, weight) FROM rarity), (SELECT ln(1 + (chunks + 0.5) / 0.5) FROM corpus)
FROM chosen JOIN knowledge_chunk c ON c.id = chosen.id AND c.embedding_model = %(model)s
"""


def candidates_find(question: Question, *, audiences: list[Audience], embedder: Embedder) -> Found:
    """The best of both arms, each with the scores of both; without a vector those of the lexical arm."""
    parameters = {
        "audiences": [str(audience) for audience in audiences],
        "model": embedder.model,
        "terms": list(question.terms),
        "weights": list(question.terms.values()),
        "limit": CANDIDATES,
        "saturation": SATURATION,
        "length_share": LENGTH_SHARE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        if question.vector is None:
            return _lexical(cursor, parameters | {"dense": []}, f"{UNKNOWN_COSINE}::float")
        parameters["vector"] = Vector(question.vector).to_text()
        cosine = _cosine(embedder.dimension)
        dense = _dense(cursor, parameters, embedder.dimension)
        found = _lexical(cursor, parameters | {"dense": list(dense)}, cosine)
    spoken = {candidate.chunk_id for candidate in found.candidates}
    silent = [Candidate(chunk_id, dense[chunk_id], 0.0, frozenset()) for chunk_id in dense.keys() - spoken]
    return replace(found, candidates=found.candidates + silent)


def _dense(cursor: Any, parameters: dict[str, Any], dimension: int) -> dict[str, float]:
    _configure(cursor, {"hnsw.ef_search": str(EF_SEARCH), "hnsw.iterative_scan": "relaxed_order", "enable_sort": "off"})
    distance = _distance(dimension)
    cursor.execute(
        f"SELECT c.id, {_cosine(dimension)} {_VISIBLE} WHERE c.embedding_model = %(model)s"
        f" ORDER BY {distance} LIMIT %(limit)s",
        parameters,
    )
    found = dict(cursor.fetchall())
    _configure(cursor, {"enable_sort": "on"})
    return found


def _configure(cursor: Any, values: dict[str, str]) -> None:
    """Settings for this transaction. The iterative scan goes on through the index until enough rows pass the filter;
    without sorting the planner takes the index, whose gain it does not see: vectors are stored apart from their rows.
    """
    calls = ", ".join("set_config(%s, %s, true)" for _ in values)
    cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])


def _distance(dimension: int) -> str:
    """Cosine distance in the words of the model's index, else it would not be used."""
    return f"c.embedding::vector({int(dimension)}) <=> %(vector)s::vector({int(dimension)})"


def _cosine(dimension: int) -> str:
    return f"1 - ({_distance(dimension)})"


def _lexical(cursor: Any, parameters: dict[str, Any], cosine: str) -> Found:
    """Chunks found by words; `cosine` is the expression for the likeness of each."""
    if not parameters["terms"]:
        return Found([], {})
    cursor.execute(_LEXICAL.format(cosine=cosine), parameters)
    rows = cursor.fetchall()
    if not rows:
        return Found([], {})
    candidates = [Candidate(chunk_id, cosine, bm25, frozenset(terms)) for chunk_id, cosine, bm25, terms, *_ in rows]
    *_, rarity, unseen = rows[0]
    return Found(candidates, json.loads(rarity), unseen)

"""How well search finds, and how well it knows that nothing is known, on public test data.

    python benchmarks/retrieval.py [--data FOLDER] [--fit]

Loads the bank's and the public-service knowledge base, one after the other, into a throwaway PostgreSQL and asks their
questions through the product's own search. Prints

- recall@5 and nDCG@10 by document: vectors alone, BM25 alone, and both fused;
- AUROC of `relevance` (does an answerable question get a higher one than an unanswerable one?) and the share of each
  kind of question that passes the floor;
- the time a search takes in a warm process.

--fit also fits the weights of `relevance` anew and prints them beside those in use.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analytics.evaluation.ranking import ndcg, recall
from analytics.evaluation.statistics import auroc
from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
ARMS = {"vectors": 0.0, "bm25": 1.0, "fused": 0.3}
PAIRS = (
    ("bank faq", "bank near miss"),
    ("bank faq", "bank far miss"),
    ("bank opening", "bank near miss"),
    ("bank opening", "bank far miss"),
    ("bank faq", "public asked at bank"),
    ("public answerable", "public unanswerable"),
    ("public answerable", "bank asked at public"),
)
ANSWERABLE = ("bank faq", "bank opening", "public answerable")
UNANSWERABLE = (
    "bank near miss",
    "bank far miss",
    "public unanswerable",
    "public asked at bank",
    "bank asked at public",
)


@dataclass(frozen=True)
class Question:
    kind: str
    text: str
    gold: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass
class Asked:
    """What search said to one question: ranked documents of each arm, and the evidence of the best passages."""

    question: Question
    ranked: dict[str, list[str]]
    relevance: float
    evidence: list[tuple[float, float]]  # cosine and coverage
    milliseconds: float


@dataclass
class Results:
    asked: list[Asked] = field(default_factory=list)

    def of(self, kind: str) -> list[Asked]:
        return [one for one in self.asked if one.question.kind == kind]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"There is no test data at {options.data}. Name its folder with --data.")
    database = Throwaway(ROOT)
    try:
        _django_start(database)
        results = measure(options.data)
    finally:
        database.stop()
    report(results)
    if options.fit:
        fit(results)


def _django_start(database: Throwaway) -> None:
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


# --- asking ----------------------------------------------------------------------------------------------------------


def measure(data: Path) -> Results:
    bank, public = _bank_questions(data), _public_questions(data)
    results = Results()
    _load(data / "kb_bank" / "docs.jsonl")
    _ask(results, [*bank, *_elsewhere(public, "public asked at bank")])
    _load(data / "kb_public" / "docs.jsonl")
    with_answer = [question for question in bank if question.gold]
    _ask(results, [*public, *_elsewhere(with_answer, "bank asked at public")])
    return results


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    return (json.loads(line) for line in path.read_text().splitlines())


def _bank_questions(data: Path) -> list[Question]:
    names = {
        "faq_question": "bank faq",
        "opening_message": "bank opening",
        "near_miss": "bank near miss",
        "far_miss": "bank far miss",
    }
    rows = _lines(data / "kb_bank" / "queries.jsonl")
    return [Question(names[row["kind"]], row["text"], tuple(row["gold_doc_ids"])) for row in rows]


def _public_questions(data: Path) -> list[Question]:
    names = {"UNANSWERABLE": "public unanswerable", "UNDERSPECIFIED": "public underspecified"}
    questions = []
    for row in _lines(data / "kb_public" / "queries.jsonl"):
        turns = tuple(turn["text"] for turn in row["history"] if turn["role"] == "customer")
        kind = names.get(row["answerability"], "public answerable")
        questions.append(Question(kind, row["text"], tuple(row["gold_doc_ids"]), turns))
        questions.append(Question(f"{kind}, last turn only", row["text"], tuple(row["gold_doc_ids"])))
    return questions


def _elsewhere(questions: list[Question], kind: str) -> list[Question]:
    """Questions asked at a company that knows nothing of them."""
    return [Question(kind, question.text) for question in questions if not question.kind.endswith("only")]


def _load(path: Path) -> None:
    from django.db import connection

    from knowledge.models import Chunk, Document
    from knowledge.services import upload_create, versions_sweep

    started = time.monotonic()
    Document.objects.all().delete()
    upload_create(data=path.read_bytes(), name=path.name, source="benchmark", actor="system:benchmark")
    versions_sweep(seconds=1200)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    chunks = Chunk.objects.count()
    print(
        f"{path.parent.name}: {Document.objects.count()} documents, {chunks} chunks, "
        f"{time.monotonic() - started:.0f} s to parse and embed"
    )


def _ask(results: Results, questions: list[Question]) -> None:
    from knowledge.models import Chunk

    owners = dict(Chunk.objects.values_list("id", "version__document__external_id"))
    results.asked += [_ask_one(question, owners) for question in questions]


def _ask_one(question: Question, owners: dict[str, str]) -> Asked:
    from knowledge.embeddings import embedder_get
    from knowledge.models import Audience
    from knowledge.search.candidates import candidates_find
    from knowledge.search.question import question_make
    from knowledge.search.scoring import candidates_score, coverage
    from knowledge.selectors import knowledge_search

    started = time.perf_counter()
    passages = knowledge_search(query=question.text, audience="internal", context=question.context)
    milliseconds = (time.perf_counter() - started) * 1000
    asked = question_make(question.text, question.context, embedder_get())
    found = candidates_find(asked, audiences=list(Audience), embedder=embedder_get())
    ranked = {
        arm: list(dict.fromkeys(owners[one.chunk_id] for one in candidates_score(found, asked.terms, share)))
        for arm, share in ARMS.items()
    }
    best = {passage.chunk_id for passage in passages}
    evidence = [(one.cosine, coverage(one, found, asked.terms)) for one in found.candidates if one.chunk_id in best]
    return Asked(question, ranked, max(passage.relevance for passage in passages), evidence, milliseconds)


# --- counting --------------------------------------------------------------------------------------------------------


def report(results: Results) -> None:
    from knowledge.selectors import RELEVANCE_FLOOR

    print("\nFinding                                   " + "".join(f"{arm + ' R@5  nDCG@10':>24}" for arm in ARMS))
    for kind in ("bank faq", "bank opening", "public", "public, last turn only"):
        rows = _with_gold(results, kind)
        cells = [_mean(rows, arm, measure) for arm in ARMS for measure in (recall, ndcg)]
        print(f"{kind:<30} {len(rows):>4} asked " + "".join(f"{cell:>12.3f}" for cell in cells))
    print("\nKnowing                                                 AUROC of relevance")
    for high, low in PAIRS:
        value = auroc(*(np.array([one.relevance for one in results.of(kind)]) for kind in (high, low)))
        print(f"{high + ' / ' + low:<55} {value:.3f}")
    floors = (RELEVANCE_FLOOR - 0.1, RELEVANCE_FLOOR, RELEVANCE_FLOOR + 0.1)
    print(f"\n{'Share that passes a floor of':<41}" + "".join(f"{floor:>8.1f}" for floor in floors))
    for kind in (*ANSWERABLE, "public underspecified", *UNANSWERABLE):
        values = [one.relevance for one in results.of(kind)]
        shares = [statistics.fmean(value >= floor for value in values) for floor in floors]
        print(f"{kind:<30} {len(values):>4} asked " + "".join(f"{share:>8.2f}" for share in shares))
    times = sorted(one.milliseconds for one in results.asked)
    print(f"\nA search: median {statistics.median(times):.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms")


def _with_gold(results: Results, kind: str) -> list[Asked]:
    """Those with gold documents; "public" are all its kinds together."""
    if not kind.startswith("public"):
        return [one for one in results.of(kind) if one.question.gold]
    alone = kind.endswith("only")
    rows = [one for one in results.asked if one.question.kind.startswith("public") and one.question.gold]
    return [one for one in rows if one.question.kind.endswith("only") == alone]


def _mean(rows: list[Asked], arm: str, measure: Callable[[list[str], tuple[str, ...]], float]) -> float:
    return statistics.fmean(measure(one.ranked[arm], one.question.gold) for one in rows)


# --- calibrating -----------------------------------------------------------------------------------------------------


def fit(results: Results) -> None:
    """Logistic regression on the best passage of each question; every kind weighs the same on its side."""
    from knowledge.search import scoring

    rows = [(one.evidence, 1.0, 1 / len(results.of(kind))) for kind in ANSWERABLE for one in results.of(kind)]
    balance = len(ANSWERABLE) / len(UNANSWERABLE)
    rows += [(one.evidence, 0.0, balance / len(results.of(kind))) for kind in UNANSWERABLE for one in results.of(kind)]
    truth, share = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    in_use = (scoring.INTERCEPT, scoring.COSINE_WEIGHT, scoring.COVERAGE_WEIGHT)
    weights = np.array(in_use)
    for _ in range(8):  # which passage is best depends on the weights
        best = np.array([max(((1.0, *pair) for pair in row[0]), key=lambda one: np.dot(one, weights)) for row in rows])
        weights = _logistic(best, truth, share, weights)
    print(f"\nIntercept, cosine, coverage: in use {in_use}, fitted {tuple(np.round(weights, 2).tolist())}")


def _logistic(evidence: np.ndarray, truth: np.ndarray, share: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Newton's method with a light ridge."""
    ridge = 0.01 * np.eye(3)
    for _ in range(30):
        likely = 1 / (1 + np.exp(-evidence @ weights))
        gradient = evidence.T @ (share * (likely - truth)) + ridge @ weights
        curvature = (evidence * (share * likely * (1 - likely))[:, None]).T @ evidence + ridge
        weights = weights - np.linalg.solve(curvature, gradient)
    return weights


if __name__ == "__main__":
    main()

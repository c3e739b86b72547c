"""Who answers, on ``sample_bank`` (published mails with their scores), ``kb_bank`` (questions with and without an
answer) and ``intents/nlupp_banking.jsonl`` (who asks for a person). What is absent is left out, with a note."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.types import Blocker, Decision, Factor, RunRequest, RunResult
from analytics.evaluation.configuration import SCOPE, Configuration
from analytics.evaluation.results import Figure, Result, figure_make
from analytics.evaluation.rows import rows_most, rows_read
from analytics.evaluation.workspace import knowledge_load, workspace
from omnicqm.common.errors import InvalidInput

SUITE = "routing"
HANDOFF = "handoff"
_ROUTES = {"auto": True, "agent": False}  # whether it is answered without a person
_NOT_PREMIUM = frozenset({Factor.PREMIUM_COMPLAINTS})
Rows = list[dict[str, Any]]


def routing_measure(data: Path, configurations: Sequence[Configuration], most: int) -> list[Result]:
    """Raises `InvalidInput` when none of the three is there."""
    parts: dict[str, tuple[Path, Callable[[Path, Configuration, int], Iterable[Figure]]]] = {
        "sample_bank": (data / "sample_bank" / "emails.jsonl", _published),
        "kb_bank": (data / "kb_bank" / "queries.jsonl", _bank),
        "intents": (data / "intents" / "nlupp_banking.jsonl", _persons),
    }
    there = {name: part for name, part in parts.items() if part[0].is_file()}
    if not there:
        raise InvalidInput(f"There is neither {' nor '.join(parts)} in {data}.", param="data")
    notes = tuple(f"{name} is not in {data}." for name in parts.keys() - there.keys())
    figures: dict[str, list[Figure]] = {one.name: [] for one in configurations}
    for file, measure in there.values():
        with workspace():
            knowledge_load(*_documents(file.parent))
            for one in configurations:
                figures[one.name] += measure(file, one, most)
    return [Result(SUITE, one.name, tuple(figures[one.name]), notes) for one in configurations]


def _documents(folder: Path) -> list[Path]:
    """What the company of these questions knows."""
    own = folder / "docs.jsonl"
    return [own] if own.is_file() else sorted(p for p in (folder / "knowledge-articles").rglob("*") if p.is_file())


def _published(file: Path, configuration: Configuration, most: int) -> Iterable[Figure]:
    """Mails whose route, score and factors are published; the sender is a Premium customer where that factor counts."""
    rows = rows_most(rows_read(file, ("id", "body", "expected_route", "expected_score")), most)
    results = {row["id"]: _run(configuration, row["body"], row.get("subject", "")) for row in rows}
    right: dict[str, dict[str, float]] = {"route": {}, "score": {}, "factors": {}}
    for row in rows:
        result = results[row["id"]]
        right["route"][row["id"]] = float(_answered(result) is _ROUTES[row["expected_route"]])
        right["score"][row["id"]] = float(result.score == row["expected_score"])
        right["factors"][row["id"]] = float(
            _counts(result) == {k: v for k, v in row.get("expected_factors", {}).items() if v}
        )
    return [figure_make(f"published {name} right", values) for name, values in right.items()]


def _bank(file: Path, configuration: Configuration, most: int) -> Iterable[Figure]:
    """Questions with an answer are answered alone, those without are not. Opening messages need more than an answer."""
    rows = rows_read(file, ("id", "text", "kind", "answerable"))
    for kind in sorted({row["kind"] for row in rows if row["kind"] != "opening_message"}):
        of_kind = rows_most([row for row in rows if row["kind"] == kind], most)
        wanted = bool(of_kind[0]["answerable"])
        right = {row["id"]: float(_alone(configuration, row["text"]) is wanted) for row in of_kind}
        yield figure_make(f"{kind} {'answered alone' if wanted else 'not answered alone'}", right)


def _persons(file: Path, configuration: Configuration, most: int) -> Iterable[Figure]:
    """Who asks for a person gets one; who does not is not sent to one for that."""
    rows = rows_read(file, ("id", "text", "intents"))
    for asks in (True, False):
        of_kind = rows_most([row for row in rows if (HANDOFF in row["intents"]) is asks], most or 200)
        right = {row["id"]: float(_asked(_run(configuration, row["text"])) is asks) for row in of_kind}
        yield figure_make(f"person {'asked for, seen' if asks else 'not asked for, not seen'}", right)


def _run(configuration: Configuration, message: str, subject: str = "", **fields: Any) -> RunResult:
    return configuration.run(RunRequest(scope=SCOPE, subject=subject, message=message, sender_verified=True, **fields))


def _alone(configuration: Configuration, message: str) -> bool:
    result = _run(configuration, message, inapplicable_factors=_NOT_PREMIUM)
    return result.decision is Decision.AUTO_SEND


def _answered(result: RunResult) -> bool:
    return result.decision is not Decision.ESCALATE


def _asked(result: RunResult) -> bool:
    return Blocker.ASKED_FOR_PERSON in result.blockers


def _counts(result: RunResult) -> Mapping[str, int]:
    return {factor.value: finding.count for factor, finding in result.factors.items() if finding.count}

"""How far a judge agrees with people, aspect by aspect, on answers that people have scored.

The rows are those of ``judge_calibration`` (docs/evaluation/judge.md): {task_id, question, history[{role, text}],
context_doc_ids[], response, human{faithfulness, appropriateness, completeness}} with means of 1 to 4, and the passages
{id, title, text}. People's faithfulness is our accuracy; the mean of appropriateness and completeness our relevance.
Nobody scored safety there. Rows of one task stay in one half: the bounds of the embedded judge were set on the half
"tuned", so only "held out" says what it is worth.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.errors import AgentError
from agents.judging import Evidence, Judge, JudgeCase, Marks
from agents.judging.grading import DOUBTFUL_FROM, GOOD_FROM
from agents.types import Aspect, Turn
from analytics.evaluation.rows import rows_read
from analytics.evaluation.statistics import Estimate, Measure, agreement, auroc_at, kappa_at, pearson, spearman

SECONDS = 60.0  # for one answer
LEAST, MOST = 1.0, 4.0  # of people's scores
HALVES = ("tuned", "held out")
_GOOD = {Aspect.ACCURACY: 3.0, Aspect.RELEVANCE: 3.5}  # of people's scores; below, the answer is a bad one
_ROLES = {"customer": "customer", "agent": "assistant", "assistant": "assistant", "user": "customer"}


@dataclass(frozen=True)
class Scored:
    """An answer, and what people say of it, 0 to 1 by aspect."""

    id: str
    case: JudgeCase
    people: Mapping[Aspect, float]
    half: str


@dataclass(frozen=True)
class Pair:
    """What the judge and what people say of one aspect of one answer."""

    half: str
    judged: float
    people: float


def scored_read(answers: Path, passages: Path) -> list[Scored]:
    """Raises `InvalidInput` that names the file, the line and what is wrong with it."""
    known = {row["id"]: row for row in rows_read(passages, ("id", "text"))}
    return [_scored(row, known) for row in rows_read(answers, ("task_id", "question", "response", "human"))]


def judge_all(judge: Judge, answers: Sequence[Scored], on_done: Callable[[int], None]) -> list[Marks | None]:
    """What the judge says of each; None where it says nothing. `on_done` is told how many are done."""
    said: list[Marks | None] = []
    for answer in answers:
        try:
            said.append(judge.judge(answer.case, deadline=time.monotonic() + SECONDS))
        except AgentError:
            said.append(None)
        on_done(len(said))
    return said


def pairs_of(aspect: Aspect, answers: Sequence[Scored], said: Sequence[Marks | None]) -> list[Pair]:
    """The answers on whose `aspect` both have a score."""
    found = []
    for answer, marks in zip(answers, said, strict=True):
        judged = marks.of(aspect).score if marks else None
        if judged is not None and aspect in answer.people:
            found.append(Pair(answer.half, judged, answer.people[aspect]))
    return found


def agreement_of(aspect: Aspect, pairs: Sequence[Pair]) -> dict[str, Estimate]:
    """Spearman, Pearson, weighted kappa of the three grades, and AUROC of telling good from bad."""
    measures: dict[str, Measure] = {
        "spearman": spearman,
        "pearson": pearson,
        "kappa": kappa_at((DOUBTFUL_FROM, GOOD_FROM)),
        "auroc": auroc_at(_scale(_GOOD[aspect])),
    }
    judged, people = [pair.judged for pair in pairs], [pair.people for pair in pairs]
    return {name: agreement(measure, judged, people) for name, measure in measures.items()}


def figures_of(answers: Sequence[Scored], said: Sequence[Marks | None]) -> dict[str, dict[str, Any]]:
    """By half, then by aspect: {n, measure: [value, low, high]}."""
    return {
        half: {aspect.value: _figures(aspect, answers, said, half) for aspect in _GOOD} for half in (*HALVES, "all")
    }


def _figures(aspect: Aspect, answers: Sequence[Scored], said: Sequence[Marks | None], half: str) -> dict[str, Any]:
    pairs = [pair for pair in pairs_of(aspect, answers, said) if half in ("all", pair.half)]
    return {"n": len(pairs), **{name: found.rounded() for name, found in agreement_of(aspect, pairs).items()}}


def _scored(row: Mapping[str, Any], passages: Mapping[str, Mapping[str, Any]]) -> Scored:
    human = row["human"]
    ids = [name for name in row.get("context_doc_ids", ()) if name in passages]
    people = {
        Aspect.ACCURACY: human.get("faithfulness"),
        Aspect.RELEVANCE: _mean(human, "appropriateness", "completeness"),
    }
    turns = (Turn(_ROLES.get(turn["role"], "assistant"), turn["text"]) for turn in row.get("history", ()))  # type: ignore[arg-type]
    return Scored(
        id=f"{row['task_id']} {row.get('model', '')}".strip(),
        case=JudgeCase(
            question=row["question"],
            reply=row["response"],
            evidence=tuple(
                Evidence(number, passages[name].get("title", ""), passages[name]["text"])
                for number, name in enumerate(ids, start=1)
            ),
            history=tuple(turns),
            answered_by=row.get("model", ""),
            id="calibration",
        ),
        people={aspect: _scale(score) for aspect, score in people.items() if score is not None},
        half=HALVES[hashlib.sha256(row["task_id"].encode()).digest()[-1] % 2],
    )


def _mean(human: Mapping[str, float], *names: str) -> float | None:
    scores = [human[name] for name in names if human.get(name) is not None]
    return sum(scores) / len(scores) if scores else None


def _scale(score: float) -> float:
    return (score - LEAST) / (MOST - LEAST)

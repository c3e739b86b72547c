"""What search finds, by folders ``kb_*`` with docs.jsonl and queries.jsonl (see docs/evaluation/running.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.evaluation.configuration import Configuration
from analytics.evaluation.ranking import ndcg, recall
from analytics.evaluation.results import Figure, Result, figure_make, figure_told_apart
from analytics.evaluation.rows import rows_most, rows_read
from analytics.evaluation.workspace import knowledge_load, workspace
from knowledge.selectors import knowledge_search
from omnicqm.common.errors import InvalidInput

SUITE = "knowledge"
PASSAGES = 50  # enough for ten documents
_UNCLEAR = frozenset({"UNDERSPECIFIED", "PARTIAL", "ANSWERABLE_OR_PARTIAL"})  # neither surely known nor surely not


@dataclass(frozen=True)
class Question:
    """`known` says whether the documents hold the answer; None where that is a matter of opinion."""

    id: str
    kind: str
    text: str
    gold: tuple[str, ...] = ()
    known: bool | None = None
    context: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """Documents, the best first, and the relevance of the best passage."""

    question: Question
    ranked: tuple[str, ...]
    relevance: float


def knowledge_measure(data: Path, configurations: Sequence[Configuration], most: int) -> list[Result]:
    """Hit and recall at 5 and nDCG at 10 by document, by kind of question; how well `relevance` tells what is known.

    Nothing of a configuration but its floor changes what is found, so each question is asked once.
    Raises `InvalidInput` when there is no such folder.
    """
    folders = [folder for folder in sorted(data.glob("kb_*")) if (folder / "queries.jsonl").is_file()]
    if not folders:
        raise InvalidInput(f"There is no kb_*/queries.jsonl in {data}.", param="data")
    asked = {folder.name: _ask(folder, most) for folder in folders}
    return [
        Result(SUITE, one.name, tuple(figure for name in asked for figure in _figures(name, asked[name], one.floor)))
        for one in configurations
    ]


def _ask(folder: Path, most: int) -> list[Found]:
    questions = questions_read(folder / "queries.jsonl", most)
    with workspace():
        knowledge_load(folder / "docs.jsonl")
        return [_find(question) for question in questions]


def questions_read(file: Path, most: int) -> list[Question]:
    """The questions of a file, of every kind at most `most` (0: all)."""
    questions = [_question(row) for row in rows_read(file, ("id", "text"))]
    kinds = dict.fromkeys(question.kind for question in questions)
    of_kind = ([question for question in questions if question.kind == kind] for kind in kinds)
    return [question for some in of_kind for question in rows_most(some, most)]


def _question(row: Mapping[str, Any]) -> Question:
    answerability = str(row.get("answerability", ""))
    known = None if answerability in _UNCLEAR else row.get("answerable")
    turns = (turn["text"] for turn in row.get("history", ()) if turn["role"] == "customer")
    kind = row.get("kind") or answerability.lower()
    return Question(str(row["id"]), kind, row["text"], tuple(row.get("gold_doc_ids") or ()), known, tuple(turns))


def _find(question: Question) -> Found:
    passages = knowledge_search(query=question.text, limit=PASSAGES, audience="internal", context=question.context)
    ranked = tuple(dict.fromkeys(str(passage.external_id) for passage in passages))
    return Found(question, ranked, max((passage.relevance for passage in passages), default=0.0))


def _figures(name: str, found: Sequence[Found], floor: float) -> Iterable[Figure]:
    gold = [one for one in found if one.question.gold]
    for kind in dict.fromkeys(one.question.kind for one in gold):
        of_kind = [one for one in gold if one.question.kind == kind]
        yield figure_make(
            f"{name} {kind} hit@5", {_id(one): float(recall(one.ranked, _gold(one)) > 0) for one in of_kind}
        )
        yield figure_make(f"{name} {kind} recall@5", {_id(one): recall(one.ranked, _gold(one)) for one in of_kind})
        yield figure_make(f"{name} {kind} nDCG@10", {_id(one): ndcg(one.ranked, _gold(one)) for one in of_kind})
    known = {_id(one): one.relevance for one in found if one.question.known}
    unknown = {_id(one): one.relevance for one in found if one.question.known is False}
    yield figure_make(f"{name} known is found", {case: float(value >= floor) for case, value in known.items()})
    yield figure_make(f"{name} unknown is refused", {case: float(value < floor) for case, value in unknown.items()})
    yield figure_told_apart(f"{name} AUROC known", known, unknown)


def _id(found: Found) -> str:
    return found.question.id


def _gold(found: Found) -> tuple[str, ...]:
    return found.question.gold

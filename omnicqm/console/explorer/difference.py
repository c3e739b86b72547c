"""Two runs side by side: what is the same, what is not, word by word where they speak."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from agents.factors import BLOCKER_WORDS, FACTOR_WORDS
from agents.models import Run
from agents.types import Blocker, Factor
from omnicqm.console.costs import usd

DECISION_WORDS = {"auto_send": "Sent alone", "clarify": "Asked back", "escalate": "To a person"}
MOST_WORDS = 3000  # of each text; beyond, the comparison of words would take long
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Row:
    """One thing that both runs have. `change` says in which direction a figure went, empty for words."""

    title: str
    before: str
    after: str
    change: str = ""

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Piece:
    """Words that both texts have (`same`), only the first (`gone`) or only the second (`new`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    rows: list[Row]
    reply: list[Piece]
    sources: list[Piece]

    @property
    def reply_differs(self) -> bool:
        return any(piece.kind != "same" for piece in self.reply)

    @property
    def summary(self) -> str:
        """``3 of 13 differ, and so does the reply``."""
        count = sum(row.differs for row in self.rows)
        told = f"{count or 'None'} of {len(self.rows)} differ{'s' if count == 1 else ''}"
        return f"{told}; the reply {'does too' if self.reply_differs else 'is the same'}"


def difference_of(before: Run, after: Run) -> Difference:
    """What `after` did other than `before`."""
    return Difference(
        rows=_rows(before, after),
        reply=words_compare(before.reply_text, after.reply_text),
        sources=_sources(before, after),
    )


def words_compare(before: str, after: str) -> list[Piece]:
    """`before` and `after` as one text: words that stayed, went and came. Very long texts are compared as wholes."""
    first, second = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(first), len(second)) > MOST_WORDS and before != after:
        return [piece for piece in (Piece("gone", before), Piece("new", after)) if piece.text]
    pieces = []
    for operation, i1, i2, j1, j2 in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if operation == "equal":
            pieces.append(Piece("same", "".join(first[i1:i2])))
            continue
        pieces += [Piece("gone", "".join(first[i1:i2])), Piece("new", "".join(second[j1:j2]))]
    return [piece for piece in pieces if piece.text]


def _rows(before: Run, after: Run) -> list[Row]:
    told = [_words_of(run) for run in (before, after)]
    rows = [Row(title, told[0][title], told[1][title]) for title in told[0]]
    return [*rows, *_figures(before, after)]


def _words_of(run: Run) -> dict[str, str]:
    return {
        "Decision": DECISION_WORDS.get(run.decision, run.get_state_display()),
        "Reasons": _listed(code.replace("_", " ") for code in run.reasons),
        "Blockers": _listed(BLOCKER_WORDS[Blocker(code)] for code in run.blockers if code in list(Blocker)),
        "Factors": _listed(_factor(run, factor) for factor in Factor if factor.value in run.factors),
        "Category": run.category or "-",
        "Intent": run.intent or "-",
        "Model": run.model_used or "-",
        "Prompts": f"{run.prompt_version or '-'} ({run.prompt_hash[:8] or '-'})",
        "Ended": run.error_code.replace("_", " ") or "as it should",
    }


def _factor(run: Run, factor: Factor) -> str:
    found: dict[str, Any] = run.factors[factor.value]
    return f"{FACTOR_WORDS[factor]} {found['count']}x{found['weight']}"


def _figures(before: Run, after: Run) -> list[Row]:
    return [
        _number("Score", before.score, after.score),
        _number("Threshold", before.threshold, after.threshold),
        _number("Support", before.support, after.support, places=2),
        _number("Tokens in", before.input_tokens, after.input_tokens),
        _number("Tokens out", before.output_tokens, after.output_tokens),
        Row("Cost", usd(before.cost_usd), usd(after.cost_usd), _dearer(after.cost_usd - before.cost_usd)),
        _number("Latency", before.latency_ms, after.latency_ms, unit=" ms"),
    ]


def _number(title: str, before: float | None, after: float | None, *, unit: str = "", places: int = 0) -> Row:
    known = before is not None and after is not None
    change = round((after or 0) - (before or 0), places) if known else 0
    words = f"{change:+,.{places}f}{unit}" if change else ""
    return Row(title, _figure(before, unit, places), _figure(after, unit, places), words)


def _figure(value: float | None, unit: str, places: int) -> str:
    return "-" if value is None else f"{value:,.{places}f}{unit}"


def _dearer(change: Decimal) -> str:
    return f"{'+' if change > 0 else '-'}{usd(abs(change))}" if change else ""


def _listed(parts: Iterable[str]) -> str:
    return ", ".join(parts) or "-"


def _sources(before: Run, after: Run) -> list[Piece]:
    first, second = _cited(before), _cited(after)
    same = [Piece("same", title) for title in second if title in first]
    gone = [Piece("gone", title) for title in first if title not in second]
    return [*same, *gone, *(Piece("new", title) for title in second if title not in first)]


def _cited(run: Run) -> list[str]:
    return list(dict.fromkeys(str(source.get("title", "")) for source in run.sources))

"""Questions to the demo's company and what a good answer holds, as written down in benchmarks/cases."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agents.types import Decision, RunResult, Turn

ROOT = Path(__file__).parents[3]
ARTICLES = ROOT / "omnicqm" / "demo" / "articles"

Run = Callable[..., RunResult]


@dataclass(frozen=True)
class Case:
    """`ask` after the questions `before`; an answer holds all of `told` and nothing of `spared`."""

    ask: str
    told: Sequence[str]
    spared: Sequence[str] = ()
    before: Sequence[str] = ()

    def __str__(self) -> str:
        return " / ".join([*self.before, self.ask])

    def wrong_in(self, result: RunResult) -> list[str]:
        """What is missing, and what is there though it should not be; everything when nothing was answered."""
        shown = _plain(result.reply_text) if result.decision is Decision.AUTO_SEND else ""
        missing = [f"without: {words}" for words in self.told if words not in shown]
        return missing + [f"with: {words}" for words in self.spared if words in shown]


def cases_read(name: str) -> dict[str, list[Case]]:
    """The cases of ``benchmarks/cases/<name>.yaml``, by group."""
    groups: Mapping[str, Iterable[Mapping[str, Any]]] = yaml.safe_load(
        (ROOT / "benchmarks" / "cases" / f"{name}.yaml").read_text()
    )
    return {group: [Case(**case) for case in cases] for group, cases in groups.items()}


def customer_articles() -> Iterable[tuple[str, bytes]]:
    """The demo's articles for customers: (file name, content)."""
    return ((file.name, file.read_bytes()) for file in sorted(ARTICLES.glob("*.md")))


def case_run(case: Case, run: Run) -> RunResult:
    """Ask what was asked before, each question after the answers of the others, and then the question itself."""
    history: list[Turn] = []
    for question in case.before:
        answer = run(question, sender_verified=True, history=tuple(history)).reply_text
        history += [Turn("customer", question, "outlook"), Turn("assistant", answer, "outlook")]
    return run(case.ask, sender_verified=True, history=tuple(history))


def _plain(markdown: str) -> str:
    return re.sub(r"\*\*|\s?\[\d+\]", "", markdown)

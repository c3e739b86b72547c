"""What the pages were shown, compared with what was said."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


def quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("inf")


def milliseconds(values: Sequence[float]) -> dict[str, int]:
    """Seconds told as p50, p95, p99 and the longest, in ms."""
    if len(values) < 2:
        return {}
    return {f"p{percent}_ms": round(quantile(values, percent) * 1000) for percent in (50, 95, 99)} | {
        "most_ms": round(max(values) * 1000)
    }


@dataclass
class Shown:
    """`pages` as the pages tell of themselves, `said` as the people do, `stored` ids by conversation."""

    pages: Sequence[Mapping[str, Any]]
    said: Sequence[Sequence[Any]]
    stored: Mapping[str, Sequence[str]]
    megabytes: list[float] = field(default_factory=list)

    def total(self, name: str) -> int:
        return sum(page[name] for page in self.pages)

    @property
    def errors(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for page in self.pages:
            for error in page["errors"]:
                found[error] = found.get(error, 0) + 1
        return found

    @property
    def unequal(self) -> int:
        """Pages that at the end show anything else than the database holds since they came first."""
        return sum(not self._is_equal(page) for page in self.pages)

    def _is_equal(self, page: Mapping[str, Any]) -> bool:
        stored = self.stored.get(page["conversation"], ())
        return [message_id for message_id, *_ in page["seen"]] == list(stored[page["first_seq"] :])

    @cached_property
    def _moments(self) -> Mapping[tuple[str, int], tuple[float, float, float]]:
        return {
            (conversation, seq): (due, called, committed) for conversation, seq, due, called, committed, _ in self.said
        }

    def pushes(self, since: int) -> list[float]:
        """Seconds from a moment of the people's (0: due, 1: called, 2: committed) until a page that was there had it.

        Those that came while a page resumed are left out: it had not been there when they were said.
        """
        return [
            at - self._moments[page["conversation"], seq][since]
            for page in self.pages
            for _, seq, at, live in page["seen"]
            if live and (page["conversation"], seq) in self._moments
        ]

    @property
    def growth(self) -> float:
        """By which share the web processes were larger in the last third than in the first."""
        third = max(len(self.megabytes) // 3, 1)
        return statistics.median(self.megabytes[-third:]) / statistics.median(self.megabytes[:third]) - 1

"""The questions the grammar is built with: all of them are right."""

from pathlib import Path

import pytest

from analytics.analyst.grammar.asked import Asked
from analytics.analyst.suggesting import examples, suggestions_after, suggestions_for
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.metrics import METRICS, metric_dimensions
from tests.analytics.analyst.counting import ask, dialogues_count, refusals_count
from tests.analytics.analyst.figures import lexicon

FOLDER = Path(__file__).parent / "development"
pytestmark = pytest.mark.usefixtures("known_values")


def test_dialogues() -> None:
    counted = dialogues_count(FOLDER / "questions.jsonl")
    assert (counted.wrong, counted.refused) == ([], [])


def test_refusals() -> None:
    assert refusals_count(FOLDER / "unanswerable.jsonl").wrong == []


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_known_by_its_title_and_splits_by_all_its_dimensions(name: str) -> None:
    for split in metric_dimensions(METRICS[name]):
        question = f"{METRICS[name].title} by {DIMENSIONS[split].title} in the last 30 days"
        found = ask(question)
        assert isinstance(found, Asked), (question, found)
        assert (found.spec.metric, found.spec.dimensions) == (name, (split,)), question


@pytest.mark.parametrize("name", METRICS)
def test_what_is_suggested_is_understood(name: str) -> None:
    from analytics.analyst.grammar.asked import Missed

    for suggestion in suggestions_for("blurb", Missed("", name), lexicon()):
        assert isinstance(ask(suggestion), Asked), suggestion
    asked = ask(f"{METRICS[name].title} in October")
    assert isinstance(asked, Asked)
    for suggestion in suggestions_after(asked.spec):
        assert isinstance(ask(suggestion, asked), Asked), suggestion


def test_examples_are_understood() -> None:
    for example in examples():
        assert isinstance(ask(example), Asked), example


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("today", "2026-11-18", "2026-11-18"), ("yesterday", "2026-11-17", "2026-11-17"),
        ("the day before yesterday", "2026-11-16", "2026-11-16"), ("last week", "2026-11-09", "2026-11-15"),
        ("this week", "2026-11-16", "2026-11-18"), ("last month", "2026-10-01", "2026-10-31"),
        ("this month so far", "2026-11-01", "2026-11-18"), ("last quarter", "2026-07-01", "2026-09-30"),
        ("last year", "2025-01-01", "2025-12-31"), ("year to date", "2026-01-01", "2026-11-18"),
        ("ytd", "2026-01-01", "2026-11-18"), ("mtd", "2026-11-01", "2026-11-18"),
        ("last 7 days", "2026-11-12", "2026-11-18"), ("the past two weeks", "2026-11-05", "2026-11-18"),
        ("in the last three months", "2026-08-19", "2026-11-18"), ("in February 2024", "2024-02-01", "2024-02-29"),
        ("in December", "2025-12-01", "2025-12-31"), ("in Q1", "2026-01-01", "2026-03-31"),
        ("in the third quarter of 2025", "2025-07-01", "2025-09-30"), ("in 2025", "2025-01-01", "2025-12-31"),
        ("since 1 November", "2026-11-01", "2026-11-18"), ("since November 5th", "2026-11-05", "2026-11-18"),
        ("since 2026-10-15", "2026-10-15", "2026-11-18"), ("since Monday", "2026-11-16", "2026-11-18"),
        ("since October", "2026-10-01", "2026-11-18"), ("since yesterday", "2026-11-17", "2026-11-18"),
        ("between 3 and 9 November", "2026-11-03", "2026-11-09"),
        ("from 2026-10-01 to 2026-10-15", "2026-10-01", "2026-10-15"),
        ("from 28 October to 3 November", "2026-10-28", "2026-11-03"),
        ("between September and October", "2026-09-01", "2026-10-31"),
        ("from November 2025 until January 2026", "2025-11-01", "2026-01-31"),
        ("on 5 November", "2026-11-05", "2026-11-05"), ("on November 5, 2026", "2026-11-05", "2026-11-05"),
        ("last Friday", "2026-11-13", "2026-11-13"), ("on Wednesday", "2026-11-18", "2026-11-18"),
        ("last weekend", "2026-11-14", "2026-11-15"), ("in week 40", "2026-09-28", "2026-10-04"),
        ("in the first half of 2026", "2026-01-01", "2026-06-30"), ("3 days ago", "2026-11-15", "2026-11-15"),
    ],
)  # fmt: skip
def test_periods(words: str, first: str, last: str) -> None:
    found = ask(f"escalations {words}")
    assert isinstance(found, Asked), found
    assert (str(found.spec.period.first), str(found.spec.period.last)) == (first, last)

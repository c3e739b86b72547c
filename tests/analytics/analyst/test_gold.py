"""The bars, on questions that nobody built with. Run with -s to see the figures of docs/evaluation/analyst.md."""

from pathlib import Path

import pytest

from analytics.catalogue.metrics import METRICS
from analytics.querying.noting import definitions_of
from tests.analytics.analyst.counting import dialogues_count, refusals_count
from tests.analytics.analyst.figures import lines_read

GOLD = Path(__file__).parent / "gold"
pytestmark = pytest.mark.usefixtures("known_values")


def test_there_are_enough_of_them() -> None:
    dialogues = lines_read(GOLD / "questions.jsonl")
    assert len(dialogues) >= 60
    assert sum(len(line["turns"]) > 1 for line in dialogues) >= 5
    assert len(lines_read(GOLD / "unanswerable.jsonl")) >= 40


def test_at_least_80_percent_are_right_and_no_wrong_figure_comes_without_its_definition() -> None:
    counted = dialogues_count(GOLD / "questions.jsonl")
    print(f"right {counted.right}, wrong {len(counted.wrong)}, refused {len(counted.refused)} of {counted.all}")
    assert counted.right >= 0.80 * counted.all
    for _, asked in counted.wrong:
        defined = {entry["name"]: entry["text"] for entry in definitions_of(METRICS[asked.spec.metric], asked.spec)}
        assert {asked.spec.metric, *asked.spec.dimensions} <= defined.keys()
        assert all(defined.values())


def test_what_the_catalogue_does_not_know_is_refused() -> None:
    counted = refusals_count(GOLD / "unanswerable.jsonl")
    print(f"refused {len(counted.refused)} of {counted.all}")
    assert len(counted.refused) >= 0.95 * counted.all
    assert all(reason for _, reason in counted.refused)

"""How many are let in: as many as can be answered in time at the pace of late."""

from typing import Any

import pytest

from conversations.errors import InsightsBusy
from conversations.insights import threads
from conversations.insights.threads import Room


class Processor:
    """Its seconds go by as told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.used = self.now = 0.0
        monkeypatch.setattr(threads.time, "process_time", lambda: self.used)
        monkeypatch.setattr(threads.time, "monotonic", lambda: self.now)

    def answer(self, room: Room, count: int, *, used: float, took: float = 0.02) -> None:
        for _ in range(count):
            room.enter()
            self.used, self.now = self.used + used, self.now + took
            room.leave()


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Processor:
    settings.INSIGHTS_AT_ONCE = 400
    return Processor(monkeypatch)


def test_as_long_as_nothing_is_known_the_setting_counts(processor: Processor) -> None:
    assert Room().places == 400


def test_the_dearer_an_answer_is_the_fewer_are_let_in(processor: Processor) -> None:
    room = Room()
    processor.answer(room, 50, used=0.02)
    assert room.places == 200
    processor.answer(room, 50, used=0.04)
    assert room.places == 133  # of 0.02 and 0.04, both count


def test_never_more_than_the_setting_and_never_less_than_some(processor: Processor) -> None:
    room = Room()
    processor.answer(room, 50, used=0.001)
    assert room.places == 400
    room = Room()
    processor.answer(room, 50, used=1.0)
    assert room.places == 50


def test_a_slow_trickle_tells_nothing_about_the_pace(processor: Processor) -> None:
    """What else the process does in an hour is not the cost of its fifty answers."""
    room = Room()
    processor.answer(room, 50, used=1.0, took=60)
    assert room.places == 400


def test_beyond_its_places_it_refuses_at_once(processor: Processor) -> None:
    room = Room()
    processor.answer(room, 50, used=1.0)
    for _ in range(50):
        room.enter()
    with pytest.raises(InsightsBusy):
        room.enter()
    room.leave()
    room.enter()

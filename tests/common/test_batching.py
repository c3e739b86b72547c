"""What many do at the same moment is done together, and each gets what is theirs."""

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from omnicqm.common import batching
from omnicqm.common.batching import Batches

pytestmark = pytest.mark.django_db


class Recorded:
    """Doubles numbers; the first batch waits until it may go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go_on = Event()

    def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        if len(self.batches) == 1:
            assert self.may_go_on.wait(5)
        return [ValueError(number) if number < 0 else number * 2 for number in numbers]


@pytest.fixture(autouse=True)
def in_threads(settings: Any) -> None:
    settings.BATCHING = True


def test_who_comes_while_a_batch_is_under_way_is_in_the_next_one() -> None:
    work = Recorded()
    batches = Batches("doubles", work)
    first = batches.submit(1)
    others = [batches.submit(number) for number in (2, 3, 4)]
    work.may_go_on.set()
    assert [place.result(5) for place in (first, *others)] == [2, 4, 6, 8]
    assert work.batches == [[1], [2, 3, 4]]


def test_an_error_is_raised_to_the_one_who_asked() -> None:
    work = Recorded()
    batches = Batches("doubles", work)
    places = [batches.submit(number) for number in (1, -2, 3)]
    work.may_go_on.set()
    with pytest.raises(ValueError, match="-2"):
        places[1].result(5)
    assert (places[0].result(5), places[2].result(5)) == (2, 6)


def test_an_error_of_the_work_is_raised_to_all_of_its_batch_and_the_next_one_is_done() -> None:
    broken = Event()

    def work(numbers: Sequence[int]) -> list[int | Exception]:
        if not broken.is_set():
            broken.set()
            raise ConnectionError("gone")
        return list(numbers)

    batches = Batches("sometimes", work)
    with pytest.raises(ConnectionError):
        batches.submit(1).result(5)
    assert batches.submit(2).result(5) == 2


def test_a_batch_has_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MOST", 2)
    work = Recorded()
    batches = Batches("doubles", work)
    places = [batches.submit(number) for number in range(6)]
    work.may_go_on.set()
    assert [place.result(5) for place in places] == [0, 2, 4, 6, 8, 10]
    assert max(map(len, work.batches)) == 2


async def test_who_left_is_not_worked_for() -> None:
    work = Recorded()
    batches = Batches("doubles", work)
    first = batches.submit(1)
    left, stays = (asyncio.wrap_future(batches.submit(number)) for number in (2, 3))
    left.cancel()
    await asyncio.sleep(0)
    work.may_go_on.set()
    assert await stays == 6
    assert first.result(5) == 2
    assert work.batches == [[1], [3]]


def test_where_no_thread_can_be_had_the_caller_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoThread:
        def __init__(self, **_: Any) -> None: ...

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(batching, "Thread", NoThread)
    batches = Batches("doubles", lambda numbers: [number * 2 for number in numbers])
    assert (batches.submit(1).result(0), batches.submit(2).result(0)) == (2, 4)


def test_without_threads_each_is_done_at_once_where_it_is_asked_for(settings: Any) -> None:
    settings.BATCHING = False
    work = Recorded()
    work.may_go_on.set()
    batches = Batches("doubles", work)
    assert (batches.submit(1).result(0), batches.submit(2).result(0)) == (2, 4)
    assert work.batches == [[1], [2]]

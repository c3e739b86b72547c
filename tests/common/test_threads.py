"""Work that is done side by side: in threads with connections of their own, that never wait for one another."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event

import pytest
from django.conf import settings
from django.db import connection

from omnicqm.common.threads import side_by_side

with_connections = pytest.mark.django_db(transaction=True)


def backend() -> int:
    """The server's process that this thread talks to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


@with_connections
def test_works_run_at_the_same_time_and_answer_in_their_order() -> None:
    both = Barrier(2)

    def work(number: int) -> tuple[int, int]:
        found = backend()
        both.wait(5)
        return number, found

    (first, one), (second, other) = side_by_side([partial(work, 1), partial(work, 2)])
    assert (first, second) == (1, 2)
    assert one != other


@with_connections
def test_as_many_callers_as_there_are_connections_do_not_wait_for_one_another() -> None:
    callers = settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"]
    each_holds_one = Barrier(callers)

    def call() -> int:
        try:
            backend()
            each_holds_one.wait(20)
            return len(side_by_side([backend, backend]))
        finally:
            connection.close()

    connection.close()
    connection.close_pool()  # what other tests may hold of it is not ours
    with ThreadPoolExecutor(callers) as threads:
        assert [future.result() for future in [threads.submit(call) for _ in range(callers)]] == [2] * callers


@pytest.mark.django_db
def test_inside_a_transaction_they_run_in_it_one_after_another() -> None:
    mine = backend()
    assert side_by_side([backend, backend]) == [mine, mine]


@with_connections
def test_what_one_raises_is_raised() -> None:
    def fail() -> int:
        raise ValueError("no")

    going_on, ended = Event(), Event()

    def go_on() -> int:
        going_on.set()
        backend()
        ended.set()
        return 0

    def fail_meanwhile() -> int:
        assert going_on.wait(5)
        return fail()

    with pytest.raises(ValueError, match="no"):
        side_by_side([fail_meanwhile, go_on])
    assert ended.is_set()  # so that a second try competes with nothing


@with_connections
def test_what_takes_too_long_is_not_waited_for() -> None:
    let_go = Event()
    try:
        with pytest.raises(TimeoutError):
            side_by_side([let_go.wait, let_go.wait], seconds=0.1)
    finally:
        let_go.set()

"""The circuit breaker: what opens it, who may ask meanwhile, what closes it. All in simulated time."""

import threading
from collections.abc import Callable

import pytest
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import ConnectionError as RedisConnectionError

from agents.errors import (
    ContextTooLong,
    InvalidModelOutput,
    ModelAccessDenied,
    ModelRefused,
    ModelRequestInvalid,
    ModelThrottled,
    ModelTimeout,
    ModelUnavailable,
)
from agents.routing.breaker import Breaker, BreakerRules, Permit
from agents.routing.shared import SharedMemory
from tests.agents.routing.models import Model, request_make
from tests.agents.routing.simulated import SimulatedClock

RULES = BreakerRules(failures=3, share=0.5, window_seconds=30, open_seconds=15, denied_seconds=60, probe_seconds=15)


@pytest.fixture
def breaker(clock) -> Callable[[], Breaker]:
    """The breaker of one model as another process sees it, at every call."""
    return lambda: Breaker("primary", RULES, clock=clock, memory=SharedMemory(clock))


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(breaker.permit() or Permit())


# --- The states ------------------------------------------------------------------------------------------------------
def test_it_is_closed_at_first_and_lets_everybody_in(breaker):
    assert breaker().state == "closed"
    assert all(breaker().permit() for _ in range(5))


def test_enough_failures_in_a_window_open_it_for_all_processes(breaker):
    fail(breaker(), 2)
    assert breaker().state == "closed"
    fail(breaker(), 1)
    assert breaker().state == "open"
    assert breaker().permit() is None


def test_a_process_that_saw_it_closed_learns_within_a_tenth_of_a_second_that_another_opened_it(breaker, clock):
    mine = breaker()
    assert mine.permit()
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 0.1)
    assert mine.permit() is None


def test_who_opens_it_knows_at_once(breaker):
    mine = breaker()
    fail(mine, 3)
    assert mine.permit() is None


def test_failures_among_many_answers_do_not(breaker):
    for _ in range(7):
        breaker().answered(Permit())
    fail(breaker(), 6)
    assert breaker().state == "closed"
    fail(breaker(), 1)
    assert breaker().state == "open"


def answer(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.answered(Permit())


def test_a_model_that_dies_under_load_is_left_alone_within_seconds(breaker, clock):
    for _ in range(60):
        answer(breaker(), 60)
        clock.pass_to(clock.now() + 1)
    died = clock.now()
    while breaker().state == "closed":
        clock.pass_to(clock.now() + 1)
        fail(breaker(), 60)
    assert clock.now() - died <= 11


def test_a_burst_whose_slowest_calls_fail_last_does_not_open_it(breaker, clock):
    for _ in range(10):
        answer(breaker(), 235)
        clock.pass_to(clock.now() + 5)
        fail(breaker(), 15)
        assert breaker().state == "closed"
        clock.pass_to(clock.now() + 5)


def test_a_moment_of_throttling_among_answers_does_not_open_it(breaker, clock):
    for _ in range(10):
        answer(breaker(), 30)
        clock.pass_to(clock.now() + 1)
    fail(breaker(), 20)
    assert breaker().state == "closed"


def test_once_a_probe_closed_it_under_load_the_first_failures_do_not_open_it_again(breaker, clock):
    answer(breaker(), 100)
    fail(breaker(), 100)
    clock.pass_to(clock.now() + 15)
    breaker().answered(breaker().permit())
    fail(breaker(), 5)
    assert breaker().state == "closed"


def test_a_model_that_flaps_with_few_calls_is_left_alone_after_three_failures(breaker, clock):
    fail(breaker(), 30)
    clock.pass_to(clock.now() + 15)
    breaker().answered(breaker().permit())
    fail(breaker(), 3)
    assert breaker().state == "open"


def test_failures_of_long_ago_are_forgotten(breaker, clock):
    fail(breaker(), 2)
    clock.pass_to(clock.now() + 61)
    fail(breaker(), 2)
    assert breaker().state == "closed"


def test_after_its_time_one_caller_of_all_processes_may_probe(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 14.9)
    assert breaker().permit() is None
    clock.pass_to(clock.now() + 0.1)
    assert breaker().state == "half_open"
    permits = [breaker().permit() for _ in range(5)]
    assert [bool(permit) for permit in permits] == [True, False, False, False, False]


def test_of_many_threads_one_probes(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 15)
    permits: list[Permit | None] = []
    threads = [threading.Thread(target=lambda: permits.append(breaker().permit())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([permit for permit in permits if permit]) == 1


def test_a_probe_that_is_answered_closes_it_and_old_failures_no_longer_count(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 15)
    breaker().answered(breaker().permit())
    assert breaker().state == "closed"
    fail(breaker(), 2)
    assert breaker().state == "closed"


def test_a_probe_that_fails_opens_it_again(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 15)
    breaker().failed(breaker().permit())
    assert breaker().state == "open"
    clock.pass_to(clock.now() + 15)
    assert breaker().permit()


def test_a_probe_that_was_not_used_passes_to_the_next_caller(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 15)
    breaker().returned(breaker().permit())
    assert breaker().permit()


def test_a_probe_whose_process_died_makes_room_for_another(breaker, clock):
    fail(breaker(), 3)
    clock.pass_to(clock.now() + 15)
    assert breaker().permit()
    clock.pass_to(clock.now() + 14)
    assert breaker().permit() is None
    clock.pass_to(clock.now() + 1)
    assert breaker().permit()


def test_calls_from_before_it_opened_neither_close_nor_prolong_it(breaker, clock):
    early = [breaker().permit() for _ in range(5)]
    fail(breaker(), 3)
    breaker().answered(early[0])
    assert breaker().state == "open"
    clock.pass_to(clock.now() + 15)
    for permit in early[1:]:
        breaker().failed(permit)
    assert breaker().state == "half_open"


def test_denied_access_opens_it_at_once_for_longer_and_tells_the_operator(breaker, clock, caplog):
    breaker().denied(breaker().permit())
    breaker().denied(Permit())
    told = [record for record in caplog.records if "model_access_denied" in str(record.msg)]
    assert [record.levelname for record in told] == ["ERROR"], "once for each opening"
    clock.pass_to(clock.now() + 59)
    assert breaker().permit() is None
    clock.pass_to(clock.now() + 1)
    assert breaker().permit()


# --- Without Valkey --------------------------------------------------------------------------------------------------
class AwayCache(LocMemCache):
    """A cache that cannot be reached while `away`; counts who tries."""

    def __init__(self) -> None:
        super().__init__("away", {})
        self.away, self.asked = True, 0

    def make_and_validate_key(self, key: str, version: int | None = None) -> str:
        self.asked += 1
        if self.away:
            raise RedisConnectionError("Connection refused")
        return super().make_and_validate_key(key, version)


def test_without_valkey_the_breaker_is_the_processs_own_and_never_an_error(clock):
    cache = AwayCache()
    breaker = Breaker("primary", RULES, clock=clock, memory=SharedMemory(clock, cache))
    fail(breaker, 3)
    assert breaker.state == "open"
    assert cache.asked == 1, "nobody waits for it again and again"
    clock.pass_to(clock.now() + 15)
    breaker.answered(breaker.permit())
    assert breaker.state == "closed"


def test_when_valkey_is_back_it_is_shared_again(clock):
    cache = AwayCache()
    one = Breaker("primary", RULES, clock=clock, memory=SharedMemory(clock, cache))
    assert one.permit()
    cache.away = False
    clock.pass_to(clock.now() + 5)
    fail(one, 3)
    other = Breaker("primary", RULES, clock=clock, memory=SharedMemory(clock, cache))
    assert other.state == "open"


# --- In the route ----------------------------------------------------------------------------------------------------
def test_with_a_hung_primary_only_the_first_callers_wait(opened, stop, clock):
    primary = stop(Model("primary", seconds=36_000.0), at_once=100)
    waits = [_wait_of(opened(primary, Model("secondary")), clock) for _ in range(12)]
    assert waits == [5.0] * 3 + [0.0] * 9
    assert len(primary.provider.asked) == 3


def test_a_model_that_recovered_is_found_by_the_probe(opened, stop, clock):
    primary, skipped = stop(Model("primary", ModelUnavailable("away"))), []
    for _ in range(5):
        opened(primary, Model("secondary")).converse(request_make())
    primary.provider.error = None
    model = opened(primary, Model("secondary"), on_skip=lambda *skip: skipped.append(skip))
    assert model.converse(request_make()).text == "secondary says so"
    assert skipped == [("primary", "breaker_open")]
    clock.pass_to(clock.now() + 15)
    assert opened(primary, Model("secondary")).converse(request_make()).text == "primary says so"
    assert primary.guards.breaker.state == "closed"


FAILURES = (ModelTimeout, ModelThrottled, ModelUnavailable, InvalidModelOutput)
ANSWERS = (ModelRefused, ContextTooLong, ModelRequestInvalid)


@pytest.mark.parametrize("kind", FAILURES)
def test_what_the_service_does_wrong_opens_it(opened, stop, kind):
    primary = stop(Model("primary", kind("no")))
    for _ in range(5):
        opened(primary, Model("secondary")).converse(request_make())
    assert primary.guards.breaker.state == "open"


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_is_wrong_with_the_question_does_not(opened, stop, kind):
    primary = stop(Model("primary", kind("no")))
    for _ in range(10):
        try:
            opened(primary, Model("secondary")).converse(request_make())
        except ModelRefused:
            continue
    assert primary.guards.breaker.state == "closed"


def test_denied_access_opens_it_with_the_first_call(opened, stop):
    primary = stop(Model("primary", ModelAccessDenied("no such model")))
    assert opened(primary, Model("secondary")).converse(request_make()).text == "secondary says so"
    assert primary.guards.breaker.state == "open"


def test_a_model_that_did_not_get_its_whole_time_is_not_blamed(opened, stop):
    primary = stop(Model("primary", seconds=36_000.0), at_once=100)
    for _ in range(10):
        with pytest.raises(ModelTimeout):
            opened(primary, Model("secondary"), seconds=2.0).converse(request_make())
    assert primary.guards.breaker.state == "closed"


def _wait_of(model, clock: SimulatedClock) -> float:
    began = clock.now()
    assert model.converse(request_make()).text == "secondary says so"
    return clock.now() - began

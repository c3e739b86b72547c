"""Models that hang, drip or are late: how long the caller waits. All in simulated time."""

import threading

import pytest

from agents.errors import ModelTimeout, ModelUnavailable
from agents.routing.lanes import Lane
from omnicqm.common.models import Attempt
from tests.agents.routing.models import Model, request_make
from tests.agents.routing.test_router import ledger

HOURS = 36_000.0


def test_a_model_that_hangs_holds_nobody_past_its_5_seconds(opened, clock):
    model = opened(Model("primary", seconds=HOURS), Model("secondary"))
    began = clock.now()
    assert model.converse(request_make()).text == "secondary says so"
    assert clock.now() - began == 5.0
    assert ledger() == [("primary", "timeout", "model_timeout"), ("secondary", "ok", "")]
    assert Attempt.objects.get(provider="primary").latency_ms == 5000


def test_when_all_hang_the_embedded_engine_answers_after_10_seconds(opened, clock):
    model = opened(Model("primary", seconds=HOURS), Model("secondary", seconds=HOURS), Model("local"))
    began = clock.now()
    assert model.converse(request_make()).text == "local says so"
    assert clock.now() - began == 10.0


def test_the_end_of_the_run_cuts_a_models_time_short_and_nobody_is_asked_after_it(opened, clock):
    secondary = Model("secondary")
    model = opened(Model("primary", seconds=HOURS), secondary, Model("local"), seconds=3.0)
    began = clock.now()
    with pytest.raises(ModelTimeout):
        model.converse(request_make())
    assert clock.now() - began == 3.0
    assert not secondary.asked


def test_a_model_is_told_its_own_deadline(opened, clock):
    primary = Model("primary")
    opened(primary).converse(request_make())
    assert primary.asked[0].deadline == clock.now() + 5.0


def test_a_model_that_drips_is_cut_off_at_its_deadline_too(opened, clock):
    secondary, told = Model("secondary"), []
    model = opened(Model("primary", pieces=("We ",) * 100, gap=1.0), secondary)
    began = clock.now()
    with pytest.raises(ModelTimeout):
        model.converse_stream(request_make(), told.append)
    assert clock.now() - began == 5.0
    assert told == ["We "] * 4, "what came at the last moment is not handed out any more"
    assert not secondary.asked, "after text was handed out there is no fallback"


def test_text_is_handed_out_in_the_callers_own_thread(opened):
    threads: list[threading.Thread] = []
    model = opened(Model("primary", pieces=("We open.",)))
    model.converse_stream(request_make(), lambda text: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]


def test_a_listener_that_stops_a_reply_stops_the_model_as_well(opened, clock):
    told: list[str] = []

    def stop(text: str) -> None:
        told.append(text)
        raise ValueError(text)

    secondary = Model("secondary")
    model = opened(Model("primary", pieces=("We ", "open ", "at 7."), gap=0.5), secondary)
    with pytest.raises(ValueError, match="We"):
        model.converse_stream(request_make(), stop)
    clock.pass_to(clock.now() + 10)
    assert (told, secondary.asked) == (["We "], [])
    assert ledger() == [("primary", "abandoned", "")]


# --- Lanes -----------------------------------------------------------------------------------------------------------
def test_a_full_lane_is_passed_over_at_once(opened, stop, clock):
    hanging = stop(Model("primary", seconds=HOURS), at_once=2)
    skipped: list[tuple[str, str]] = []
    for _ in range(3):
        model = opened(hanging, Model("secondary"), on_skip=lambda *skip: skipped.append(skip))
        began = clock.now()
        assert model.converse(request_make()).text == "secondary says so"
    assert clock.now() == began
    assert skipped == [("primary", "shed")]
    assert len(hanging.provider.asked) == 2
    assert Attempt.objects.filter(provider="primary").count() == 2, "where no call was made there is no attempt"


def test_a_call_that_ends_late_gives_its_place_back(opened, stop, clock):
    slow = stop(Model("primary", seconds=60.0), at_once=1)
    opened(slow, Model("secondary")).converse(request_make())
    clock.pass_to(clock.now() + 60)
    slow.provider.seconds = 0.0
    _wait_for_threads("model-primary")
    assert opened(slow, Model("secondary")).converse(request_make()).text == "primary says so"


def test_shedding_says_nothing_about_the_model(opened, stop):
    hanging = stop(Model("primary", seconds=HOURS), at_once=1)
    for _ in range(20):
        opened(hanging, Model("secondary")).converse(request_make())
    assert hanging.guards.breaker.state == "closed"


def test_a_process_without_threads_left_sheds(monkeypatch):
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    lane = Lane("primary", 1)
    for _ in range(2):
        assert lane.start(Model("primary"), request_make(), None, streamed=False) is None


def test_when_every_model_is_full_and_there_is_no_last_resort_the_call_fails_at_once(opened, stop, clock):
    only = stop(Model("primary", seconds=HOURS), at_once=1)
    with pytest.raises(ModelTimeout):
        opened(only).converse(request_make())
    began = clock.now()
    with pytest.raises(ModelUnavailable):
        opened(only).converse(request_make())
    assert clock.now() == began


def _wait_for_threads(name: str) -> None:
    for thread in threading.enumerate():
        if thread.name == name:
            thread.join(5)

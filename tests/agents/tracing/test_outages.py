"""MLflow stopped, hanging, answering garbage or refusing: replies do not notice, drops are counted, the rest comes
later."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.core.cache import cache
from django.utils import timezone

from agents.models import Run, RunTrace
from agents.services import trace_renew
from agents.tracing import bounds, exporting, store
from agents.tracing.bounds import traces_complete, traces_drop, traces_purge
from agents.tracing.exporting import traces_export
from agents.tracing.pausing import LONGEST, is_paused, pause_unless_answered
from agents.tracing.selectors import tracing_state
from agents.types import Decision
from omnicqm.processes.addresses import free_ports
from tests.agents.conftest import HOURS
from tests.agents.scripted import ScriptedModel, call
from tests.agents.tracing.conftest import read_back


@pytest.fixture
def ask(know, use_model, run):
    """Asks for the opening hours, which are known."""
    know(HOURS)
    search = [call("search_knowledge", query="opening hours")]

    def ask():
        use_model(ScriptedModel(gather=[search, "Enough."], compose=["We open at 9 and close at 18. [1]"]))
        return run("When do you open?")

    return ask


def pause_end() -> None:
    """The time of a pause has passed."""
    cache.delete("tracing:pause")


@contextmanager
def server(answer: bytes | None) -> Iterator[int]:
    """Something on a port that takes every connection and says `answer`, or nothing at all."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=50)
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            kept.append(connection)
            if answer is not None:
                connection.recv(65536)
                connection.sendall(answer)
                connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in kept:
            connection.close()
        thread.join(5)


def addresses_of_trouble(port: int) -> list[str]:
    return [f"http://127.0.0.1:{port}", f"postgresql+psycopg://a:b@127.0.0.1:{port}/c"]


def fails_and_is_written_later(ask, settings, uri: str, mlflow_uri: str) -> None:
    settings.MLFLOW_TRACKING_URI = uri
    store.store_forget()
    result = ask()
    assert result.decision is Decision.AUTO_SEND
    began = time.monotonic()
    assert traces_export() == 0
    assert time.monotonic() - began < 40, "one round is bounded"
    row = RunTrace.objects.get(run=result.run_id)
    assert (row.state, row.tries) == ("pending", 0), "it is not the trace's fault"
    assert is_paused()
    assert tracing_state().is_away
    assert tracing_state().last_error
    began = time.monotonic()
    assert traces_export() == 0
    assert time.monotonic() - began < 1, "left alone meanwhile"
    settings.MLFLOW_TRACKING_URI = mlflow_uri
    pause_end()
    assert traces_export() == 1
    assert not is_paused()
    assert tracing_state().last_error == ""
    assert read_back(store.store_get(), result.run_id).info.state.value == "OK"


@pytest.mark.parametrize("kind", [0, 1], ids=["server", "database"])
def test_stopped(ask, mlflow, settings, mlflow_uri, kind):
    [port] = free_ports(1)
    fails_and_is_written_later(ask, settings, addresses_of_trouble(port)[kind], mlflow_uri)


@pytest.mark.parametrize("kind", [0, 1], ids=["server", "database"])
def test_hanging(ask, mlflow, settings, mlflow_uri, kind):
    with server(None) as port:
        fails_and_is_written_later(ask, settings, addresses_of_trouble(port)[kind], mlflow_uri)


def test_garbage(ask, mlflow, settings, mlflow_uri):
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html>oh</ht>"
    )
    with server(answer) as port:
        fails_and_is_written_later(ask, settings, addresses_of_trouble(port)[0], mlflow_uri)


def test_a_locked_database_is_not_waited_for(ask, mlflow, settings, mlflow_uri):
    mlflow.experiment_id  # noqa: B018 - known before the lock
    result = ask()
    with psycopg.connect(mlflow_uri.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE trace_info IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        assert traces_export() == 0
        assert time.monotonic() - began < 30
    row = RunTrace.objects.get(run=result.run_id)
    assert (row.state, row.tries) == ("pending", 1)
    RunTrace.objects.update(due_at=timezone.now())
    pause_end()
    assert traces_export() == 1


def test_one_that_mlflow_refuses_is_dropped_at_last_and_holds_up_no_other(ask, mlflow, monkeypatch):
    bad, good = ask().run_id, ask().run_id
    write = mlflow.trace_write

    def picky(trace):
        if trace.run_id == bad:
            raise ValueError("not this one")
        write(trace)

    monkeypatch.setattr(mlflow, "trace_write", picky)
    for _ in range(bounds.MAX_TRIES):
        traces_export()
        RunTrace.objects.filter(state="pending").update(due_at=timezone.now())
    states = dict(RunTrace.objects.values_list("run_id", "state"))
    assert states == {bad: "dropped", good: "exported"}
    assert tracing_state().dropped == 1


def test_when_nothing_is_taken_it_is_left_alone(ask, mlflow, monkeypatch):
    """As on a full disk: it answers, and stores nothing."""
    for _ in range(exporting.AWAY_AFTER + 2):
        ask()

    def full(trace):
        raise OSError("no space left")

    monkeypatch.setattr(mlflow, "trace_write", full)
    assert traces_export() == 0
    assert is_paused()
    assert RunTrace.objects.filter(tries=1).count() == exporting.AWAY_AFTER


def test_pauses_grow_and_end_with_an_answer(settings):
    lengths = []
    for _ in range(6):
        with pytest.raises(OSError, match="away"), pause_unless_answered():
            raise OSError("away")
        lengths.append(cache._expire_info[cache.make_key("tracing:pause")] - time.time())
    assert [round(length) for length in lengths] == [30, 60, 120, 240, 300, 300]
    assert lengths[-1] <= LONGEST.total_seconds()
    with pause_unless_answered():
        assert is_paused(), "who hangs until he is killed leaves a pause behind"
    assert not is_paused()


# --- Bounds ----------------------------------------------------------------------------------------------------------
def test_what_waits_too_long_is_dropped_and_counted(ask, mlflow):
    old, new = ask().run_id, ask().run_id
    RunTrace.objects.filter(run=old).update(created_at=timezone.now() - bounds.MAX_AGE - timedelta(minutes=1))
    assert traces_drop() == 1
    assert dict(RunTrace.objects.values_list("run_id", "state")) == {old: "dropped", new: "pending"}
    trace_renew(old)
    assert RunTrace.objects.get(run=old).state == "dropped"


def test_of_too_many_the_oldest_are_dropped(ask, mlflow, monkeypatch):
    monkeypatch.setattr(bounds, "MAX_PENDING", 2)
    runs = [ask().run_id for _ in range(3)]
    assert traces_drop() == 1
    assert RunTrace.objects.get(state="dropped").run_id == runs[0]


def test_a_run_that_was_killed_is_traced_after_an_hour(mlflow):
    killed = Run.objects.create(scope="channel:test", started_at=timezone.now() - timedelta(hours=2))
    Run.objects.create(scope="channel:test", started_at=timezone.now() - timedelta(minutes=2))
    assert (traces_complete(), traces_complete()) == (1, 0)
    assert traces_export() == 1
    assert read_back(mlflow, killed.pk).root.inputs == {"message": ""}


def test_old_traces_go_here_and_there(ask, mlflow, settings):
    kept, gone = ask().run_id, ask().run_id
    long_ago = timezone.now() - timedelta(days=settings.TRACE_DAYS, minutes=5)
    Run.objects.filter(pk=gone).update(started_at=long_ago, finished_at=long_ago + timedelta(seconds=1))
    traces_export()
    RunTrace.objects.filter(run=gone).update(created_at=long_ago)
    traces_purge()
    left = mlflow.client.search_traces(locations=[mlflow.experiment_id])
    assert [trace.info.client_request_id for trace in left] == [kept]
    assert [row.run_id for row in RunTrace.objects.all()] == [kept]

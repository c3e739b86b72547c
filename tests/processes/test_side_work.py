"""What no customer waits for has a queue and a worker of its own."""

from types import SimpleNamespace

import pytest
from django.conf import settings

import conversations.tasks
from omnicqm.celery import app
from omnicqm.processes import services


def worker_of(*queues: str) -> SimpleNamespace:
    """As Celery hands a worker to those who listen for its start."""
    consumed = SimpleNamespace(queues=SimpleNamespace(consume_from=dict.fromkeys(queues)))
    return SimpleNamespace(app=SimpleNamespace(amqp=consumed, conf=app.conf))


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(conversations.tasks, "models_prepare", lambda: done.append("models"))
    monkeypatch.setattr(conversations.tasks, "knowledge_search", lambda query: done.append("search"))
    monkeypatch.setattr(conversations.tasks, "loaded_keep", lambda: done.append("kept"))
    return done


def test_the_supervisor_and_the_routes_mean_the_same_queue() -> None:
    assert services.SIDE_QUEUE == settings.SIDE_QUEUE


def test_side_tasks_are_sent_to_their_queue_and_all_others_are_not() -> None:
    for task in (name for name in app.tasks if not name.startswith("celery.")):
        queue = app.amqp.router.route({}, task)["queue"].name
        assert queue == (settings.SIDE_QUEUE if task in settings.SIDE_TASKS else "celery"), task


def test_every_side_task_exists() -> None:
    assert set(settings.SIDE_TASKS) <= set(app.tasks)


def test_the_worker_of_replies_loads_what_they_need(prepared: list[str]) -> None:
    conversations.tasks.worker_warm(sender=worker_of("celery"))
    assert prepared == ["models", "search", "kept"]


def test_the_side_worker_loads_nothing_before_it_forks(prepared: list[str]) -> None:
    conversations.tasks.worker_warm(sender=worker_of("side"))
    assert prepared == ["kept"]


def test_a_worker_of_both_queues_loads_it_too(prepared: list[str]) -> None:
    conversations.tasks.worker_warm(sender=worker_of("celery", "side"))
    assert prepared == ["models", "search", "kept"]

"""A moment to stand still at: Monday, 2 March 2026, 10:00 UTC."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from agents.providers.base import ModelProvider
from omnicqm.common.backends import backend_get
from tests.conversations.desk.people import Clock


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock(datetime(2026, 3, 2, 10, tzinfo=UTC))
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture(autouse=True)
def model(settings) -> ModelProvider:
    """What customers write meanwhile is looked at by a scripted model."""
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    return backend_get("MODEL_PROVIDERS", "scripted")


@pytest.fixture
def told(settings, monkeypatch) -> list[tuple[str, dict]]:
    """What the apps on our right are told, in order."""
    events: list[tuple[str, dict]] = []
    monkeypatch.setattr(
        "conversations.escalations.events.event_publish", lambda name, **payload: events.append((name, payload))
    )
    return events

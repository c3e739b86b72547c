from collections.abc import Callable

import pytest

from agents.routing import RoutedModel, model_open
from tests.agents.routing.models import Model

_HANDED: dict[str, Model] = {}


def hand_over(alias: str) -> Model:
    return _HANDED[alias]


@pytest.fixture
def route(db, settings, monkeypatch) -> Callable[..., RoutedModel]:
    """The model of a run that asks the given models in order: ``route(Model("primary"), Model("secondary"))``."""

    def route(*models: Model, deadline: float = 1e12) -> RoutedModel:
        for model in models:
            monkeypatch.setitem(_HANDED, model.name, model)
        backend = "tests.agents.routing.conftest.hand_over"
        settings.MODEL_PROVIDERS = {m.name: {"BACKEND": backend, "OPTIONS": {"alias": m.name}} for m in models}
        settings.MODEL_ROUTE = [model.name for model in models]
        return model_open(scope="channel:test", run_id="run_1", deadline=deadline)

    return route

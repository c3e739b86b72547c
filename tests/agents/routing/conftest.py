import threading
from collections.abc import Callable, Iterator, Mapping

import pytest

from agents.providers.base import ModelProvider
from agents.routing import RoutedModel, model_open
from agents.routing.breaker import Breaker, BreakerRules
from agents.routing.shared import SharedMemory
from agents.routing.stops import Guards, Stop
from tests.agents.conftest import HOURS
from tests.agents.routing.models import Model
from tests.agents.routing.simulated import SimulatedClock, WatchedLane

_HANDED: dict[str, ModelProvider] = {}


def hand_over(alias: str) -> ModelProvider:
    return _HANDED[alias]


@pytest.fixture
def route(db, settings, monkeypatch) -> Callable[..., RoutedModel]:
    """The model of a run that asks the given models in order: ``route(Model("primary"), Model("secondary"))``."""

    def route(*models: Model, deadline: float = 1e12) -> RoutedModel:
        _route_set({model.name: model for model in models}, settings, monkeypatch)
        return model_open(scope="channel:test", run_id="run_1", deadline=deadline)

    return route


@pytest.fixture
def use_route(know, settings, monkeypatch) -> Callable[..., None]:
    """Makes runs ask these models in order, over a knowledge base that knows the opening hours."""

    def use(**models: ModelProvider) -> None:
        know(HOURS, external_id="hours")
        _route_set(models, settings, monkeypatch)

    return use


def _route_set(models: Mapping[str, ModelProvider], settings, monkeypatch) -> None:
    for alias, model in models.items():
        monkeypatch.setitem(_HANDED, alias, model)
    backend = f"{__name__}.hand_over"
    settings.MODEL_PROVIDERS = {alias: {"BACKEND": backend, "OPTIONS": {"alias": alias}} for alias in models}
    settings.MODEL_ROUTE = list(models)


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    clock = SimulatedClock()
    yield clock
    clock.pass_to(1e9)  # whoever still hangs may end
    for thread in [thread for thread in threading.enumerate() if thread.name.startswith("model-")]:
        thread.join(10)


@pytest.fixture
def stop(clock) -> Callable[..., Stop]:
    """A stop with its guards in simulated time; the one called local works inside the process."""

    def stop(model: Model, at_once: int = 2) -> Stop:
        model.sleep = clock.sleep
        if model.name == "local":
            return Stop(model.name, model)
        breaker = Breaker(model.name, BreakerRules(), clock=clock, memory=SharedMemory())
        return Stop(model.name, model, Guards(5.0, breaker, WatchedLane(model.name, at_once, clock)))

    return stop


@pytest.fixture
def opened(db, clock, stop) -> Callable[..., RoutedModel]:
    """The model of a new run over guarded stops: ``opened(Model("primary"), Model("local"))``."""

    def opened(*models: Model | Stop, seconds: float = 20.0, **options) -> RoutedModel:
        stops = tuple(model if isinstance(model, Stop) else stop(model) for model in models)
        deadline = clock.now() + seconds
        return RoutedModel("channel:test", "run_1", deadline, stops, clock=clock, **options)

    return opened

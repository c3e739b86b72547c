"""The stops of a route: a provider with what guards it. Built once per process, because guards remember."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from django.conf import settings
from django.core.signals import setting_changed

from agents.privacy import PrivateModel, Vault
from agents.providers.base import ModelProvider
from agents.routing.breaker import Breaker, BreakerRules
from agents.routing.clock import Clock
from agents.routing.lanes import Lane
from agents.routing.shared import SharedMemory
from omnicqm.common.backends import backend_get


@dataclass(frozen=True)
class Guards:
    """What stands between us and a model behind a network: a time for each call, a breaker, a lane. It costs money."""

    seconds: float
    breaker: Breaker
    lane: Lane


@dataclass(frozen=True)
class Stop:
    """A provider under its alias. One without `guards` works inside this process: it is asked in the caller's own
    thread, until the end of the run, and costs nothing."""

    alias: str
    provider: ModelProvider
    guards: Guards | None = None

    def reads(self, language: str) -> bool:
        """Whether it copes with `language` (ISO 639-1; empty when not known yet)."""
        languages = self.provider.capabilities.languages
        return not language or languages is None or language in languages

    def private(self, vault: Vault) -> "Stop":
        """The same stop; a provider outside this process then reads tokens of `vault` for personal data."""
        if self.provider.capabilities.in_process:
            return self
        return replace(self, provider=PrivateModel(self.provider, vault))


_building = threading.Lock()  # threads that come at once must share their guards


def route_build(aliases: Sequence[str] | None = None) -> tuple[Stop, ...]:
    """The stops that `aliases`, by default `settings.MODEL_ROUTE`, name, in order. Raises `ConfigurationError` for an
    unknown one."""
    with _building:
        return tuple(_stop(alias) for alias in (aliases or settings.MODEL_ROUTE))


@cache
def _stop(alias: str) -> Stop:
    provider = cast(ModelProvider, backend_get("MODEL_PROVIDERS", alias))
    seconds = settings.MODEL_SECONDS.get(alias)
    if seconds is None:
        return Stop(alias, provider)
    name = f"{alias}:{provider.model}"
    short = max(BreakerRules.short_seconds, 2 * seconds)  # longer than a call may take
    rules = BreakerRules(**{"short_seconds": short, **settings.MODEL_BREAKER})
    breaker = Breaker(name, rules, clock=Clock(), memory=_memory())
    return Stop(alias, provider, Guards(seconds, breaker, Lane(alias, settings.MODEL_AT_ONCE)))


@cache
def _memory() -> SharedMemory:
    return SharedMemory()


def _forget_stops(**_: object) -> None:
    _stop.cache_clear()


setting_changed.connect(_forget_stops)  # tests that override a setting get fresh ones

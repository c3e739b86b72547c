"""The model of one run: the providers of `settings.MODEL_ROUTE`, tried in order.

A call tries each provider at most once. Once a run has fallen back it stays there, so that one model speaks to the
customer. After text was handed out nothing else is tried: the error comes through and the reply is withdrawn.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from django.conf import settings

from agents.errors import ModelError, ModelRefused, ModelUnavailable
from agents.providers.base import Capabilities, ModelProvider, ModelReply, ModelRequest, Usage
from agents.routing.ledger import Call, attempt_answered, attempt_failed, usage_add
from omnicqm.common.backends import backend_get
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
OnText = Callable[[str], None]


def model_open(*, scope: str, run_id: str, deadline: float) -> "RoutedModel":
    """The model for one run. `deadline` is the `time.monotonic()` instant at which the run ends, whoever answers.

    `scope` and `run_id` go into the cost ledger. Raises `ConfigurationError` when the route names what settings do
    not have.
    """
    return RoutedModel(scope=scope, run_id=run_id, deadline=deadline, route=_route())


def models_prepare() -> None:
    """Load what the first message would otherwise wait for, for every model of the route."""
    for _, provider in _route():
        provider.prepare()


def _route() -> tuple[tuple[str, ModelProvider], ...]:
    """Alias and provider of every stop of the route; providers are built once per process."""
    return tuple((alias, cast(ModelProvider, backend_get("MODEL_PROVIDERS", alias))) for alias in settings.MODEL_ROUTE)


@dataclass
class RoutedModel:
    """Converses like a provider, with whichever of `route` answers. Lives for one run and in one thread.

    `usage` adds up what all calls of the run cost; `answered_by` is the model of the newest reply, empty before.
    """

    scope: str
    run_id: str
    deadline: float
    route: tuple[tuple[str, ModelProvider], ...]
    usage: Usage = field(default_factory=Usage)
    answered_by: str = ""
    _position: int = 0

    @property
    def name(self) -> str:
        """The alias of the provider that would be asked next."""
        return self.route[self._position][0]

    @property
    def model(self) -> str:
        return self.route[self._position][1].model

    @property
    def capabilities(self) -> Capabilities:
        return self.route[self._position][1].capabilities

    def converse(self, request: ModelRequest) -> ModelReply:
        """The reply of the first provider that gives one. Raises the `ModelError` of the last one tried."""
        return self._ask_in_turn(request, None)

    def converse_stream(self, request: ModelRequest, on_text: OnText) -> ModelReply:
        """Like `converse`, with the text piece by piece. What `on_text` raises comes through."""
        return self._ask_in_turn(request, on_text)

    def _ask_in_turn(self, request: ModelRequest, on_text: OnText | None) -> ModelReply:
        request = replace(request, deadline=min(request.deadline, self.deadline))
        told = _Told(on_text)
        error: ModelError = ModelUnavailable("No model is available.")
        for position in range(self._position, len(self.route)):
            self._position = position
            try:
                return self._try(request, told)
            except ModelError as problem:
                error = problem
                if told.anything or isinstance(problem, ModelRefused):
                    break
        raise error

    def _try(self, request: ModelRequest, told: "_Told") -> ModelReply:
        alias, provider = self.route[self._position]
        started = time.monotonic()
        call = Call(alias, provider.model, request.purpose, self.scope, self.run_id)
        try:
            reply = provider.converse_stream(request, told) if told.listened else provider.converse(request)
        except Exception as error:
            log.info("model_failed", provider=alias, model=provider.model, error=type(error).__name__)
            attempt_failed(call, error, ms=_milliseconds_since(started))
            raise
        attempt_answered(call, reply, ms=_milliseconds_since(started))
        self.usage, self.answered_by = usage_add(self.usage, reply.usage), reply.model
        return reply


class _Told:
    """Passes text on and remembers that it did."""

    def __init__(self, on_text: OnText | None) -> None:
        self._on_text = on_text
        self.anything = False

    @property
    def listened(self) -> bool:
        return self._on_text is not None

    def __call__(self, text: str) -> None:
        self.anything = self.anything or bool(text)
        if self._on_text is not None:
            self._on_text(text)


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)

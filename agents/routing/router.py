"""The model of one run: the providers of `settings.MODEL_ROUTE`, tried in order.

A call tries each provider at most once. Once a run has fallen back it stays there, so that one model speaks to the
customer. After text was handed out nothing else is tried: the error comes through and the reply is withdrawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from django.conf import settings

from agents.budgets import Saving, budget_saving_lately
from agents.errors import BudgetExhausted
from agents.privacy import Vault
from agents.providers.base import Capabilities, ModelReply, ModelRequest, Usage
from agents.routing.call import OnText, RoutedCall, Settle, Try
from agents.routing.clock import Clock
from agents.routing.ledger import (
    Call,
    attempt_answered,
    attempt_failed,
    attempt_outrun,
    attempt_settle,
    usage_add,
)
from agents.routing.stops import Stop, route_build
from omnicqm.common.logs import get_logger
from omnicqm.common.models import Attempt

log = get_logger(__name__)
OnSkip = Callable[[str, str], None]
OnStart = Callable[[str, str], None]
OnAnswer = Callable[[str, str, int], None]
OnFail = Callable[[str, Exception, int], None]
OnCall = Callable[[str, ModelRequest, ModelReply | None], None]


def model_open(
    *,
    scope: str,
    run_id: str,
    deadline: float,
    vault: Vault | None = None,
    on_skip: OnSkip = lambda alias, reason: None,
    on_call: OnCall = lambda attempt_id, request, reply: None,
    route: Sequence[str] | None = None,
) -> "RoutedModel":
    """The model for one run. `deadline` is the `time.monotonic()` instant at which the run ends, whoever answers.
    `route` are aliases to ask instead of those of settings.

    `scope` and `run_id` go into the cost ledger. `vault` keeps personal data from models elsewhere. `on_skip` is told
    the alias of every provider that was passed over without a call, and why: breaker_open, shed (too many calls at
    once), language, budget. `on_call` is told of every call that was made, by the id of its row in the ledger: what was
    asked, and what came back, None when nothing was waited for. Raises `ConfigurationError` when the route names what
    settings do not have.
    """
    return RoutedModel(
        scope=scope,
        run_id=run_id,
        deadline=deadline,
        stops=tuple(stop.private(vault) if vault else stop for stop in route_build(route)),
        hedge_seconds=settings.MODEL_HEDGE_SECONDS,
        on_skip=on_skip,
        on_call=on_call,
        budget=partial(budget_saving_lately, scope),
    )


def models_prepare() -> None:
    """Load what the first message would otherwise wait for, for every model of the route."""
    for stop in route_build():
        stop.provider.prepare()


@dataclass
class RoutedModel:
    """Converses like a provider, with whichever of `stops` answers. Lives for one run and in one thread.

    `usage` adds up what the answered calls cost; `answered_by` is the model of the newest reply, empty before.
    `on_start` is told the alias and model of every provider that is asked, `on_answer` the same and the milliseconds of
    one that answered, `on_fail` the alias of one that was asked in vain, what it raised or that it took too long, and
    the milliseconds.
    `language` (ISO 639-1) is set once it is known in which language the customer is to be answered; providers that do
    not read it are then passed over.
    """

    scope: str
    run_id: str
    deadline: float
    stops: tuple[Stop, ...]
    hedge_seconds: float | None = None
    on_skip: OnSkip = lambda alias, reason: None
    on_start: OnStart = lambda alias, model: None
    on_answer: OnAnswer = lambda alias, model, ms: None
    on_fail: OnFail = lambda alias, error, ms: None
    on_call: OnCall = lambda attempt_id, request, reply: None
    budget: Callable[[], Saving] = lambda: Saving.NOTHING
    clock: Clock = field(default_factory=Clock)
    language: str = ""
    usage: Usage = field(default_factory=Usage)
    answered_by: str = ""
    _position: int = 0

    @property
    def name(self) -> str:
        """The alias of the provider that is asked next."""
        return self.stops[self._position].alias

    @property
    def model(self) -> str:
        return self.stops[self._position].provider.model

    @property
    def capabilities(self) -> Capabilities:
        return self.stops[self._position].provider.capabilities

    def converse(self, request: ModelRequest) -> ModelReply:
        """The reply of the first provider that gives one.

        Raises the `ModelError` of the last one tried, `LanguageUnsupported` when the last resort does not read the
        customer's language, and `BudgetExhausted`, asking nobody, when the money of the day is spent.
        """
        return self._ask(request, None)

    def converse_stream(self, request: ModelRequest, on_text: OnText) -> ModelReply:
        """Like `converse`, with the text piece by piece in the caller's thread. What `on_text` raises comes through."""
        return self._ask(request, on_text)

    @property
    def drafts_only(self) -> bool:
        """Whether the budgets allow no more than a suggestion."""
        return Saving.DRAFTS in self._saving()

    def _saving(self) -> Saving:
        """What the budgets ask for; they limit only models that cost money."""
        return self.budget() if self.stops[self._position].guards else Saving.NOTHING

    def _money_keep(self) -> None:
        """Go on to the secondary where the budgets ask for it. Raises `BudgetExhausted` when the money is spent."""
        saving, first, after = self._saving(), self.stops[0], self.stops[1:2]
        if Saving.PEOPLE in saving:
            raise BudgetExhausted("The money for models is spent for today.")
        if Saving.SECONDARY in saving and self._position == 0 and after and after[0].guards:
            self.skipped(first, "budget")
            self._position = 1

    def go_on(self) -> bool:
        """Ask the next provider from now on, because what this one says is of no use; False when it is the last.

        The breaker is not told: the model did answer, and what it makes of one text says nothing about the next.
        """
        if self._position + 1 >= len(self.stops):
            return False
        self._position += 1
        return True

    def remember(self, reply: ModelReply) -> None:
        """Take `reply`, which a run that was killed has got, for the newest one: who has fallen back stays there."""
        aliases = [stop.alias for stop in self.stops]
        if reply.provider in aliases:
            self._position = max(self._position, aliases.index(reply.provider))
        self.answered_by = reply.model

    def skipped(self, stop: Stop, reason: str) -> None:
        log.info("model_skipped", provider=stop.alias, reason=reason)
        self.on_skip(stop.alias, reason)

    def _ask(self, request: ModelRequest, on_text: OnText | None) -> ModelReply:
        self._money_keep()
        call = RoutedCall(
            self.stops[self._position :],
            replace(request, deadline=min(request.deadline, self.deadline)),
            on_text,
            book=_Book(self, request),
            clock=self.clock,
            language=self.language,
            hedge_seconds=self.hedge_seconds,
        )
        stop, reply = call.reply()
        self._position = self.stops.index(stop)
        self.usage, self.answered_by = usage_add(self.usage, reply.usage), reply.model
        return replace(reply, provider=stop.alias)


@dataclass(frozen=True)
class _Book:
    """Writes what happens to the tries of one call into the ledger."""

    run: RoutedModel
    request: ModelRequest

    def started(self, tried: Try) -> None:
        self.run.on_start(tried.stop.alias, tried.stop.provider.model)

    def answered(self, tried: Try, reply: ModelReply) -> None:
        ms = self._milliseconds(tried)
        self._told(attempt_answered(self._call(tried), reply, ms=ms), reply)
        self.run.on_answer(tried.stop.alias, reply.model, ms)

    def failed(self, tried: Try, error: Exception) -> Settle:
        log.info("model_failed", provider=tried.stop.alias, model=tried.stop.provider.model, error=type(error).__name__)
        ms = self._milliseconds(tried)
        self.run.on_fail(tried.stop.alias, error, ms)
        return partial(attempt_settle, self._told(attempt_failed(self._call(tried), error, ms=ms)))

    def outrun(self, tried: Try) -> Settle:
        return partial(attempt_settle, self._told(attempt_outrun(self._call(tried), ms=self._milliseconds(tried))))

    def skipped(self, stop: Stop, reason: str) -> None:
        self.run.skipped(stop, reason)

    def _told(self, attempt: Attempt, reply: ModelReply | None = None) -> Attempt:
        self.run.on_call(attempt.pk, self.request, reply)
        return attempt

    def _call(self, tried: Try) -> Call:
        stop = tried.stop
        return Call(stop.alias, stop.provider.model, self.request.purpose, self.run.scope, self.run.run_id)

    def _milliseconds(self, tried: Try) -> int:
        ended = self.run.clock.now() if tried.ended is None else tried.ended
        return round((ended - tried.started) * 1000)

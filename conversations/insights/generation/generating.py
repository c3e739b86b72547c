"""Generate: ask the models of the route one after the other until a draft passes its checks.

A draft that fails is repaired once while the model's time lasts; then the next model is asked afresh, and at last the
embedded engine, which needs no network. Only a draft that passed becomes text.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

from django.db import DatabaseError
from django.utils import timezone

from agents.errors import AgentError, ModelRefused, ModelTimeout, OutputInvalid
from agents.privacy import Vault
from agents.prompts import PromptSet
from agents.providers.base import ModelProvider, ModelReply, ModelRequest, StopReason, Usage
from agents.routing import RoutedModel, model_open
from agents.routing.ledger import usage_add
from agents.routing.stops import Stop
from agents.summary import SummaryDraft, summary_parse
from conversations.answering.request import personal_of
from conversations.errors import InsightLate
from conversations.insights.generation.asking import repair_make, request_make, summary_prompts, version_of
from conversations.insights.generation.checks import Evidence, draft_check
from conversations.insights.generation.cleaning import Cleaned, events_clean, events_fit
from conversations.insights.generation.text import NOTHING, text_compose, text_without_draft
from conversations.insights.generation.types import Summary
from conversations.interactions.types import History
from conversations.selectors import customer_get
from omnicqm.common.backends import backend_get
from omnicqm.common.logs import get_logger
from omnicqm.common.turns import processor_turn

log = get_logger(__name__)
ENGINE = "local"
ENGINE_SECONDS = 0.5  # kept back for the embedded engine, which takes some hundredths
MODEL_SECONDS = 5.0  # of one model, its repair included
HISTORY_TOKENS = 8_000  # of the events: what a model, and the embedded engine, reads within its seconds
NO_MODEL = "none"


@dataclass(frozen=True)
class Drafted:
    """A draft that passed its checks, and the reply it was read from."""

    draft: SummaryDraft
    reply: ModelReply
    support: float


@dataclass
class Writing:
    """One summary while it is written: what it is about, and what became of the drafts so far."""

    cleaned: Cleaned
    evidence: Evidence
    prompts: PromptSet
    request: ModelRequest
    failures: list[dict[str, Any]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)


def summary_generate(
    history: History,
    *,
    intent: str,
    scope: str,
    run_id: str,
    deadline: float,
    personal: Mapping[str, tuple[str, ...]] | None = None,
) -> Summary:
    """The summary of `history` for a CRM agent. `deadline` is a `time.monotonic()` instant.

    `intent` is why the customer gets in touch now ("misc": not known); `scope` and `run_id` go into the cost ledger.
    `personal` is hidden from models elsewhere; it is read where it is not given.
    The embedded engine answers when no model does, so only the database may fail it, and `InsightLate`: the deadline is
    so long over that nobody waits for a summary any more. Synchronous.
    """
    vault = vault_for(history) if personal is None else Vault(personal)
    model = model_open(scope=scope, run_id=run_id, deadline=deadline, vault=vault)
    return summary_write(history, model, intent=intent)


def summary_write(history: History, model: RoutedModel, *, intent: str, prompts: PromptSet | None = None) -> Summary:
    """Like `summary_generate`, with the models of `model` and in its time; `prompts` to try other ones out."""
    writing = _begun(history, intent, until=model.deadline - ENGINE_SECONDS, prompts=prompts)
    if not writing.cleaned.events:
        return Summary(NOTHING, NO_MODEL, "", version_of(writing.prompts))
    drafted = _models_ask(writing, model) or _engine_ask(writing, model)
    return _summary(writing, drafted, first=model.stops[0].alias)


def draft_write(history: History, model: RoutedModel, *, intent: str) -> Drafted | None:
    """The checked draft of `history` itself, for those who show its statements in their own way; None when there is
    nothing to tell or nobody could tell it. Raises `InsightLate` like `summary_generate`."""
    writing = _begun(history, intent, until=model.deadline - ENGINE_SECONDS)
    if not writing.cleaned.events:
        return None
    return _models_ask(writing, model) or _engine_ask(writing, model)


def _begun(history: History, intent: str, *, until: float, prompts: PromptSet | None = None) -> Writing:
    prompts, today = prompts or summary_prompts(), timezone.localdate()
    with processor_turn():
        cleaned = events_fit(events_clean(history.events), tokens=HISTORY_TOKENS)
        request = request_make(cleaned.events, intent=intent, today=today, deadline=until, prompts=prompts)
        return Writing(cleaned, Evidence(cleaned.events), prompts, request)


def vault_for(history: History) -> Vault:
    """What is personal of this customer and has no shape of its own is hidden by name."""
    if not history.customer_id:
        return Vault()
    return Vault(personal_of(customer_get(customer_id=history.customer_id)))


# --- Asking ----------------------------------------------------------------------------------------------------------
def _models_ask(writing: Writing, model: RoutedModel) -> Drafted | None:
    """A draft of the models outside this process; None when none of them has a good one in time."""
    outside = tuple(stop for stop in model.stops if not stop.provider.capabilities.in_process)
    if not outside:
        return None
    model = replace(_logged(model), stops=outside, on_fail=partial(_failed, writing, model.run_id))
    while True:
        try:
            return _draft(writing, model)
        except (OutputInvalid, ModelRefused):
            if not model.go_on():
                return None
        except AgentError as error:  # the route has tried whoever was left
            log.info("summary_without_model", run_id=model.run_id, error=error.code)
            return None


def _logged(model: RoutedModel) -> RoutedModel:
    """The same, telling the log of every provider that is asked and of every one that answers."""

    def started(alias: str, name: str) -> None:
        log.info("MODEL_INVOKE_START", run_id=model.run_id, provider=alias, model=name)

    def answered(alias: str, name: str, ms: int) -> None:
        log.info("MODEL_INVOKE_SUCCESS", run_id=model.run_id, provider=alias, model=name, ms=ms)

    return replace(model, on_start=started, on_answer=answered)


def _failed(writing: Writing, run_id: str, alias: str, error: Exception, ms: int) -> None:
    """A model was asked in vain; the route goes on to the next by itself."""
    code = error.code if isinstance(error, AgentError) else type(error).__name__
    event = "MODEL_INVOKE_TIMEOUT" if isinstance(error, ModelTimeout) else "MODEL_INVOKE_FAILED"
    log.warning(event, run_id=run_id, provider=alias, error=code, ms=ms)
    writing.failures.append({"provider": alias, "found": [code]})


def _engine_ask(writing: Writing, model: RoutedModel) -> Drafted | None:
    """The embedded engine's draft; None only if it broke, so that even then something true is said.

    Raises `InsightLate` when nobody waits for it any more: under overload each summary made for nobody makes the next
    one late as well.
    """
    if time.monotonic() > model.deadline + ENGINE_SECONDS:
        raise InsightLate("The summary was not ready in time.")
    until = max(model.deadline, time.monotonic() + ENGINE_SECONDS)
    stop = Stop(ENGINE, cast(ModelProvider, backend_get("MODEL_PROVIDERS", ENGINE)))
    engine = _logged(RoutedModel(scope=model.scope, run_id=model.run_id, deadline=until, stops=(stop,)))
    try:
        return _examined(writing, _ask(writing, engine, replace(writing.request, deadline=until)))
    except DatabaseError:
        raise
    except Exception as error:
        log.error("embedded_summary_failed", run_id=model.run_id, error=type(error).__name__)
        return None


def _draft(writing: Writing, model: RoutedModel) -> Drafted:
    """A draft of `model` that passed, repaired once if a second answer can still come in time.

    Raises `OutputInvalid` when it did not pass, and `ModelError`.
    """
    began = time.monotonic()
    reply = _ask(writing, model, writing.request)
    try:
        return _examined(writing, reply)
    except OutputInvalid as problem:
        now, until = time.monotonic(), min(writing.request.deadline, began + MODEL_SECONDS)
        if now + (now - began) > until:
            raise
        return _repaired(writing, model, replace(writing.request, deadline=until), reply, problem.message)


def _repaired(writing: Writing, model: RoutedModel, request: ModelRequest, reply: ModelReply, problem: str) -> Drafted:
    try:
        again = _ask(writing, model, repair_make(request, reply.message, problem, prompts=writing.prompts))
    except AgentError as error:
        raise OutputInvalid("The repair did not come.") from error
    return _examined(writing, again)


def _ask(writing: Writing, model: RoutedModel, request: ModelRequest) -> ModelReply:
    reply = model.converse(request)
    writing.usage = usage_add(writing.usage, reply.usage)
    return reply


def _examined(writing: Writing, reply: ModelReply) -> Drafted:
    """The draft in `reply`. Raises `OutputInvalid` with what is wrong, noted among the failures."""
    try:
        if reply.stop_reason is not StopReason.END_TURN:
            raise OutputInvalid(f"It ended with {reply.stop_reason}.")
        draft = summary_parse(reply.text)
    except OutputInvalid:
        writing.failures.append({"provider": reply.provider, "found": ["format"]})
        raise
    with processor_turn():
        checked = draft_check(draft, writing.evidence)
    if checked.problems:
        writing.failures.append({"provider": reply.provider, "found": checked.codes, "support": checked.support})
        raise OutputInvalid(" ".join(problem.text for problem in checked.problems))
    return Drafted(draft, reply, checked.support)


# --- The result ------------------------------------------------------------------------------------------------------
def _summary(writing: Writing, drafted: Drafted | None, *, first: str) -> Summary:
    checks: dict[str, Any] = {"failed": writing.failures, "planted": len(writing.cleaned.planted)}
    checks |= {"left_out": writing.cleaned.left_out}
    version = version_of(writing.prompts)
    if drafted is None:
        text = text_without_draft(writing.cleaned)
        return Summary(text, NO_MODEL, "", version, usage=writing.usage, fell_back=True, checks=checks)
    reply = drafted.reply
    return Summary(
        text=text_compose(drafted.draft, writing.cleaned),
        model_used=reply.model,
        provider=reply.provider,
        prompt_version=version,
        prompt_cache_hit=reply.usage.cache_read_tokens > 0,
        usage=writing.usage,
        fell_back=reply.provider != first,
        checks={**checks, "support": drafted.support, "matters": len(drafted.draft.matters)},
    )

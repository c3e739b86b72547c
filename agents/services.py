"""Runs of the agent. The one door for those who have a message to answer."""

import time
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.erasing import again_of as again_of  # for those who try again
from agents.erasing import runs_erase as runs_erase  # for those who delete what is somebody's
from agents.errors import AgentError, RunRequestInvalid
from agents.factors import explanation_write
from agents.gate import Verdict
from agents.handoff import details_gather
from agents.http_tools.services import http_tools_offer
from agents.journal import run_forget, run_open
from agents.loop import CategoryPolicy, Judged, Limits, Outcome, Thinking, run_think
from agents.models import Run
from agents.privacy import Vault
from agents.prompts import prompts_load
from agents.recording import RunRecorder
from agents.routing import model_open, run_total, run_usage
from agents.routing import models_prepare as models_prepare  # for those who start workers
from agents.screening import screening_open
from agents.selectors import category_list, policy_resolve, weights_resolve
from agents.sources import sources_list
from agents.tools import Shelf, escalate_tool, search_tool, toolbox_build
from agents.tracing.bounds import traces_erase as traces_erase
from agents.tracing.noting import trace_note
from agents.tracing.noting import trace_renew as trace_renew  # for those who learn something of a run later
from agents.types import Autonomy, Blocker, Decision, RunRequest, RunResult
from agents.variants import AS_EVER, Variant
from agents.vectors import Vector, vector_store
from omnicqm.common.logs import get_logger

log = get_logger(__name__)
NO_CATEGORY = "other"
_SAME_IN_ROW = (
    *("decision", "score", "threshold", "explanation", "intent", "category", "support"),
    *("reply_text", "model_used", "latency_ms"),
)


def run_execute(request: RunRequest, *, variant: Variant = AS_EVER) -> RunResult:
    """Think `request` through and decide: answer, ask back, or hand over with a suggestion. `variant` is for those who
    try something out.

    Writes the run, its steps and its attempts as they happen, in no transaction of its own, so that a killed run shows
    how far it came and the next call for the same `origin` resumes it: call it outside of a transaction. Whatever goes
    wrong inside ends in an escalation with score 0; only a request that makes no sense raises `RunRequestInvalid`.
    """
    started = time.monotonic()
    thinking, recorder = _prepare(request, variant, deadline=started + settings.MODEL_RUN_SECONDS)
    try:
        _resume(thinking, recorder)
        _screen(thinking, recorder)
        result = _finish(thinking, recorder, run_think(thinking), started)
    except Exception as error:
        result = _fail(thinking, recorder, variant, error, started)
    return result


def _prepare(request: RunRequest, variant: Variant, *, deadline: float) -> tuple[Thinking, RunRecorder]:
    if not request.scope:
        raise RunRequestInvalid("A run needs a scope.", param="scope")
    scope = variant.scope or request.scope
    shelf, wishes, vault = Shelf(), [], Vault(request.personal)  # type: ignore[var-annotated]
    screening = screening_open(vault=vault, deadline=deadline)
    own = (search_tool(shelf, screening.flagged, vault.hide), escalate_tool(wishes))
    taken = {tool.name for tool in (*own, *request.tools)}
    of_admins = http_tools_offer(scope=request.scope, variables=request.variables, taken=taken)
    of_run = {"shelf": shelf, "origin": request.origin, "deadline": deadline, "flagged": screening.flagged}
    offered = (*variant.own(request.tools), *variant.foreign(of_admins))
    toolbox = toolbox_build(variant.own(own), offered, sender_verified=request.sender_verified, **of_run)
    prompts = variant.prompts or prompts_load()
    run, journal = run_open(request, scope=scope, prompt_version=prompts.version, prompt_hash=prompts.digest)
    variant.opened(run.id)
    toolbox.run_id, toolbox.memory = run.id, journal
    recorder = RunRecorder(run, vault)
    model = model_open(
        scope=scope,
        run_id=run.id,
        deadline=deadline,
        vault=vault,
        on_skip=recorder.model_skipped,
        on_call=recorder.calls.keep,
        route=variant.route,
    )
    thinking = Thinking(
        request=request,
        provider=model,
        prompts=prompts,
        recorder=recorder,
        journal=journal,
        screening=screening,
        toolbox=toolbox,
        shelf=shelf,
        wishes=wishes,
        categories=category_list(),
        policy_for=lambda category: _policy(request, category, variant, drafts_only=model.drafts_only),
        limits=Limits(deadline, settings.RUN_MAX_TOKENS, settings.RUN_MAX_USD),
    )
    return thinking, recorder


def _resume(thinking: Thinking, recorder: RunRecorder) -> None:
    """What the killed run has used counts; that there was one is a step."""
    if before := thinking.journal.resumed_from:
        thinking.provider.usage = run_usage(before)
        with recorder.step("resume", before) as note:
            note.output = {"remembered": len(thinking.journal.entries)}


def _screen(thinking: Thinking, recorder: RunRecorder) -> None:
    """Look the message through before any model reads it. Who tries to instruct us, or was not heard surely, gets no
    tool that writes."""
    request = thinking.request
    thinking.screened = screened = thinking.screening.message(request.subject, request.message)
    barred = {Blocker.INJECTION, Blocker.DOUBTFUL_TRANSCRIPT}
    thinking.toolbox.may_write = not barred & (screened.blockers | request.blockers)
    if screened.blockers:
        with recorder.step("screen", "message") as note:
            note.output = {"blockers": sorted(screened.blockers), "words": screened.words}


def _policy(request: RunRequest, category: str, variant: Variant, *, drafts_only: bool = False) -> CategoryPolicy:
    autonomy = Autonomy.strictest(request.autonomy, Autonomy.DRAFT if drafts_only else Autonomy.AUTO)
    policy = policy_resolve(category, threshold=request.threshold, autonomy=autonomy)
    if variant.threshold is not None:
        policy = replace(policy, threshold=variant.threshold)
    return CategoryPolicy(policy, weights_resolve(category))


def _finish(thinking: Thinking, recorder: RunRecorder, outcome: Outcome, started: float) -> RunResult:
    details = details_gather(thinking, outcome.judged.verdict.decision)
    result = _result(thinking, recorder, outcome.judged, outcome, details, started)
    _run_save(recorder, thinking.request, result, outcome.judged.vector, Run.State.FINISHED)
    return result


def _fail(thinking: Thinking, recorder: RunRecorder, variant: Variant, error: Exception, started: float) -> RunResult:
    """Fail closed: a person takes over, whatever was thought so far."""
    code, blocker = _named(error)
    log.warning("run_failed", run_id=recorder.run.id, code=code, error=type(error).__name__, exc_info=error)
    policy = _policy(thinking.request, NO_CATEGORY, variant).policy
    known = thinking.request.blockers | thinking.screened.blockers | {blocker}
    verdict = Verdict(Decision.ESCALATE, (code,), tuple(found for found in Blocker if found in known))
    before = thinking.judged
    factors = before.factors if before else {}
    vector = Vector({factor: finding.count for factor, finding in factors.items()}, blockers=frozenset(known))
    in_shadow = Decision.ESCALATE if before and before.shadow else None
    judged = Judged(verdict, 0, policy, factors, vector, shadow=in_shadow)
    result = _result(thinking, recorder, judged, None, {"error_code": code}, started)
    recorder.run.error_code = code
    _run_save(recorder, thinking.request, result, vector, Run.State.FAILED)
    return result


def _named(error: Exception) -> tuple[str, Blocker]:
    if isinstance(error, AgentError):
        return error.code, error.blocker
    return "internal", Blocker.OUTPUT_INVALID


def _result(
    thinking: Thinking,
    recorder: RunRecorder,
    judged: Judged,
    outcome: Outcome | None,
    details: dict[str, Any],
    started: float,
) -> RunResult:
    assessment, verdict = thinking.assessment, judged.verdict
    return RunResult(
        run_id=recorder.run.id,
        decision=verdict.decision,
        reasons=verdict.reasons,
        blockers=verdict.blockers,
        score=judged.score,
        threshold=judged.policy.threshold,
        factors=judged.factors,
        explanation=explanation_write(verdict.decision, judged.score, judged.factors, _told(verdict)),
        intent=assessment.intent if assessment else "unknown",
        category=assessment.category if assessment else NO_CATEGORY,
        support=assessment.support if assessment else 0.0,
        reply_text=outcome.text if outcome else "",
        sources=sources_list(outcome.reply) if outcome else (),
        model_used=thinking.provider.answered_by or thinking.provider.model,
        latency_ms=round((time.monotonic() - started) * 1000),
        summary=assessment.summary if assessment else "",
        language=assessment.language if assessment else "en",
        details=details,
        shadow=judged.shadow,
    )


def _told(verdict: Verdict) -> tuple[Blocker, ...]:
    """The blockers that explain it: also one that a question back settles."""
    return verdict.blockers or tuple(blocker for blocker in Blocker if blocker.value in verdict.reasons)


@transaction.atomic
def _run_save(recorder: RunRecorder, request: RunRequest, result: RunResult, vector: Vector, state: Run.State) -> None:
    run = recorder.run
    Run.objects.select_for_update().get(pk=run.pk)  # what a late reply costs is added before or after, not meanwhile
    run.state, run.finished_at = state, timezone.now()
    for name in _SAME_IN_ROW:
        setattr(run, name, getattr(result, name))
    run.reasons, run.blockers = list(result.reasons), list(result.blockers)
    run.factors = {factor.value: asdict(finding) for factor, finding in result.factors.items()}
    run.vector, run.shadow = vector_store(vector), result.shadow or ""
    run.sources = [asdict(source) for source in result.sources]
    run_total(run)
    run.save()
    trace_note(run, request, recorder.vault, recorder.calls)
    run_forget(run)

"""What is said of a reply, for the trace of its run in MLflow: the judge's scores, and where people overruled them."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal

from agents.privacy import Vault
from agents.services import trace_renew
from agents.tracing.assessments import TraceAssessment
from conversations.answering.written import written_get
from feedback.judging.selectors import AspectView, aspects_of, judgements_of, verdict_judged, verdict_of
from feedback.models import Judgement

CONSULTANT = "consultant"  # people are told by their role


def judgements_tell(run_id: str) -> list[TraceAssessment]:
    """The verdict and each aspect: as the judge saw them, with its time and cost, and as people who overruled it do."""
    judgement = judgements_of([run_id]).get(run_id)
    if judgement is None or judgement.state != Judgement.State.JUDGED:
        return []
    written = written_get(run_id=run_id)
    vault = Vault(written.personal if written else {})
    views = aspects_of(judgement)
    told = [found for view in views for found in _aspect_tell(judgement, view, vault)]
    return [_verdict_tell(judgement), *_verdict_of_people(judgement, views), *told]


def judgement_show(*, judgement_id: str) -> None:
    """There is something new about a judgement: the trace of its run is written anew."""
    trace_renew(*Judgement.objects.filter(pk=judgement_id).values_list("run_id", flat=True))


def _verdict_tell(judgement: Judgement) -> TraceAssessment:
    began = judgement.judged_at - timedelta(milliseconds=judgement.latency_ms or 0) if judgement.judged_at else None
    return TraceAssessment(
        name="verdict",
        value=verdict_judged(judgement),
        source=_source(judgement),
        source_id=judgement.judge_version,
        at=judgement.judged_at,
        started_at=began,
        ended_at=judgement.judged_at,
        details={
            "model": judgement.model,
            "cost_usd": float(judgement.cost_usd),
            "input_tokens": judgement.input_tokens,
            "output_tokens": judgement.output_tokens,
            "claims_supported": judgement.claims_supported,
            "claims_unsupported": judgement.claims_unsupported,
        },
    )


def _verdict_of_people(judgement: Judgement, views: Sequence[AspectView]) -> Iterator[TraceAssessment]:
    """What the verdict is with what people say, where anybody has overruled an aspect."""
    said = [view.overruled.created_at for view in views if view.overruled]
    if said:
        yield TraceAssessment(
            name="verdict", value=verdict_of(judgement), source="HUMAN", source_id=CONSULTANT, at=max(said)
        )


def _source(judgement: Judgement) -> Literal["LLM_JUDGE", "CODE"]:
    return "CODE" if judgement.judge == "embedded" else "LLM_JUDGE"


def _aspect_tell(judgement: Judgement, view: AspectView, vault: Vault) -> Iterator[TraceAssessment]:
    if view.judged is not None:
        yield TraceAssessment(
            name=view.aspect,
            value=view.judged,
            source=_source(judgement),
            source_id=judgement.judge_version,
            rationale=vault.hide(view.rationale),
            at=judgement.judged_at,
        )
    if view.overruled:
        yield TraceAssessment(
            name=view.aspect,
            value=view.overruled.value,
            source="HUMAN",
            source_id=CONSULTANT,
            rationale=vault.hide(view.overruled.reason),
            at=view.overruled.created_at,
        )

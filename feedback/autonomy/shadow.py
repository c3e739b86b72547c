"""Shadow: what the agent would have written, compared with what a consultant wrote who had not seen it.

Compared are the words, the meaning (by embedding), and, by the embedded judge, what the agent claims: held against what
it cites, which gives the verdict, and against the consultant's reply, which bears the claims out or not. They *agree*
when the verdict is not bad and either the replies mean about the same or the consultant's bears most claims out.
"""

import re
from dataclasses import dataclass

import numpy as np

from agents.errors import AgentError
from agents.judging.embedded.accuracy import claims_check
from agents.judging.types import Evidence, JudgeCase
from agents.providers.local.vectors import memory
from conversations.answering.answered import Answered, answered_get
from conversations.answering.written import written_get
from feedback.judging.services import embedded_verdict
from feedback.learning.cleaning import body_of
from feedback.learning.diffs import similarity
from feedback.models import ShadowComparison

ALIKE_FROM = 0.8  # likeness of meaning from which two replies say the same
BORNE_OUT_FROM = 0.5  # of the agent's claims
LEAST_ALIKE = 0.5  # below it one reply is about something else, whatever single claims say
_CITATION = re.compile(r"\s?\[\d{1,2}\]")


@dataclass(frozen=True)
class _Compared:
    similarity: float
    meaning: float
    borne_out: float | None
    verdict: str

    @property
    def agrees(self) -> bool:
        if self.verdict == "bad" or self.meaning < LEAST_ALIKE:
            return False
        return self.meaning >= ALIKE_FROM or (self.borne_out or 0.0) >= BORNE_OUT_FROM


def shadow_compare(*, message_id: str) -> ShadowComparison | None:
    """Compare the consultant's reply `message_id` with what the agent had written in the shadow; once. None where it
    did not work in the shadow, or wrote nothing. Embeds: a worker's work."""
    answered = answered_get(message_id=message_id)
    if answered is None or not answered.suggested.shadow or not answered.suggested.silent_run_id:
        return None
    known = ShadowComparison.objects.filter(run=answered.suggested.silent_run_id).first()
    if known is not None or not answered.suggested.silent.strip():
        return known
    compared = _compare(answered)
    comparison, _ = ShadowComparison.objects.get_or_create(
        run_id=answered.suggested.silent_run_id,
        defaults={
            "message_id": message_id,
            "category": answered.category,
            "would": answered.suggested.shadow,
            "similarity": compared.similarity,
            "meaning": compared.meaning,
            "borne_out": compared.borne_out,
            "verdict": compared.verdict,
            "agrees": compared.agrees,
            "created_at": answered.at,
        },
    )
    return comparison


def _compare(answered: Answered) -> _Compared:
    ours = body_of(answered.suggested.silent)
    theirs = body_of(answered.text, signed=answered.consultant)
    return _Compared(
        similarity=similarity(ours, theirs),
        meaning=_meaning(ours, theirs),
        borne_out=_borne_out(answered.question, ours, theirs),
        verdict=_verdict(answered.suggested.silent_run_id or ""),
    )


def _meaning(ours: str, theirs: str) -> float:
    first, second = memory.embed([ours or "-", theirs or "-"])
    return float(np.clip(first @ second, 0.0, 1.0))


def _borne_out(question: str, ours: str, theirs: str) -> float | None:
    """The consultant's reply taken for the only source. None when the agent claims nothing."""
    case = JudgeCase(
        question=question,
        reply=_CITATION.sub("", ours),
        kind="draft",
        evidence=(Evidence(1, "The consultant's reply", theirs),),
    )
    checked = claims_check(case)
    return sum(one.claim.supported for one in checked) / len(checked) if checked else None


def _verdict(run_id: str) -> str:
    """Of the embedded judge, which every installation has, whatever other judge there is. Nothing where it cannot."""
    written = written_get(run_id=run_id)
    if written is None:
        return ""
    try:
        return str(embedded_verdict(written))
    except AgentError:
        return ""

"""Cases that people have in hand when the demo begins, as written down in ``data/cases.yaml``.

They go through the services that consultants use; only what the agent would have found out is told, so that loading
them takes no time. Each is one transaction: killed and repeated, nothing is there twice.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from agents.factors import DEFAULT_WEIGHTS
from agents.types import Blocker, Decision, Factor, FactorFinding, RunResult
from conversations.escalations.services import (
    escalation_claim,
    escalation_open,
    escalation_reply,
    escalation_resolve,
    escalation_snooze,
)
from conversations.models import Channel, Conversation, Escalation, Identity, Message, Query
from conversations.services.messages import message_append
from omnicqm.demo.placing import conversation_place, is_placed
from omnicqm.demo.seeds import ConsultantAct, Seed, Turn

_FILE = Path(__file__).parent / "data" / "cases.yaml"
THRESHOLD = 80
NO_RUN: Any = None  # nobody has worked on it: there are no steps to look at


@dataclass(frozen=True)
class CaseAct:
    """What a consultant did with it: claim, snooze, wait, resolve or close."""

    by: str
    does: str
    hours_ago: float
    text: str = ""
    resolution: str = "solved"
    until_in_hours: float = 1.0


@dataclass(frozen=True)
class Case:
    """A customer's message of `hours_ago`, what the agent found out about it, and what was done."""

    key: str
    customer: str
    channel: str
    hours_ago: float
    text: str
    category: str
    summary: str
    draft: str
    factors: dict[str, list[str]]
    subject: str = ""
    blockers: list[str] = field(default_factory=list)
    due_in_hours: float | None = None
    act: CaseAct | None = None

    @property
    def seed(self) -> Seed:
        """As the day's conversations are told, to be dated back like them."""
        act = ConsultantAct(self.act.does, self.act.hours_ago, self.act.text) if self.act else None
        turn = Turn(self.channel, self.hours_ago, self.text)
        return Seed(self.key, (turn,), customer=self.customer, subject=self.subject, consultant=act)

    @property
    def result(self) -> RunResult:
        """What a run would have said. The score is that of its factors."""
        factors = {
            Factor(name): FactorFinding(1, DEFAULT_WEIGHTS[Factor(name)], tuple(evidence))
            for name, evidence in self.factors.items()
        }
        score = max(0, 100 - sum(finding.weight for finding in factors.values()))
        blockers = tuple(Blocker(code) for code in self.blockers)
        return RunResult(
            run_id=NO_RUN,
            decision=Decision.ESCALATE,
            reasons=(*(("score_below_threshold",) if score < THRESHOLD else ()), *blockers),
            blockers=blockers,
            score=score,
            threshold=THRESHOLD,
            factors=factors,
            explanation=f"Handed to a consultant with a confidence score of {score}.",
            intent="question",
            category=self.category,
            support=0.0,
            reply_text=self.draft.strip(),
            sources=(),
            model_used="",
            latency_ms=0,
            summary=self.summary,
            language="en",
        )


def cases_read() -> list[Case]:
    """All of them, in the order of the file."""
    return [_case(entry) for entry in yaml.safe_load(_FILE.read_text())]


def _case(entry: dict[str, Any]) -> Case:
    act = entry.pop("act", None)
    return Case(**entry, act=CaseAct(**act) if act else None)


def cases_load() -> int:
    """Load them; how many were new."""
    now = timezone.now()
    fresh = [case for case in cases_read() if not is_placed(case.key)]
    for case in fresh:
        _load(case, now)
    return len(fresh)


@transaction.atomic
def _load(case: Case, now: datetime) -> None:
    query = _message_take(case)
    escalation = escalation_open(conversation=query.conversation, queries=[query], result=case.result)
    if case.act:
        _act(escalation, case.act, now)
    conversation_place(case.seed, now=now)
    if case.due_in_hours is not None:
        due_at = now + timedelta(hours=case.due_in_hours)
        Escalation.objects.filter(pk=escalation.pk).update(due_at=due_at, response_due_at=due_at)


def _message_take(case: Case) -> Query:
    """Stored as if it had come in; no worker is woken, for it is handed to people in the same transaction."""
    sender = Identity.objects.select_related("customer").get(kind=Identity.Kind.EMAIL, value=case.customer)
    channel = Channel.objects.get(pk=case.channel)
    conversation = Conversation.objects.create(customer=sender.customer, subject=case.subject, category=case.category)
    message = message_append(
        conversation=conversation,
        direction=Message.Direction.INBOUND,
        author=Message.Author.CUSTOMER,
        channel=channel,
        text=case.text.strip(),
        raw_text=case.text.strip(),
        subject=case.subject,
        sender=sender,
        sender_verified=True,
        external_id=case.seed.external_id(0),
        metadata={"demo": case.key},
    )
    return Query.objects.create(message=message, conversation=conversation, channel=channel)


def _act(escalation: Escalation, act: CaseAct, now: datetime) -> None:
    user = User.objects.get(username=act.by)
    seen = Conversation.objects.get(pk=escalation.conversation_id).last_seq
    escalation = escalation_claim(escalation=escalation, user=user)
    match act.does:
        case "claim":
            pass
        case "snooze":
            escalation_snooze(escalation=escalation, user=user, until=now + timedelta(hours=act.until_in_hours))
        case "wait":
            escalation_reply(escalation=escalation, user=user, text=act.text, known_seq=seen, then="waiting")
        case "resolve":
            escalation_reply(escalation=escalation, user=user, text=act.text, known_seq=seen, then="resolve")
        case "close":
            escalation_resolve(escalation=escalation, user=user, resolution=act.resolution)
        case _:
            raise ValueError(f"a consultant does not '{act.does}'")

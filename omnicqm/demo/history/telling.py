"""One invented case, from its first query to its end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics.models import AttemptFact, CaseFact, EscalationFact, QueryFact
from omnicqm.demo.history.models import Call, attempt_make, calls_of_run
from omnicqm.demo.history.people import Person, picked

if TYPE_CHECKING:
    from omnicqm.demo.history.cases import CaseHistory

WINDOW = timedelta(days=7)
_REASONS = {
    "orders": {"account_matter": 5, "no_support": 3, "asked_for_person": 2, "urgency": 1},
    "returns": {"no_support": 4, "account_matter": 3, "asked_for_person": 2, "angry_frustrated_tone": 1},
    "product": {"no_knowledge": 5, "no_support": 3, "multiple_topics": 1},
    "billing": {"account_matter": 6, "no_support": 2, "asked_for_person": 2},
    "account": {"account_matter": 6, "unverified_account_matter": 4},
    "technical": {"no_knowledge": 4, "unclear_info": 3, "no_support": 2},
    "complaint": {"premium_complaints": 3, "angry_frustrated_tone": 6, "asked_for_person": 4},
}
_DUE = {"standard": 8, "gold": 4, "premium": 2}  # hours


@dataclass
class Facts:
    """What has been invented so far."""

    queries: list[QueryFact] = field(default_factory=list)
    cases: list[CaseFact] = field(default_factory=list)
    escalations: list[EscalationFact] = field(default_factory=list)
    attempts: list[AttemptFact] = field(default_factory=list)


@dataclass(order=True)
class Beginning:
    """A case that begins at `at`; `returns` counts how often its customer has come back already."""

    at: datetime
    number: int
    person: Person = field(compare=False)
    category: str = field(compare=False)
    channel: str = field(compare=False)
    returns: int = field(compare=False, default=0)


@dataclass
class Telling:
    """One case being told."""

    history: "CaseHistory"
    begun: Beginning
    key: str
    version: str
    broken: bool
    at: datetime = field(init=False)
    answered_at: datetime = field(init=False)
    queries: list[QueryFact] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = self.begun.at

    @property
    def _shared(self) -> dict[str, object]:
        return {
            "channel": self.begun.channel,
            "category": self.begun.category,
            "language": self.begun.person.language,
            "service_level": self.begun.person.service_level,
            "prompt_version": self.version,
            "conversation_id": self.key,
            "is_demo": True,
        }

    def query(self, status: str) -> None:
        """The customer writes; `status` is how that ends."""
        chance, facts = self.history.chance, self.history.facts
        calls = calls_of_run(self.at, chance, broken=self.broken)
        run_failed = self.broken and status == "escalated" and chance.random() < 0.5
        run_ms = sum(call.latency_ms for call in calls) + chance.randrange(40, 220)
        by_agent = status in ("answered", "clarification")
        seconds = run_ms / 1000 + chance.uniform(0.05, 0.4) if by_agent else None
        key = f"qry_demo{len(facts.queries):022}"
        query = QueryFact(
            **self._shared,
            query_id=key,
            at=self.at,
            customer_id=self.begun.person.customer_id,
            run_id=f"run_demo{len(facts.queries):022}",
            model=calls[-1].model,
            status=status,
            decision={"answered": "auto_send", "clarification": "clarify"}.get(status, "escalate"),
            answered_by="agent" if by_agent else "",
            is_automatic=False,
            is_covered=False,
            has_run=True,
            run_failed=run_failed,
            fell_back=any(call.provider != "primary" for call in calls),
            is_final=True,
            score=100 if by_agent else chance.choice((0, 5, 15, 20, 50, 70)),
            support=round(chance.uniform(0.55, 0.98) if by_agent else chance.uniform(0.05, 0.8), 3),
            run_ms=run_ms,
            answer_seconds=seconds,
            cost_usd=sum(call.cost_usd for call in calls),
            input_tokens=sum(call.read for call in calls),
            output_tokens=sum(call.output_tokens for call in calls),
            **(self._said_of_it() if by_agent else {}),
        )
        facts.queries.append(query)
        self.queries.append(query)
        facts.attempts.extend(self._attempt(call, key, number) for number, call in enumerate(calls))
        self.answered_at = self.at + timedelta(milliseconds=run_ms)
        if not by_agent:
            self._escalate(query)
        query.finished_at = self.answered_at
        self.at = self.answered_at + timedelta(minutes=chance.uniform(0.6, 14))

    def reopen(self) -> bool:
        """The customer writes in it again days later. Whether that was before today."""
        self.at = self.answered_at + timedelta(hours=self.history.chance.uniform(26, 130))
        if self.at >= self.history.calendar.until:
            return False
        self.query("answered")
        return True

    def _said_of_it(self) -> dict[str, object]:
        """What customers and the judge say of a reply."""
        chance, is_new = self.history.chance, self.version == self.history.versions[1]
        said: dict[str, object] = {}
        if chance.random() < 0.34:
            said["not_helpful" if chance.random() < (0.10 if is_new else 0.22) else "helpful"] = 1
        if chance.random() < 0.97:
            relevance, accuracy = (1 - min(chance.expovariate(14 if is_new else 9), 1) for _ in range(2))
            worst = min(relevance, accuracy)
            said |= {
                "relevance": round(relevance, 3),
                "accuracy": round(accuracy, 3),
                "safety": 1.0 if chance.random() < 0.995 else 0.5,
                "verdict": "good" if worst >= 0.75 else "doubtful" if worst >= 0.5 else "bad",
            }
        return said

    def _attempt(self, call: Call, query_id: str, number: int) -> AttemptFact:
        return attempt_make(
            call,
            attempt_id=f"att_demo{query_id[-20:]}{number:02}",
            query_id=query_id,
            area="reply",
            scope=f"channel:{self.begun.channel}",
            channel=self.begun.channel,
            category=self.begun.category,
            prompt_version=self.version,
        )

    def _escalate(self, query: QueryFact) -> None:
        """People answer it, at night the next morning, and sometimes late."""
        chance = self.history.chance
        opened = self.answered_at
        wait = timedelta(minutes=chance.lognormvariate(3.9, 0.75))
        local = opened.astimezone(self.history.calendar.zone)
        if local.hour < 8:
            wait += timedelta(hours=8 - local.hour)
        elif local.hour >= 18:
            wait += timedelta(hours=32 - local.hour)
        reason = "agent_unavailable" if query.run_failed else picked(_REASONS[self.begun.category], chance)
        has_draft = not query.run_failed and reason not in ("asked_for_person", "no_knowledge")
        is_answered = chance.random() < 0.95
        wait = min(wait, self.history.calendar.now - opened - timedelta(minutes=1))
        due = _DUE[self.begun.person.service_level]
        self.answered_at = opened + wait
        self.history.facts.escalations.append(
            EscalationFact(
                **self._shared,
                escalation_id=query.query_id.replace("qry", "esc"),
                at=opened,
                query_id=query.query_id,
                model=query.model,
                queue=self.begun.category,
                state="answered" if is_answered else "closed",
                reason=reason,
                reasons=[reason],
                score=query.score,
                due_at=opened + max(timedelta(hours=due), wait if chance.random() < 0.8 else timedelta()),
                closed_at=self.answered_at,
                handling_seconds=wait.total_seconds(),
                has_draft=has_draft,
                is_answered=is_answered,
                draft_similarity=self._similarity() if has_draft and is_answered else None,
            )
        )
        query.reason = reason
        if is_answered:
            query.status, query.answered_by = "answered", "consultant"
            query.answer_seconds = (self.answered_at - query.at).total_seconds()

    def _similarity(self) -> float:
        kind = self.history.chance.choices(("same", "edited", "rewritten"), weights=(44, 36, 20))[0]
        if kind == "same":
            return 1.0
        return round(self.history.chance.uniform(*{"edited": (0.8, 0.97), "rewritten": (0.1, 0.7)}[kind]), 3)

    def end(self, *, resolved: bool, reopened: bool) -> None:
        last, window = self.queries[-1], self.answered_at + WINDOW
        first = next((query for query in self.queries if query.answer_seconds is not None), None)
        escalated = any(query.reason for query in self.queries)
        self.history.facts.cases.append(
            CaseFact(
                **self._shared,
                at=self.begun.at,
                customer_id=self.begun.person.customer_id,
                model=last.model,
                queries=len(self.queries),
                last_status=last.status,
                involved=True,
                escalated=escalated,
                person_spoke=escalated,
                answered_by_agent=last.answered_by == "agent",
                reopened=reopened,
                came_back=False,
                resolved=resolved,
                is_provisional=False,
                asked_at=last.at,
                answered_at=self.answered_at,
                window_until=window,
                first_answer_seconds=(
                    (first.at - self.begun.at).total_seconds() + (first.answer_seconds or 0) if first else None
                ),
                resolution_seconds=(
                    (self.answered_at - self.begun.at).total_seconds() if last.status == "answered" else None
                ),
                cost_usd=sum(query.cost_usd for query in self.queries),
            )
        )

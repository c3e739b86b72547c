"""A small company of which every figure can be counted by hand."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.models import Run
from agents.types import REPLAYS
from conversations.models import Conversation, Customer, Escalation, Insight, Message, Query
from conversations.services.messages import message_append
from feedback.models import Judgement, Overruling, Rating
from omnicqm.common.models import Attempt, AuditEvent
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make
from tests.feedback.people import insight_make

_number = iter(range(1, 100_000))


def person() -> Customer:
    return customer_make(f"person-{next(_number)}@example.com")


def asked(
    at: datetime, conversation: Conversation | None = None, *, customer: Customer | None = None,
    category: str = "returns", channel: str = "outlook", **fields: Any,
) -> Query:  # fmt: skip
    """A query of that moment, still waiting."""
    conversation = conversation or conversation_make(customer or person(), category=category)
    query = query_make(conversation, "How long may I keep it?", channel=channel, created_at=at, **fields)
    Message.objects.filter(pk=query.message_id).update(created_at=at, received_at=at)
    Conversation.objects.filter(pk=conversation.pk, category="").update(category=category)
    return query


def run_of(query: Query, *, calls: tuple[tuple[str, str], ...] = (("ok", "0.0010"),), **fields: Any) -> Run:
    """The run on `query`, with a ledger row per (outcome, cost); after a failure the second model is asked."""
    run = Run.objects.create(
        **{
            "scope": f"channel:{query.channel_id}", "origin": query.pk, "state": "finished", "decision": "auto_send",
            "score": 100, "threshold": 80, "category": query.conversation.category, "model_used": "local-extractive",
            "prompt_version": "v1", "latency_ms": 400, "started_at": query.created_at,
            "finished_at": query.created_at, **fields,
        }
    )  # fmt: skip
    provider = "primary"
    for outcome, cost in calls:
        Attempt.objects.create(
            at=query.created_at, purpose="compose", provider=provider, model=run.model_used, scope=run.scope,
            run_id=run.pk, input_tokens=100, output_tokens=20, cost_usd=Decimal(cost), latency_ms=300, outcome=outcome,
        )  # fmt: skip
        provider = provider if outcome == "ok" else "secondary"
    Query.objects.filter(pk=query.pk).update(run=run)
    return run


def tried_again(query: Query, *, origin: str = "") -> Run:
    """A replay of `query`, with its row of the ledger; by the `origin` of a further draft, a consultant's wish."""
    run = Run.objects.create(
        scope=REPLAYS, origin=origin, state="finished", decision="auto_send", score=100, threshold=80,
        category=query.conversation.category, model_used="local-extractive", prompt_version="v1", latency_ms=400,
        started_at=query.created_at, finished_at=query.created_at,
    )  # fmt: skip
    Attempt.objects.create(
        at=query.created_at, purpose="compose", provider="primary", model=run.model_used, scope=REPLAYS, run_id=run.pk,
        input_tokens=100, output_tokens=20, cost_usd=Decimal("0.0010"), latency_ms=300, outcome="ok",
    )  # fmt: skip
    return run


def answered(query: Query, *, after: timedelta = timedelta(seconds=2), by: str = "assistant", **run: Any) -> Query:
    """Answered by the agent (with a run) or, `by` consultant, by a person."""
    if by == "assistant":
        run_of(query, **run)
    query.refresh_from_db()
    reply = _reply(query, query.created_at + after, by)
    status = "clarification" if run.get("decision") == "clarify" else "answered"
    Query.objects.filter(pk=query.pk).update(status=status, reply=reply, finished_at=query.created_at + after)
    query.refresh_from_db()
    return query


def escalated(query: Query, reason: str = "asked_for_person", *, draft: str = "", **run: Any) -> Escalation:
    """Handed to people by its run."""
    run_of(query, **{"decision": "escalate", "score": 40, **run})
    Query.objects.filter(pk=query.pk).update(status="escalated", finished_at=query.created_at)
    query.refresh_from_db()
    return Escalation.objects.create(
        query=query, conversation=query.conversation, queue=query.conversation.category, reasons=[reason],
        draft=draft, score=40, due_at=query.created_at + timedelta(hours=8), created_at=query.created_at,
    )  # fmt: skip


def replied(escalation: Escalation, text: str, *, after: timedelta) -> None:
    """A consultant answers the escalation."""
    query = escalation.query
    at = query.created_at + after
    reply = _reply(query, at, "consultant", text)
    Escalation.objects.filter(pk=escalation.pk).update(state="answered", reply=reply, closed_at=at)
    Query.objects.filter(pk=query.pk).update(status="answered", reply=reply, finished_at=at)


def _reply(query: Query, at: datetime, author: str, text: str = "Thirty days.") -> Message:
    conversation = Conversation.objects.get(pk=query.conversation_id)
    reply = message_append(
        conversation=conversation, direction="outbound", author=author, channel=channel_get(query.channel_id), text=text
    )
    Message.objects.filter(pk=reply.pk).update(created_at=at)
    return reply


def solved(conversation: Conversation, at: datetime) -> None:
    """The customer called it solved at that moment."""
    AuditEvent.objects.create(
        at=at, actor="customer:x", action="conversation.resolved", object_type="conversation", object_id=conversation.pk
    )


def rated(query: Query, feedback: str, rater: str = "customer:a") -> None:
    Rating.objects.filter(query=query, rater=rater).update(is_current=False)
    Rating.objects.create(query=query, rater=rater, feedback=feedback)


def told(at: datetime, customer: Customer | None = None, *, cost: str = "0.0020", **fields: Any) -> Insight:
    """A summary that a CRM agent got at that moment, with its ledger row when it was generated."""
    insight = insight_make(created_at=at, generated_at=at, customer=customer, **fields)
    if insight.cache != "result" and insight.model_used != "none":
        Attempt.objects.create(
            at=at, purpose="summarise", provider="primary", model=insight.model_used, scope="insights",
            run_id=insight.pk, input_tokens=900, cache_read_tokens=300, output_tokens=100, cost_usd=Decimal(cost),
            latency_ms=insight.model_ms, outcome="ok",
        )  # fmt: skip
    return insight


def found_helpful(insight: Insight, helpful: bool = True, reason: str = "") -> None:
    feedback = "helpful" if helpful else "not_helpful"
    Rating.objects.create(insight=insight, rater="client:crm", feedback=feedback, reason=reason)


def judged(query: Query, *, kind: str = "reply", **fields: Any) -> Judgement:
    """What the run of `query` wrote has been read by the judge."""
    return Judgement.objects.create(
        **{
            "run_id": query.run_id, "kind": kind, "state": "judged", "judge": "embedded", "judge_version": "1",
            "judge_hash": "x", "verdict": "good", "relevance": 0.9, "accuracy": 0.8, "safety": 1.0,
            "judged_at": query.created_at, **fields,
        }
    )  # fmt: skip


def overruled(judgement: Judgement, aspect: str, value: float) -> None:
    """People say otherwise; what they said before does not hold any more."""
    Overruling.objects.filter(judgement=judgement, aspect=aspect).update(is_current=False)
    Overruling.objects.create(
        judgement=judgement, aspect=aspect, value=value, label="doubtful", reason="It is 14 days.", actor="user:1"
    )


def october() -> None:
    """A month of a small company in which everything happens that a metric counts: 70 cases and 60 summaries.

    The same every time; what it adds up to, `test_every_metric` counts by SQL of its own.
    """
    chance = random.Random(10)
    begin = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
    people = [person() for _ in range(24)]
    for number in range(70):
        at = begin + timedelta(hours=number * 9.7)
        _case(at, chance.choice(people), chance)
    for number in range(60):
        _summary(begin + timedelta(hours=number * 11.3), chance.choice(people), chance, number)
    _judgements()
    tried_again(Query.objects.exclude(run=None).earliest("created_at"))
    Attempt.objects.create(
        at=begin, purpose="transcribe", provider="local", model="pocketsphinx", scope="channel:chat", latency_ms=700,
        outcome="error", cost_usd=Decimal("0.0005"),
    )  # fmt: skip


def _judgements() -> None:
    """Of what the agent wrote most has been judged: replies, questions back and drafts."""
    chance = random.Random(11)
    for query in Query.objects.exclude(run=None).order_by("created_at").select_related("reply"):
        by_agent = query.reply is not None and query.reply.author == "assistant"
        kind = "draft" if not by_agent else "question" if query.status == "clarification" else "reply"
        fate = chance.choice(("judged", "judged", "overruled", "overruled twice", "failed", "left out"))
        if fate == "failed":
            scores = {"verdict": "", "relevance": None, "accuracy": None, "safety": None, "judged_at": None}
            judged(query, kind=kind, state="failed", **scores)
        elif fate != "left out":
            accuracy = chance.choice((None, 0.25, 0.5, 1.0))
            made = judged(query, kind=kind, relevance=chance.randrange(101) / 100, accuracy=accuracy, safety=0.75)
            for _ in range(("judged", "overruled", "overruled twice").index(fate)):
                overruled(made, chance.choice(("relevance", "accuracy", "safety")), chance.randrange(101) / 100)


def _case(at: datetime, customer: Customer, chance: random.Random) -> None:
    matter = {
        "category": chance.choice(("returns", "orders", "billing")),
        "channel": chance.choice(("outlook", "chat")),
    }
    query = asked(at, customer=customer, **matter)
    calls = chance.choice(
        ((("ok", "0.0010"),), (("timeout", "0"), ("ok", "0.0031")), (("ok", "0.0002"), ("ok", "0.0004")))
    )
    run = {"calls": calls, "latency_ms": chance.randrange(200, 4000), "prompt_version": chance.choice(("v1", "v2"))}
    kind = chance.choice(
        ("alone", "alone", "alone", "again", "asked back", "people", "draft", "closed", "note", "broken")
    )
    if kind in ("alone", "again", "asked back"):
        decision = "clarify" if kind == "asked back" else "auto_send"
        answered(query, after=timedelta(seconds=chance.uniform(1, 60)), decision=decision, **run)
        if chance.random() < 0.5:
            rated(query, chance.choice(("helpful", "not_helpful")))
    if kind == "again":
        later = query.created_at + timedelta(hours=chance.choice((1, 30, 200)))
        if chance.random() < 0.4:
            solved(query.conversation, query.created_at + timedelta(minutes=5))
        answered(asked(later, query.conversation, **matter), **run)
    if kind in ("people", "draft"):
        draft = "You may return it within thirty days of the delivery, with the receipt." if kind == "draft" else ""
        sent = chance.choice((draft, draft + " Best wishes.", "No.")) or "I look after it."
        escalation = escalated(query, chance.choice(("asked_for_person", "no_support")), draft=draft, **run)
        replied(escalation, sent, after=timedelta(hours=chance.uniform(0.2, 12)))
    if kind == "closed":
        escalated(query, "account_matter", **run)
    if kind == "note":
        Query.objects.filter(pk=query.pk).update(status="ignored", finished_at=at)
    if kind == "broken":
        escalated(query, "agent_unavailable", state="failed", model_used="", **run)


def _summary(at: datetime, customer: Customer, chance: random.Random, number: int) -> None:
    cache = chance.choice(("none", "none", "prompt", "result"))
    fields = {
        "contact_id": f"call-{number}", "latency_ms": chance.randrange(100, 9000), "cache": cache,
        "model_used": ("nova", "haiku", "local-extractive")[number % 3], "prompt_version": f"s{number % 2}",
    }  # fmt: skip
    insight = told(
        at, customer, fell_back=chance.random() < 0.1, ivr_intent=chance.choice(("misc", "return")), **fields
    )
    if chance.random() < 0.2:
        told(
            at + timedelta(minutes=3),
            customer,
            contact_id=f"call-{number}-b",
            latency_ms=50,
            cache=chance.choice(("result", "none")),
        )
    if chance.random() < 0.1:
        told(at, None, model_used="none", prompt_version="none", contact_id=f"call-{number}-c")
    if chance.random() < 0.7:
        found_helpful(insight, chance.random() < 0.8, ("", "wrong", "too_long")[number % 3])

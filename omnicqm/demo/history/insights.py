"""Ninety days of summaries told to CRM agents, as facts."""

import hashlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from analytics.models import AttemptFact, InsightFact
from omnicqm.demo.history.models import MODELS, Call, attempt_make, call_invent, call_lost
from omnicqm.demo.history.people import CUSTOMERS, picked
from omnicqm.demo.history.rhythm import Calendar

INTENTS = {"delivery_status": 38, "return": 19, "complaint": 11, "billing": 12, "advice": 9, "misc": 11}
_WHY = ("incomplete", "incomplete", "outdated", "wrong", "incomplete", "too_long", "unclear", "")
_SHARE = 0.55  # contacts by phone for one case in writing


def insights_invent(
    calendar: Calendar, chance: random.Random, version: str
) -> Iterator[tuple[InsightFact, list[AttemptFact]]]:
    """Summaries with the ledger rows of those that were generated, day by day."""
    number = 0
    for day in calendar.days:
        for _ in range(round(calendar.cases(day, chance) * _SHARE)):
            at = calendar.moment(day, chance)
            customer = f"cus_demo{chance.randrange(CUSTOMERS):022}"
            intent = picked(INTENTS, chance)
            transfers = chance.choices((0, 1, 2), weights=(84, 13, 3))[0]
            for transfer in range(1 + transfers):
                if at < calendar.until:
                    yield _told(at, customer, intent, version, number, transfer > 0, calendar.is_incident(at), chance)
                    number += 1
                at += timedelta(minutes=chance.uniform(1, 4.5))


def _told(
    at: datetime, customer: str, intent: str, version: str, number: int, is_transfer: bool, broken: bool,
    chance: random.Random,
) -> tuple[InsightFact, list[AttemptFact]]:  # fmt: skip
    is_empty = not is_transfer and chance.random() < 0.05
    repeats = not is_empty and chance.random() < (0.74 if is_transfer else 0.12)
    calls = [] if is_empty or repeats else _calls(at, chance, broken)
    model_ms = sum(call.latency_ms for call in calls)
    provider = calls[-1].provider if calls else "primary"
    prompt_cached = bool(calls and calls[-1].cache_read_tokens)
    key = f"ins_demo{number:022}"
    insight = InsightFact(
        insight_id=key,
        at=at,
        customer_id=customer,
        contact=hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(),
        client="demo",
        ivr_intent=intent,
        model="none" if is_empty else MODELS[provider],
        prompt_version="none" if is_empty else version,
        cache="result" if repeats else "prompt" if prompt_cached else "none",
        is_empty=is_empty,
        is_transfer=is_transfer,
        fell_back=provider != "primary",
        latency_ms=model_ms + chance.randrange(18, 140),
        model_ms=model_ms,
        cost_usd=sum((call.cost_usd for call in calls), Decimal(0)),
        input_tokens=sum(call.read for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
        is_demo=True,
        **_rating(is_empty, broken, number, chance),
    )
    return insight, [_attempt(call, key, place, version) for place, call in enumerate(calls)]


def _rating(is_empty: bool, broken: bool, number: int, chance: random.Random) -> dict[str, Any]:
    if chance.random() > 0.84:
        return {}
    good = 0.35 if is_empty else 0.6 if broken else 0.88
    if chance.random() < good:
        return {"helpful": 1}
    return {"not_helpful": 1, "rating_reason": "incomplete" if is_empty else _WHY[number % len(_WHY)]}


def _calls(at: datetime, chance: random.Random, broken: bool) -> list[Call]:
    lost = []
    if chance.random() < (0.7 if broken else 0.03):
        lost = [call_lost(at, "summarise", "timeout" if broken or chance.random() < 0.7 else "error", chance)]
        at += timedelta(milliseconds=lost[0].latency_ms)
    return [*lost, call_invent(at, "summarise", "secondary" if lost else "primary", chance)]


def _attempt(call: Call, insight_id: str, place: int, version: str) -> AttemptFact:
    return attempt_make(
        call,
        attempt_id=f"att_ins{insight_id[-20:]}{place:02}",
        area="insight",
        scope="insights",
        prompt_version=version,
    )

"""The sliders' figures equal a recomputation from scratch: run by run, case by case, from the rows themselves."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from agents.factors import DEFAULT_WEIGHTS, score_compute
from agents.gate import SUPPORT_FLOOR, Policy, Signals, gate_decide
from agents.models import Run
from agents.types import Autonomy, Blocker, Decision, Factor, FactorFinding
from agents.vectors import SETTLED_BY_ASKING, Vector, vector_store
from analytics.models import CaseFact, EscalationFact, QueryFact
from analytics.rehearsal import Score, history_load, rehearse
from analytics.rehearsal.figures import as_it_was, curve
from conversations.models import Escalation
from conversations.services.channels import channels_ensure_defaults
from feedback.models import Correction
from tests.console.people import escalation_make, question_answered
from tests.conversations.people import channel_get

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CASES = 160
CHANNELS = ("outlook", "chat", "careful", "drafts")


@pytest.fixture
def cases():
    """Cases of all kinds: with several runs, of another category too, reopened, taken over, held back, judged."""
    channels_ensure_defaults()
    channel_get("careful", threshold=85)
    channel_get("drafts", autonomy="draft")
    chance = random.Random(4)
    for number in range(CASES):
        _case(number, chance)


@pytest.fixture
def corrections(cases):
    """What became of the drafts of some runs: of each kind, with a reply where there was one."""
    chance = random.Random(7)
    escalation = escalation_make()
    kinds = list(Correction.Kind)
    for number, run_id in enumerate(Run.objects.order_by("pk").values_list("pk", flat=True)):
        if chance.random() < 0.3:
            _correction(escalation, kinds[number % len(kinds)], run_id)


def _correction(escalation: Escalation, kind: Correction.Kind, run_id: str) -> Correction:
    without_reply = kind in (Correction.Kind.REJECTED, Correction.Kind.UNUSED)
    return Correction.objects.create(
        escalation=escalation, kind=kind, run_id=run_id, similarity=0.0, draft_key=run_id[-10:],
        message=None if without_reply else question_answered(escalation.conversation),
    )  # fmt: skip


def _case(number: int, chance: random.Random) -> None:
    at = NOW - timedelta(hours=chance.uniform(1, 24 * 40))
    returned, taken = chance.random() < 0.15, chance.random() < 0.05
    queries = [_query(number, place, at, chance) for place in range(chance.choice((1, 1, 1, 2, 3)))]
    alone = all(query.answered_by == "agent" for query in queries) and queries[-1].status == "answered"
    CaseFact.objects.create(
        conversation_id=f"cnv_{number}", customer_id="cus_1", channel="outlook", category="orders", at=at,
        queries=len(queries), last_status=queries[-1].status, involved=True, escalated=not alone and not taken,
        person_spoke=taken or not alone, answered_by_agent=alone, reopened=returned, came_back=False,
        resolved=alone and not (returned or taken), is_provisional=False, asked_at=at,
    )  # fmt: skip


def _query(number: int, place: int, at: datetime, chance: random.Random) -> QueryFact:
    counts = {factor: 1 for factor in Factor if chance.random() < 0.18}
    vector = Vector(
        counts=counts,
        support=chance.choice((0.2, 0.49, 0.5, 0.9)),
        blockers=frozenset({Blocker.ACCOUNT_MATTER} if chance.random() < 0.1 else ()),
        clarifiable=chance.random() < 0.1,
        needs_support=chance.random() < 0.9,
    )
    decision = chance.choice(list(Decision)[:1] * 3 + [Decision.CLARIFY] + [Decision.ESCALATE] * 2)
    held = decision is Decision.AUTO_SEND and chance.random() < 0.1
    alone = decision is not Decision.ESCALATE and not held
    status = {Decision.AUTO_SEND: "answered", Decision.CLARIFY: "clarification"}[decision] if alone else "escalated"
    key = f"{number}_{place}"
    Run.objects.create(
        id=f"run_{key}", scope="channel:outlook", category="orders", vector=vector_store(vector),
        support=vector.support, state="running",
    )  # fmt: skip
    judged = chance.random() < 0.5
    fact = QueryFact.objects.create(
        query_id=f"qry_{key}", run_id=f"run_{key}", conversation_id=f"cnv_{number}", customer_id="cus_1",
        at=at + timedelta(minutes=place), channel=chance.choice(CHANNELS),
        category="orders" if chance.random() < 0.85 else "returns", status=status, decision=decision,
        answered_by="agent" if alone else "", is_automatic=False, is_covered=False, has_run=True, run_failed=False,
        fell_back=False, is_final=True, not_helpful=int(chance.random() < 0.1), helpful=int(chance.random() < 0.1),
        relevance=0.9 if judged else None, accuracy=chance.choice((0.3, 0.6, 0.9, None)) if judged else None,
        safety=1.0 if judged else None,
    )  # fmt: skip
    if not alone and chance.random() < 0.5:
        EscalationFact.objects.create(
            escalation_id=f"esc_{key}", query_id=fact.query_id, conversation_id=fact.conversation_id, at=at,
            channel="outlook", queue="orders", state="answered", reason="", due_at=at, has_draft=True,
            is_answered=True, draft_similarity=chance.choice((0.2, 0.5, 1.0)),
        )  # fmt: skip
    return fact


@dataclass
class Expected:
    cases: int = 0
    resolved: int = 0
    runs: int = 0
    sent: int = 0
    asked: int = 0
    escalated: int = 0
    known: int = 0
    wrong: int = 0


def recompute(score: Score, *, days: int) -> Expected:
    """Each run decided again in plain code, from the columns of the rows."""
    told = Expected()
    for case in CaseFact.objects.filter(at__gte=NOW - timedelta(days=days), at__lt=NOW):
        told.cases += 1
        outcomes, useless = [], False
        for fact in QueryFact.objects.filter(conversation_id=case.conversation_id).order_by("at"):
            outcome, real, reply = decide(fact, score), really(fact), said_of(fact)
            outcomes.append(outcome)
            told.runs += 1
            told.sent += outcome == "auto_send"
            told.asked += outcome == "clarify"
            told.escalated += outcome == "escalate"
            if outcome == "auto_send":
                told.known += reply != "unknown"
                told.wrong += reply == "wrong"
                useless |= real != "auto_send" and reply == "wrong"
        taken = case.person_spoke and not case.escalated
        alone = outcomes[-1] == "auto_send" and "escalate" not in outcomes
        told.resolved += alone and not (case.reopened or case.came_back or taken or useless)
    return told


def really(fact: QueryFact) -> str:
    return "escalate" if fact.status == "escalated" else fact.decision


def decide(fact: QueryFact, score: Score) -> str:
    held = fact.decision != "escalate" and fact.status == "escalated"
    if held or fact.category != "orders":
        return really(fact)
    run = Run.objects.get(pk=fact.run_id)
    found = {
        Factor(name): FactorFinding(count, score.weights[Factor(name)]) for name, count in run.vector["counts"].items()
    }
    signals = Signals(
        score=score_compute(found),
        score_if_clear=score_compute(found, leave_out=SETTLED_BY_ASKING),
        support=1.0 if run.support >= SUPPORT_FLOOR else 0.0,
        blockers=frozenset(map(Blocker, run.vector["blockers"])),
        clarifiable="clarifiable" in run.vector["flags"],
        needs_support="needs_support" in run.vector["flags"],
    )
    channel = channel_get(fact.channel)
    policy = Policy(max(score.threshold, channel.threshold or 0), Autonomy(channel.autonomy))
    return str(gate_decide(signals, policy).decision)


def said_of(fact: QueryFact) -> str:
    edited = EscalationFact.objects.filter(query_id=fact.query_id).values_list("draft_similarity", flat=True).first()
    aspects = [value for value in (fact.relevance, fact.accuracy, fact.safety) if value is not None]
    became = set(Correction.objects.filter(run_id=fact.run_id).values_list("kind", flat=True))
    bad, good = became & {"rewritten", "rejected"}, became & {"as_is", "edited"}
    if min(aspects, default=1) < 0.5 or fact.not_helpful or (edited is not None and edited < 0.5) or bad:
        return "wrong"
    return "right" if aspects or fact.helpful or edited is not None or good else "unknown"


def counted(figures) -> Expected:
    return Expected(**{name: getattr(figures, name) for name in Expected.__annotations__})


def scores(count: int) -> list[Score]:
    chance = random.Random(9)
    tried = [Score(chance.randint(0, 100), {factor: chance.randint(0, 100) for factor in Factor}) for _ in range(count)]
    return [Score(80, DEFAULT_WEIGHTS), Score(0, DEFAULT_WEIGHTS), Score(100, dict.fromkeys(Factor, 0)), *tried]


def test_every_setting_gives_what_a_recomputation_gives(corrections):
    history = history_load("orders", days=30, now=NOW)
    seen = set()
    for score in scores(25):
        expected = recompute(score, days=30)
        assert counted(rehearse(history, score)) == expected, score
        seen.add((expected.sent, expected.resolved, expected.wrong))
    assert len(seen) > 15, "the settings make a difference"


def test_what_a_case_had_no_use_for_is_not_wrong(cases):
    everything, history = Score(0, dict.fromkeys(Factor, 0)), history_load("orders", days=30, now=NOW)
    before = counted(rehearse(history, everything))
    escalation = escalation_make()
    for run_id in Run.objects.values_list("pk", flat=True):
        _correction(escalation, Correction.Kind.UNUSED, run_id)
    assert counted(rehearse(history_load("orders", days=30, now=NOW), everything)) == before


def test_what_became_of_another_draft_says_nothing_of_the_runs_own(cases):
    """A consultant asked for another suggestion and sent that one."""
    unknown = QueryFact.objects.filter(decision="escalate", relevance=None, helpful=0, not_helpful=0)
    fact = unknown.exclude(query_id__in=EscalationFact.objects.values("query_id")).latest("at")
    escalation = escalation_make()
    EscalationFact.objects.create(
        escalation_id=escalation.pk, query_id=fact.query_id, conversation_id=fact.conversation_id, at=fact.at,
        channel="outlook", queue="orders", state="answered", reason="", due_at=fact.at, has_draft=True,
        is_answered=True, draft_similarity=1.0,
    )  # fmt: skip
    before = unknown_replies()
    correction = _correction(escalation, Correction.Kind.AS_IS, fact.run_id)
    assert unknown_replies() == before
    Correction.objects.filter(pk=correction.pk).update(run=None)
    assert unknown_replies() == before + 1


def unknown_replies() -> int:
    history = history_load("orders", days=30, now=NOW)
    return sum(times for kind, times in zip(history.kinds, history.times, strict=True) if kind.reply == "unknown")


def test_so_does_the_curve(corrections):
    history = history_load("orders", days=30, now=NOW)
    score = scores(1)[-1]
    for at, figures in zip((0, 50, 85, 100), curve(history, score, (0, 50, 85, 100)), strict=True):
        assert counted(figures) == recompute(Score(at, score.weights), days=30)


def test_as_it_was_alpha_is_that_of_the_catalogue(cases):
    history = history_load("orders", days=30, now=NOW)
    was = as_it_was(history)
    found = CaseFact.objects.filter(at__gte=NOW - timedelta(days=30), at__lt=NOW)
    assert (was.cases, was.resolved) == (found.count(), found.filter(resolved=True).count())


def test_what_is_not_in_the_period_or_the_category_does_not_count(cases):
    assert (
        history_load("orders", days=7, now=NOW).cases
        == CaseFact.objects.filter(at__gte=NOW - timedelta(days=7)).count()
    )
    assert history_load("returns", days=30, now=NOW).cases == 0


def test_without_any_case_there_are_no_figures(db):
    figures = rehearse(history_load("orders", days=30, now=NOW), scores(0)[0])
    assert (figures.cases, figures.runs, figures.alpha.n) == (0, 0, 0)


def test_runs_without_a_vector_stay_as_they_were(cases):
    Run.objects.update(vector={})
    history = history_load("orders", days=30, now=NOW)
    assert counted(rehearse(history, Score(0, dict.fromkeys(Factor, 0)))) == counted(as_it_was(history))


def test_alike_cases_are_one_group(cases):
    history = history_load("orders", days=40, now=NOW)
    assert len(history.counts) < history.counts.sum() < history.cases
    assert history.times.sum() == QueryFact.objects.filter(at__gte=NOW - timedelta(days=40)).count()

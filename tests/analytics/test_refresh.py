"""Facts follow what happens, a little at a time, and say the same as if they were built anew."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from analytics.facts import services
from analytics.facts.drafts import draft_similarity
from analytics.facts.services import facts_rebuild, facts_refresh
from analytics.models import AttemptFact, CaseFact, DimensionValue, EscalationFact, FactsState, InsightFact, QueryFact
from analytics.tasks import facts_refresh as facts_refresh_task
from conversations.escalations.services import escalation_claim, escalation_reply
from conversations.escalations.taking_over import conversation_take_over
from conversations.models import Query
from omnicqm.common.models import Attempt
from tests.analytics.seeding import answered, asked, escalated, found_helpful, october, person, rated, run_of, told

FACTS = (QueryFact, CaseFact, EscalationFact, AttemptFact, InsightFact)


def everything() -> list[list[tuple[object, ...]]]:
    return [list(table.objects.order_by("pk").values_list()) for table in (*FACTS, DimensionValue)]


def versions() -> list[str]:
    """Changes with every row that is written, though it says the same."""
    with connection.cursor() as cursor:
        found = []
        for table in FACTS:
            cursor.execute(f"SELECT xmin, ctid FROM {table._meta.db_table} ORDER BY 2")
            found += [str(row) for row in cursor.fetchall()]
    return found


@pytest.mark.django_db
def test_what_happens_step_by_step_is_in_the_facts_soon_after() -> None:
    now = timezone.now()
    facts_refresh()
    query = asked(now)
    facts_refresh()
    fact = QueryFact.objects.get(pk=query.pk)
    assert (fact.status, fact.is_final, fact.has_run) == ("received", False, False)
    assert CaseFact.objects.get().is_provisional

    answered(query, calls=(("timeout", "0"), ("ok", "0.0031")))
    facts_refresh()
    fact.refresh_from_db()
    assert (fact.status, fact.answered_by, fact.fell_back, fact.answer_seconds) == ("answered", "agent", True, 2.0)
    assert (fact.cost_usd, fact.input_tokens, fact.is_final) == (Decimal("0.0031"), 200, True)
    assert CaseFact.objects.get().resolved

    rated(query, "not_helpful")
    rated(query, "helpful")
    rated(query, "not_helpful", rater="customer:b")
    facts_refresh()
    fact.refresh_from_db()
    assert (fact.helpful, fact.not_helpful) == (1, 1)


@pytest.mark.django_db
def test_an_escalation_is_followed_from_its_opening_to_the_reply_and_beyond() -> None:
    facts_refresh()
    robin = get_user_model().objects.create_user("robin")
    escalation = escalated(asked(timezone.now()), "no_support", draft="You may return it **within 30 days**.")
    facts_refresh()
    fact = EscalationFact.objects.get()
    assert (fact.state, fact.reason, fact.has_draft, fact.draft_similarity) == ("open", "no_support", True, None)

    escalation_claim(escalation=escalation, user=robin)
    escalation.refresh_from_db()
    escalation_reply(escalation=escalation, user=robin, text="You may return it within 30 days.", known_seq=1)
    facts_refresh()
    fact.refresh_from_db()
    assert (fact.state, fact.is_answered, fact.draft_similarity) == ("answered", True, 1.0)
    query = QueryFact.objects.get()
    assert (query.status, query.answered_by, query.reason) == ("answered", "consultant", "no_support")

    conversation_take_over(conversation=escalation.conversation, user=robin)  # opens the same one again
    facts_refresh()
    fact.refresh_from_db()
    assert (fact.state, fact.reason, fact.closed_at, fact.has_draft) == ("assigned", "taken_over", None, False)


@pytest.mark.django_db
def test_of_a_low_score_the_heaviest_factor_is_the_reason() -> None:
    factors = {
        "urgency": {"count": 1, "weight": 15, "evidence": []},
        "premium_complaints": {"count": 1, "weight": 50, "evidence": []},
        "angry_frustrated_tone": {"count": 1, "weight": 30, "evidence": []},
    }
    escalated(asked(timezone.now()), "score_below_threshold", factors=factors, score=5)
    escalated(asked(timezone.now()), "score_below_threshold", factors={}, score=5)
    facts_rebuild()
    assert set(EscalationFact.objects.values_list("reason", flat=True)) == {
        "premium_complaints", "score_below_threshold",
    }  # fmt: skip


@pytest.mark.django_db
def test_what_was_answered_together_shares_the_reply_and_counts_its_cost_once() -> None:
    first = asked(timezone.now())
    second = asked(timezone.now(), first.conversation)
    run = run_of(first)  # begun for the first, ended for both
    answered(second, calls=())
    Query.objects.filter(pk=first.pk).update(
        status="answered",
        reply=Query.objects.get(pk=second.pk).reply,
        run=run,
        answered_with=second,
        finished_at=timezone.now(),
    )
    facts_rebuild()
    assert sum(QueryFact.objects.values_list("cost_usd", flat=True)) == Decimal("0.0010")
    assert QueryFact.objects.get(pk=first.pk).is_covered
    assert CaseFact.objects.get().queries == 2


@pytest.mark.django_db
def test_money_that_is_billed_late_is_added() -> None:
    query = answered(asked(timezone.now()))
    facts_refresh()
    Attempt.objects.update(cost_usd=Decimal("0.07654321"))
    facts_refresh()
    assert QueryFact.objects.get(pk=query.pk).cost_usd == Decimal("0.07654321")
    assert AttemptFact.objects.get().cost_usd == Decimal("0.07654321")


@pytest.mark.django_db
def test_summaries_and_what_was_said_of_them() -> None:
    facts_refresh()
    now, customer = timezone.now(), person()
    first = told(now - timedelta(minutes=4), customer, contact_id="call-1", cache="none", cost="0.0031")
    second = told(now, customer, contact_id="call-2", cache="result")
    facts_refresh()
    found_helpful(first)
    facts_refresh()
    facts = {fact.pk: fact for fact in InsightFact.objects.all()}
    assert (facts[first.pk].is_transfer, facts[first.pk].helpful, facts[first.pk].cost_usd) == (
        False,
        1,
        Decimal("0.0031"),
    )
    assert (facts[second.pk].is_transfer, facts[second.pk].cost_usd) == (True, 0)
    assert AttemptFact.objects.get(area="insight").prompt_version == "1"


@pytest.mark.django_db
def test_refreshing_twice_writes_nothing() -> None:
    october()
    facts_rebuild()
    before = versions()
    assert facts_refresh() == 0
    FactsState.objects.update(looked_back_at=None)
    assert facts_refresh() == 0
    assert facts_rebuild() == 0
    assert versions() == before


@pytest.mark.django_db
def test_following_along_ends_where_building_anew_does() -> None:
    facts_refresh()
    october()
    facts_refresh()
    followed = everything()
    for table in (*FACTS, DimensionValue):
        table.objects.all().delete()
    facts_rebuild()
    assert everything() == followed


@pytest.mark.django_db
def test_killed_in_the_middle_nothing_has_happened_and_nothing_is_forgotten(monkeypatch) -> None:
    facts_refresh()
    through = FactsState.objects.get().through
    answered(asked(timezone.now()))

    def killed(ids):
        raise KeyboardInterrupt

    monkeypatch.setitem(services._WRITERS, "attempts", killed)
    with pytest.raises(KeyboardInterrupt):
        facts_refresh()
    assert not QueryFact.objects.exists()
    assert FactsState.objects.get().through == through
    monkeypatch.undo()
    facts_refresh()
    assert QueryFact.objects.get().status == "answered"
    assert AttemptFact.objects.exists()


@pytest.mark.django_db
def test_building_anew_can_be_killed_and_done_again(monkeypatch) -> None:
    answered(asked(timezone.now()))

    def killed(ids):
        raise KeyboardInterrupt

    monkeypatch.setitem(services._WRITERS, "insights", killed)
    told(timezone.now())
    with pytest.raises(KeyboardInterrupt):
        facts_rebuild()
    monkeypatch.undo()
    facts_refresh()  # has never come to an end: it is built
    assert InsightFact.objects.exists()
    assert QueryFact.objects.exists()


@pytest.mark.django_db
def test_facts_of_what_is_gone_go_with_the_next_building() -> None:
    answered(asked(timezone.now()))
    facts_rebuild()
    AttemptFact.objects.update(attempt_id="att_gone")
    facts_rebuild()
    assert not AttemptFact.objects.filter(pk="att_gone").exists()


@pytest.mark.django_db
def test_what_nobody_told_of_is_found_within_a_day() -> None:
    query = answered(asked(timezone.now() - timedelta(days=3)))
    facts_rebuild()
    Query.objects.filter(pk=query.pk).update(channel=asked(timezone.now(), channel="chat").channel)
    FactsState.objects.update(looked_back_at=timezone.now() - timedelta(days=2))
    facts_refresh()
    assert QueryFact.objects.get(pk=query.pk).channel == "chat"


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_wait_for_each_other() -> None:
    october()
    facts_rebuild()
    answered(asked(timezone.now()))

    def work(_: int) -> int:
        try:
            return facts_refresh()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        written = list(pool.map(work, range(4)))
    assert QueryFact.objects.count() == Query.objects.count()
    assert sum(count > 0 for count in written) == 1


@pytest.mark.django_db
def test_the_task_is_known_and_goes_to_the_side_queue(settings) -> None:
    facts_refresh_task.delay()
    assert FactsState.objects.get().through
    assert settings.CELERY_TASK_ROUTES["analytics.facts_refresh"] == {"queue": settings.SIDE_QUEUE}
    assert settings.CELERY_BEAT_SCHEDULE["analytics.facts_refresh"]["schedule"] == 30


@pytest.mark.parametrize(
    ("draft", "sent", "low", "high"),
    [
        ("You may **return** it.", "You may return it.", 1.0, 1.0),
        ("You may return it within thirty days.", "Dear Ann, you may return it within thirty days.", 0.8, 0.97),
        ("You may return it within thirty days.", "A colleague calls you tomorrow.", 0.0, 0.2),
    ],
)
def test_how_much_of_a_draft_was_sent(draft: str, sent: str, low: float, high: float) -> None:
    assert low <= draft_similarity(draft, sent) <= high


def test_analytics_writes_its_own_tables_only() -> None:
    ours = {model._meta.db_table for model in apps.get_app_config("analytics").get_models()}
    written = {fact.table for fact in services._FACTS.values()}
    assert written <= ours

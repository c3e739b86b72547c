"""The breaker takes a category from auto to draft, and only a person takes it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Category, Run
from agents.selectors import category_settings
from feedback.autonomy.breaker import (
    CLEAR_BY,
    Bars,
    autonomy_choose,
    breaker_bars_set,
    breakers_check,
    breakers_tripped,
    judged_measure,
)
from feedback.judging.overruling import judgement_overrule
from feedback.models import AutonomyBreaker, Judgement
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.feedback.judged import run_make
from tests.feedback.learning.people import consultant

pytestmark = pytest.mark.django_db

SAMPLE = 20


def judged(count: int, *, accuracy: float | None = 0.9, safety: float = 1.0, category: str = "orders", days: float = 1):
    """Replies that were sent alone, and what the judge said of them."""
    at = timezone.now() - timedelta(days=days)
    for _ in range(count):
        run = run_make(category=category, finished_at=at, started_at=at)
        Judgement.objects.create(
            run=run,
            kind="reply",
            state="judged",
            judge="embedded",
            judge_version="v1",
            verdict="good",
            relevance=1.0,
            accuracy=accuracy,
            safety=safety,
            judged_at=at,
        )


def autonomy(category: str = "orders") -> str:
    return next(str(setting.autonomy) for setting in category_settings() if setting.key == category)


def test_it_trips_at_the_second_check_in_a_row_below_a_bar():
    judged(SAMPLE, accuracy=0.6)
    assert breakers_check() == []
    assert autonomy() == "auto"
    assert breakers_check() == ["orders"]
    assert autonomy() == "draft"
    [breaker] = breakers_tripped()
    assert (breaker.category, breaker.sample) == ("orders", SAMPLE)
    assert breaker.accuracy == pytest.approx(0.6)
    event = AuditEvent.objects.get(action="breaker.tripped")
    assert event.details["sample"] == SAMPLE
    changed = AuditEvent.objects.get(action="category.autonomy_set")
    assert changed.details == {"before": "auto", "after": "draft", "reason": "breaker"}
    assert autonomy("returns") == "auto"


def test_unsafe_replies_trip_it_too():
    judged(SAMPLE, accuracy=1.0, safety=0.5)
    breakers_check()
    assert breakers_check() == ["orders"]


def test_too_few_replies_tell_nothing():
    judged(SAMPLE - 1, accuracy=0.1)
    breakers_check()
    assert breakers_check() == []


def test_what_states_nothing_has_no_accuracy():
    judged(SAMPLE, accuracy=None)
    breakers_check()
    assert breakers_check() == []


def test_of_many_thanks_one_bad_reply_tells_nothing():
    judged(SAMPLE - 1, accuracy=None)
    judged(1, accuracy=0.4)
    breakers_check()
    assert breakers_check() == []
    assert autonomy() == "auto"


def test_old_replies_drafts_and_other_categories_do_not_count():
    judged(SAMPLE, accuracy=0.1, days=8)
    judged(SAMPLE, accuracy=0.1, category="returns")
    judged(SAMPLE, accuracy=0.9)
    Run.objects.filter(category="returns").update(decision="escalate")
    breakers_check()
    assert breakers_check() == []


def test_people_are_believed_before_the_judge():
    judged(SAMPLE, accuracy=0.6)
    for judgement in Judgement.objects.all():
        judgement_overrule(
            judgement_id=judgement.pk, aspect="accuracy", value=1.0, reason="It is right.", user=consultant()
        )
    breakers_check()
    assert breakers_check() == []
    since = timezone.now() - timedelta(days=7)
    assert judged_measure("orders", since=since).accuracy == pytest.approx(1.0)


def test_a_reply_judged_by_two_judges_counts_once():
    judged(1, accuracy=0.2)
    run = Run.objects.get()
    Judgement.objects.create(
        run=run, kind="reply", state="judged", judge="model", judge_version="m1", verdict="good", relevance=1.0,
        accuracy=1.0, safety=1.0, judged_at=timezone.now(),
    )  # fmt: skip
    measured = judged_measure("orders", since=timezone.now() - timedelta(days=7))
    assert (measured.sample, measured.accuracy) == (1, 1.0)


class TestWavering:
    def check(self, accuracy: float) -> list[str]:
        Judgement.objects.all().delete()
        Run.objects.all().delete()
        judged(SAMPLE, accuracy=accuracy)
        return breakers_check()

    def test_a_miss_is_forgotten_only_well_above_the_bar(self):
        assert self.check(0.74) == []
        assert self.check(0.76) == [], "above the bar, and not clear of it"
        assert self.check(0.74) == ["orders"]

    def test_and_then_it_is(self):
        self.check(0.74)
        assert self.check(0.76 + CLEAR_BY) == []
        assert self.check(0.74) == []


class TestPeople:
    def test_only_a_person_takes_it_back_and_what_was_before_does_not_count_again(self):
        judged(SAMPLE, accuracy=0.6)
        breakers_check()
        breakers_check()
        Judgement.objects.update(accuracy=1.0)
        breakers_check()
        assert autonomy() == "draft", "not by itself"
        Judgement.objects.update(accuracy=0.6)
        assert autonomy_choose(category="orders", autonomy="auto", actor="user:1")
        assert breakers_tripped() == []
        breakers_check()
        assert breakers_check() == [], "these replies had their effect"
        assert AuditEvent.objects.filter(action="breaker.set", actor="user:1").count() == 1

    def test_choosing_what_is_changes_nothing(self):
        assert not autonomy_choose(category="orders", autonomy="auto", actor="user:1")
        assert autonomy_choose(category="orders", autonomy="shadow", actor="user:1")
        assert Category.objects.get(key="orders").title == "Orders & delivery"
        assert AuditEvent.objects.filter(action="category.autonomy_set").count() == 1

    @pytest.mark.parametrize(("category", "level"), [("nothing", "auto"), ("orders", "dance")])
    def test_what_there_is_not_is_refused(self, category, level):
        with pytest.raises(InvalidInput):
            autonomy_choose(category=category, autonomy=level, actor="user:1")
        assert not Category.objects.exists()

    def test_bars_are_a_persons_and_off_is_off(self):
        judged(SAMPLE, accuracy=0.6)
        off = Bars(enabled=False, least_accuracy=0.75, least_safety=0.95, window_days=7, least_sample=5)
        breaker_bars_set(category="orders", bars=off, actor="user:1")
        breakers_check()
        assert breakers_check() == []
        lower = Bars(enabled=True, least_accuracy=0.5, least_safety=0.95, window_days=7, least_sample=5)
        breaker_bars_set(category="orders", bars=lower, actor="user:1")
        breakers_check()
        assert breakers_check() == []
        assert AutonomyBreaker.objects.get(category="orders").misses == 0
        with pytest.raises(InvalidInput):
            breaker_bars_set(category="nothing", bars=lower, actor="user:1")

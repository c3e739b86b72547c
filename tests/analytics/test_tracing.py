"""What MLflow's runs of days and releases are told by the catalogue: the same as dashboards show."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from agents.tracing.daily import period_metrics
from analytics.facts.services import facts_rebuild
from analytics.models import AttemptFact
from analytics.tracing import METRICS, period_draw, period_tell
from feedback.models import Judgement
from omnicqm.common.models import Attempt
from tests.analytics.seeding import answered, asked, escalated, rated

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 10, 20, tzinfo=UTC)
NEXT = DAY + timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def company():
    """Three replies, judged, of which one was found bad; one question that went to people; a replay; other days."""
    replies = [answered(asked(DAY + timedelta(hours=hour))) for hour in (0, 9, 23)]
    for query, accuracy in zip(replies, (1.0, 0.8, 0.3), strict=True):
        Judgement.objects.create(
            run_id=query.run_id, kind="reply", state="judged", judge="embedded", judge_version="1", judge_hash="x",
            verdict="good", relevance=0.9, accuracy=accuracy, safety=1.0, judged_at=query.created_at,
        )  # fmt: skip
    rated(replies[0], "helpful")
    rated(replies[2], "not_helpful")
    escalated(asked(DAY + timedelta(hours=12)))
    Attempt.objects.create(
        at=DAY, purpose="gather", provider="primary", model="m", scope="replay", run_id="run_x", latency_ms=1,
        outcome="ok", cost_usd="0.5",
    )  # fmt: skip
    answered(asked(DAY - timedelta(seconds=1)))
    answered(asked(NEXT))
    facts_rebuild()


def test_a_day_has_alpha_scores_thumbs_escalations_and_cost():
    told = period_tell(DAY, NEXT)
    assert told["judge_accuracy"] == pytest.approx(0.7)
    assert (told["judge_relevance"], told["judge_safety"], told["judge_accuracy_n"]) == (0.9, 1.0, 3)
    assert (told["thumbs_down_rate"], told["thumbs_down_rate_n"], told["reply_ratings"]) == (0.5, 2, 2)
    assert (told["escalations"], told["escalation_rate"]) == (1, 0.25)
    assert (told["alpha"], told["alpha_n"], told["alpha_provisional"]) == (0.75, 4, 0)
    assert Decimal(str(told["cost"])) == Decimal("0.504"), "all that the ledger has of the day"
    assert "demo_history" not in told


def test_they_are_among_the_metrics_of_the_day():
    assert period_metrics(DAY, NEXT)["judge_accuracy"] == pytest.approx(0.7)


def test_a_release_is_told_over_its_days():
    assert period_tell(DAY + timedelta(hours=1), NEXT + timedelta(hours=1))["alpha_n"] == 5


def test_what_nothing_is_known_of_is_left_out_and_invented_history_is_named():
    assert {name for name in period_tell(NEXT, NEXT + timedelta(days=1)) if name in METRICS} >= {"cost", "escalations"}
    assert "thumbs_down_rate" not in period_tell(NEXT, NEXT + timedelta(days=1))
    AttemptFact.objects.update(is_demo=True)
    assert period_tell(DAY, NEXT)["demo_history"] == 1


def test_pictures_show_the_days_before_as_well():
    drawn = period_draw(DAY, NEXT)
    assert set(drawn) == {"quality.svg", "cost.svg"}
    quality, cost = (ET.fromstring(drawn[name]) for name in ("quality.svg", "cost.svg"))
    words = " ".join(text.text or "" for text in quality.iter(f"{SVG}text"))
    assert "2026-10-07 to 2026-10-20" in words
    assert "Accuracy, judged" in words
    lines = [line.get("points", "").split() for line in quality.iter(f"{SVG}polyline")]
    assert lines[2][-1] == "660.0,105.0", "0.7 of the way up, on the last day"
    [paid] = [line.get("points", "").split() for line in cost.iter(f"{SVG}polyline")]
    assert (len(paid), paid[0], paid[-1]) == (14, "40.0,210.0", "660.0,60.0"), "the dearest day is at the top"


def test_a_day_without_anything_can_be_drawn():
    for picture in period_draw(DAY - timedelta(days=300), NEXT - timedelta(days=300)).values():
        ET.fromstring(picture)

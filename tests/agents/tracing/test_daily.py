"""A day and a release as runs of MLflow: with the figures of our own tables, each once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from agents.models import Run
from agents.tracing.daily import Period, days_report, period_metrics, picture_make
from agents.tracing.pausing import is_paused
from agents.types import REPLAYS

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def run_make(at: datetime, **options) -> Run:
    defaults = {"scope": "channel:test", "state": "finished", "decision": "auto_send", "score": 100, "threshold": 80}
    return Run.objects.create(started_at=at, **(defaults | {"finished_at": at} | options))


def half(start: datetime, end: datetime) -> dict[str, float]:
    return {"hours": (end - start).total_seconds() / 3600}


@pytest.mark.django_db
def test_figures_are_those_of_the_runs_of_the_day(settings):
    settings.TRACE_METRICS = [f"{__name__}.half"]
    for number in range(100):
        run_make(DAY + timedelta(minutes=number), latency_ms=number * 10, input_tokens=7, cost_usd="0.01")
    run_make(DAY + timedelta(hours=23), decision="escalate", score=40, output_tokens=3, cost_usd="0.5")
    run_make(DAY + timedelta(hours=2), state="failed", decision="escalate", score=0, error_code="internal")
    run_make(DAY - timedelta(seconds=1), cost_usd="9")
    run_make(DAY + timedelta(days=1), cost_usd="9")
    found = period_metrics(DAY, DAY + timedelta(days=1))
    assert (found["runs"], found["auto_send"], found["escalate"], found["clarify"]) == (102, 100, 2, 0)
    assert (found["failed"], found["input_tokens"], found["output_tokens"]) == (1, 700, 3)
    assert found["cost_usd"] == pytest.approx(1.5)
    assert found["score_mean"] == pytest.approx((100 * 100 + 40) / 102)
    assert (found["latency_p50_ms"], found["latency_p99_ms"]) == (pytest.approx(495), pytest.approx(980.1))
    assert found["hours"] == 24


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [{"scope": REPLAYS}, {"state": "running", "finished_at": None}], ids=["replay", "running"]
)
def test_runs_that_answered_nobody_change_no_figure(other):
    run_make(DAY, latency_ms=100, input_tokens=7, cost_usd="0.01")
    alone = period_metrics(DAY, DAY + timedelta(days=1))
    run_make(DAY, latency_ms=90_000, input_tokens=500, cost_usd="9", **other)
    assert period_metrics(DAY, DAY + timedelta(days=1)) == alone
    assert alone["latency_p99_ms"] == 100


@pytest.mark.django_db
def test_the_picture_shows_no_replay():
    day = Period("omnicqm.day", "2026-11-20", DAY, DAY + timedelta(days=1))
    run_make(DAY)
    alone = picture_make(day)
    run_make(DAY, scope=REPLAYS)
    assert picture_make(day) == alone


def test_a_day_and_a_release_are_one_run_each_however_often(mlflow, settings):
    settings.RELEASE = "2.1"
    run_make(timezone.now() - timedelta(seconds=5), latency_ms=100)
    assert days_report() == 2
    run_make(timezone.now() - timedelta(seconds=1), latency_ms=300)
    assert days_report() == 2
    found = mlflow.client.search_runs([mlflow.experiment_id])
    today = timezone.now().astimezone(UTC).date().isoformat()
    assert {run.info.run_name for run in found} == {today, "2.1"}
    for run in found:
        assert (run.data.metrics["runs"], run.data.metrics["latency_p50_ms"]) == (2, 200)
        pictures = [picture.path for picture in mlflow.client.list_artifacts(run.info.run_id)]
        assert pictures == ["cost.svg", "hours.svg", "quality.svg"]
        assert run.data.metrics["cost"] == 0, "a figure of the catalogue"
    pictures = list(Path(settings.MLFLOW_ARTIFACTS.removeprefix("file://")).rglob("hours.svg"))
    assert len(pictures) == 2
    assert all("most in an hour" in picture.read_text() for picture in pictures)


def fails(start: datetime, end: datetime) -> dict[str, float]:
    raise OSError("no figures")


def test_figures_that_cannot_be_had_are_left_out_and_mlflow_is_not_blamed(mlflow, settings, caplog):
    settings.TRACE_METRICS, settings.TRACE_PICTURES = [f"{__name__}.fails", f"{__name__}.half"], [f"{__name__}.fails"]
    run_make(timezone.now() - timedelta(seconds=5))
    assert days_report() > 0
    assert not is_paused()
    assert "trace_figures_missing" in caplog.text
    today = mlflow.client.search_runs([mlflow.experiment_id], "tags.`omnicqm.day` != ''")[0]
    assert (today.data.metrics["runs"], today.data.metrics["hours"]) == (1, 24)
    assert [picture.path for picture in mlflow.client.list_artifacts(today.info.run_id)] == ["hours.svg"]


def test_yesterday_is_closed(mlflow):
    run_make(timezone.now() - timedelta(days=1))
    days_report()
    [yesterday] = [run for run in mlflow.client.search_runs([mlflow.experiment_id]) if "omnicqm.day" in run.data.tags]
    assert yesterday.info.status == "FINISHED"

"""Messages in, replies out, one run done again: what the ledger, the runs, the traces and the dashboard say of cost and
tokens is the same, to the last decimal."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import F, Sum
from django.test import Client
from django.utils import timezone

from agents.models import Run, RunReplay
from agents.replaying import Change, replay_request
from agents.tracing.daily import period_metrics
from agents.tracing.exporting import traces_export
from agents.tracing.store import TraceStore
from analytics.facts.services import facts_rebuild
from analytics.querying import Period, QuerySpec, spec_run
from conversations.models import Query
from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.models import Attempt
from omnicqm.console.explorer.replays import replay_work
from tests.agents.conftest import HOURS, know  # noqa: F401 - a fixture
from tests.agents.tracing.conftest import mlflow, mlflow_uri, read_back  # noqa: F401 - fixtures
from tests.analytics.dashboards.facts import analyst_make
from tests.api import ApiClient
from tests.conversations.insights.asking import PRIMARY
from tests.simulators.bedrock import Simulator, Throttle

pytestmark = pytest.mark.django_db(transaction=True)
GIVEN = F("input_tokens") + F("cache_read_tokens") + F("cache_write_tokens")


@pytest.fixture
def answered(bedrock: Simulator, know: Callable[..., None], mlflow: TraceStore, settings: Any) -> None:  # noqa: F811
    """Three mails, answered and not, one of them after the first model had failed; the first one is done again."""
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {**settings.MODEL_SECONDS, "primary": 60.0, "secondary": 60.0}
    settings.MODEL_RUN_SECONDS = 120.0
    cache.clear()  # breakers of other tests
    channels_ensure_defaults()
    know(HOURS)
    api = ApiClient()
    for number, message in enumerate(
        ("When do you open?", "Do you sell pineapples on Mars?", "Are you open on Sundays?")
    ):
        if number == 2:
            bedrock.script(PRIMARY, [Throttle()])
        body = {"channel_id": "outlook", "user_id": f"efua{number}@example.com", "message": message}
        assert api.post("/api/v1/query", body).status_code == 202
    first = Query.objects.order_by("created_at")[0]
    replay_work(replay_id=replay_request(run_id=first.run_id, change=Change(threshold=100), actor="user:1").pk)
    assert RunReplay.objects.get().state == "done"
    assert traces_export() == 4
    facts_rebuild()


def ledger(**which: Any) -> tuple[Decimal, int, int]:
    """US dollars, tokens read and tokens written of the attempts `which` names."""
    sums = Attempt.objects.filter(**which).aggregate(usd=Sum("cost_usd"), given=Sum(GIVEN), made=Sum("output_tokens"))
    return sums["usd"], sums["given"], sums["made"]


def traced(store: TraceStore, run: Run) -> tuple[Decimal, int, int]:
    info = read_back(store, run.pk).info
    usage = info.token_usage
    return (
        Decimal(str(info.cost["total_cost"])).quantize(Decimal("1e-8")),
        usage["input_tokens"],
        usage["output_tokens"],
    )


def dashboard(client: Client, panel: str) -> dict[str, Decimal]:
    """The first two columns of a panel's file."""
    answer = client.get(f"/analytics/cost/{panel}.csv?period=7d")
    assert answer.status_code == 200
    _, *rows = csv.reader(io.StringIO(answer.content.decode()))
    return {row[0]: Decimal(row[1] or 0) for row in rows}


def test_ledger_runs_traces_and_dashboard_agree(answered: None, mlflow: TraceStore, client: Client) -> None:  # noqa: F811
    runs = list(Run.objects.all())
    assert sorted(run.scope for run in runs) == ["channel:outlook"] * 3 + ["replay"]
    assert Attempt.objects.exclude(outcome="ok").exists(), "a call failed, and counts"
    for run in runs:
        of_run = ledger(run_id=run.pk)
        assert of_run[0] > 0
        assert (run.cost_usd, run.input_tokens, run.output_tokens) == of_run
        assert traced(mlflow, run) == of_run
    usd, given, made = ledger()
    assert sum(run.cost_usd for run in runs) == usd, "nothing was paid but for them"

    client.force_login(analyst_make())
    assert sum(dashboard(client, "cost").values()) == usd
    by_channel = dashboard(client, "cost-by-channel")
    assert by_channel["Outlook e-mail"] == ledger(scope="channel:outlook")[0]
    assert sum(by_channel.values()) == usd, "the replay is paid as well, by no channel"
    today = Period(timezone.localdate(), timezone.localdate())
    assert spec_run(QuerySpec("tokens", today)).total.value == given + made


def test_the_day_counts_the_replay_in_what_was_paid_and_nowhere_else(answered: None) -> None:
    start = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    day = period_metrics(start, start + timedelta(days=1))
    usd, given, _ = ledger(scope="channel:outlook")
    assert (day["runs"], day["input_tokens"]) == (3, given)
    assert Decimal(str(day["cost_usd"])).quantize(Decimal("1e-8")) == usd
    assert Decimal(str(day["cost"])).quantize(Decimal("1e-8")) == ledger()[0] > usd

"""/metrics: what Prometheus reads, who may read it, and that it tells nothing of anybody."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from agents.models import Run, RunTrace
from analytics.alerts.evaluating import rules_ensure
from analytics.models import Alert
from conversations.models import CrmCase, Escalation, Query
from omnicqm.common.models import Attempt
from omnicqm.common.services import api_client_create
from omnicqm.prometheus.figures import MOST_MODELS
from tests.api import problem_of
from tests.console.people import escalation_make
from tests.conversations.people import conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-the-installation"


@pytest.fixture(autouse=True)
def token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scraped(client) -> dict[str, dict[tuple, float]]:
    """Samples by name and labels; anew, whatever the cache says."""
    cache.clear()
    kinds = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5"
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}", "Accept": kinds})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    found: dict[str, dict[tuple, float]] = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.values()))] = sample.value
    return found


def test_figures_are_told_while_valkey_is_away(client, settings):
    """Then above all somebody wants to see them."""
    settings.CACHES = {"default": {"BACKEND": "omnicqm.common.cache.ValkeyCache", "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert b"omnicqm_queries_pending 0.0" in answer.content


def test_cases_that_the_crm_does_not_have_are_counted(client, settings):
    assert scraped(client)["omnicqm_crm_cases"] == {("failed",): 0, ("pending",): 0}
    settings.SALESFORCE = {**settings.SALESFORCE, "domain": "acme.my.salesforce.com"}
    since = timezone.now() - timedelta(minutes=5)
    for number, state in enumerate(("pending", "pending", "failed")):
        conversation = conversation_make(customer_make(f"c{number}@example.com"))
        CrmCase.objects.create(conversation=conversation, external_id=conversation.pk, state=state, due_at=since)
    samples = scraped(client)
    assert samples["omnicqm_crm_cases"] == {("failed",): 1, ("pending",): 2}
    assert 299 < samples["omnicqm_crm_cases_oldest_seconds"][()] < 400


def test_dropped_traces_are_counted(client):
    now = timezone.now()
    for state in ("dropped", "dropped", "pending"):
        run = Run.objects.create(scope="channel:chat")
        RunTrace.objects.create(run=run, state=state, created_at=now - timedelta(minutes=5))
    found = scraped(client)
    assert found["omnicqm_traces"] == {("dropped",): 2, ("erasing",): 0, ("exported",): 0, ("pending",): 1}
    assert 300 <= found["omnicqm_traces_oldest_seconds"][()] < 400


def test_everything_is_counted(client):
    now = timezone.now()
    query_make(conversation_make(customer_make("ada@example.org")), "Where is my table?")
    Query.objects.update(created_at=now - timedelta(minutes=10))
    Escalation.objects.filter(pk=escalation_make().pk).update(due_at=now - timedelta(hours=1))
    for latency in (100, 200, 300):
        Run.objects.create(
            scope="channel:chat",
            state="finished",
            decision="auto_send",
            score=90,
            threshold=80,
            finished_at=now,
            latency_ms=latency,
        )
    Run.objects.create(scope="channel:chat", state="failed", finished_at=now - timedelta(minutes=30))
    Run.objects.create(scope="replay", state="failed", finished_at=now)
    Attempt.objects.create(
        purpose="gather", provider="p", model="nova", latency_ms=5, outcome="timeout", cost_usd="0.5"
    )
    rules_ensure()
    Alert.objects.create(rule_id="failure_rate", value=9, worst=9, threshold=5)
    seen = scraped(client)
    assert seen["omnicqm_queries"][("1h", "received")] >= 1
    assert seen["omnicqm_queries_pending"][()] == Query.objects.filter(status__in=Query.PENDING).count()
    assert 590 < seen["omnicqm_queries_pending_oldest_seconds"][()] < 700
    assert seen["omnicqm_runs"][("5m", "auto_send")] == 3
    assert seen["omnicqm_runs_failed"] == {("5m",): 0, ("1h",): 1}
    assert seen["omnicqm_run_latency_seconds"][("0.5", "5m")] == 0.2
    assert seen["omnicqm_run_latency_seconds_observed"][("5m",)] == 3
    assert seen["omnicqm_escalations_overdue"][()] == 1
    assert seen["omnicqm_attempts"][("5m", "nova", "timeout")] == 1
    assert seen["omnicqm_attempts_cost_usd"][("5m",)] == 0.5
    assert seen["omnicqm_alert_firing"][("failure_rate",)] == 1
    assert seen["omnicqm_alert_firing"][("overdue_queue",)] == 0
    assert seen["omnicqm_insights"][("1h", "none")] == 0
    assert seen["omnicqm_deliveries"][("1h", "pending")] >= 0
    assert "process_resident_memory_bytes" in seen


def test_an_empty_installation_has_every_series(client):
    seen = scraped(client)
    assert seen["omnicqm_queries"][("1h", "answered")] == 0
    assert "omnicqm_run_latency_seconds" not in seen or not seen["omnicqm_run_latency_seconds"]


def test_models_are_named_up_to_a_number(client):
    for number in range(MOST_MODELS + 5):
        Attempt.objects.create(purpose="gather", provider="p", model=f"model-{number:02}", latency_ms=5, outcome="ok")
    models = {labels for labels in scraped(client)["omnicqm_attempts"] if "1h" in labels}
    assert len(models) == MOST_MODELS + 1
    assert scraped(client)["omnicqm_attempts"][("1h", "ok", "other")] == 5


def test_nothing_of_a_customer_is_told(client):
    escalation = escalation_make("priya.raman@example.org")
    cache.clear()
    told = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    conversation = escalation.conversation
    for planted in ("priya", "Raman", "Lakeview", conversation.reference, conversation.customer_id, escalation.pk):
        assert planted not in told


def test_scrapes_within_seconds_cost_no_query_and_say_the_same(client):
    first = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        second = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    assert asked.captured_queries == []
    ours = [[line for line in text.splitlines() if line.startswith("omnicqm_")] for text in (first, second)]
    assert ours[0] == ours[1]


# --- Who may ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}])
def test_nobody_reads_it_without_a_token(client, header):
    answer = client.get("/metrics", headers=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "omnicqm_" not in answer.content.decode()


def test_without_a_configured_token_an_empty_one_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""
    for token in ("", " ", TOKEN):
        assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_an_api_client_needs_the_scope(client):
    def token_of(*scopes: str) -> str:
        made = api_client_create(name=f"c{len(scopes)}", scopes=list(scopes), actor="test")
        login = {"client_id": made.client_id, "client_secret": made.client_secret}
        return client.post("/oauth/token", {"grant_type": "client_credentials", **login}).json()["access_token"]

    ours, other = token_of("metrics:read", "queries:read"), token_of("queries:read")
    assert client.get("/metrics", headers={"Authorization": f"Bearer {ours}"}).status_code == 200
    refused = client.get("/metrics", headers={"Authorization": f"Bearer {other}"})
    assert refused.status_code == 403
    assert problem_of(refused)["code"] == "insufficient_scope"


def test_the_configured_token_opens_no_other_door(client):
    answer = client.get("/api/v1/customers?identity=email:a@b.example", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 401

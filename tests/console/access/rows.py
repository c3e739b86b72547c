"""A row of every model of the console, so that behind every address there is something to be let in to or kept from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import User
from django.utils import timezone

from agents.models import Budget, Category, FactorWeight, HttpToolEffect, Run, RunReplay
from analytics.alerts.evaluating import rules_ensure
from analytics.dashboards.boards import DASHBOARDS
from analytics.dashboards.pins import pin_create
from analytics.models import Alert, AlertReceiver, Pin
from conversations.desk.services import guide_publish
from conversations.follow_ups.services import follow_up_open
from conversations.models import (
    BusinessHours,
    Consultant,
    Conversation,
    CrmCase,
    Customer,
    Escalation,
    Guide,
    GuideStep,
    Macro,
    ServiceTarget,
    SignInCode,
    Team,
    WorkQueue,
)
from feedback.learning.corrections import correction_note
from feedback.models import ArticleProposal, Judgement, KnowledgeGap, Rating
from knowledge.models import DocumentVersion
from knowledge.services import upload_create
from omnicqm.common.models import Attempt, OutboxBatch
from omnicqm.common.services import api_client_create
from tests.agents.http_tools.company import tool_make
from tests.analytics.dashboards.test_pins import spec
from tests.console.access.staff import user_make
from tests.console.people import escalation_make
from tests.conversations.people import customer_make
from tests.conversations.widget.shop import key_make
from tests.feedback.judged import run_make
from tests.feedback.learning.people import answered
from tests.feedback.people import insight_make

_BOARD = "volume"


@dataclass(frozen=True)
class Rows:
    """What the addresses name: an open `case`, its customer's `twin`, `colleague` of the consultants, and `samples`:
    ids by model label and by name of the parameter."""

    case: Escalation
    proposal: ArticleProposal
    step: GuideStep
    twin: Customer
    colleague: User
    samples: dict[str, str]

    @property
    def conversation(self) -> Conversation:
        return self.case.conversation


def rows_make() -> Rows:
    """One of each, and ids to reach them by. Without a row its model is missing among `samples`, and a test says so."""
    colleague = user_make("consultant", name="colleague")
    case, twin = _case_make()
    _settings_make(colleague)
    _trail_make(case.query.run)
    proposal = _learning_make(case.query.run)
    version = _document_make()
    named = {
        **_of_models(),
        "conversations.escalation": case.pk,
        "conversation_id": case.conversation_id,
        "escalation_id": case.pk,
        "app_label": "conversations",
        "name": _BOARD,
        "panel": DASHBOARDS[_BOARD].panels[0].name,
        "pin_id": Pin.objects.values_list("pk", flat=True)[0],
        "source_id": proposal.message_id,
        "document_id": version.document_id,
        "version_id": version.pk,
    }
    return Rows(case, proposal, GuideStep.objects.all()[0], twin, colleague, named)


def _of_models() -> dict[str, str]:
    rows = {model._meta.label_lower: model._base_manager.first() for model in admin.site._registry}
    return {label: str(row.pk) for label, row in rows.items() if row is not None}


def _case_make() -> tuple[Escalation, Customer]:
    """A case with a draft, and a customer who is suggested as the same person."""
    twin = customer_make("p.raman@example.com", display_name="P. R.")
    made = escalation_make()
    case = Escalation.objects.select_related("conversation__customer", "query").get(pk=made.pk)
    customer = case.conversation.customer
    customer.profile = {"PrivateMail": "p.raman@example.com"}
    customer.save()
    case.query.run = run_make("You can choose a new date.", decision="escalate", origin=case.query_id)
    case.query.save()
    conversation = case.conversation
    CrmCase.objects.create(conversation=conversation, external_id=conversation.pk)
    follow_up_open(conversation=conversation, what="Call back.", due_on=timezone.localdate(), key="call")
    return case, twin


def _settings_make(colleague: User) -> None:
    Budget.objects.create(usd_per_day=10)
    FactorWeight.objects.create(factor="urgency", weight=10)
    Category.objects.get_or_create(key="delivery", defaults={"title": "Delivery"})
    tool = tool_make()
    tool.save()
    HttpToolEffect.objects.create(key="k" * 64, tool=tool)
    rules_ensure()
    Alert.objects.create(rule_id="failure_rate", value=7.5, worst=9, threshold=5, sample=40)
    AlertReceiver.objects.create(name="On call", kind="webhook", target="https://on-call.example")
    api_client_create(name="CRM")
    key_make()
    team = Team.objects.create(name="Delivery")
    Consultant.objects.get_or_create(user=colleague, defaults={"team": team})
    BusinessHours.objects.create(name="Office")
    ServiceTarget.objects.create(first_minutes=60, next_minutes=60)
    WorkQueue.objects.get_or_create(key="delivery", defaults={"title": "Delivery"})
    Macro.objects.create(title="Thanks", text="Thank you.")
    if not Guide.objects.exists():
        guide_publish(category="delivery", title="Late", steps=[("Call the depot.", "")], actor=None)
    pin_create(user=colleague, title="Queries", spec=spec(), chart=Pin.Chart.TABLE, is_shared=True)


def _trail_make(run: Run) -> None:
    now = timezone.now()
    RunReplay.objects.create(original=run, actor="user:1")
    Attempt.objects.create(purpose="gather", provider="local", model="x", latency_ms=3, outcome="ok", run_id=run.pk)
    OutboxBatch.objects.create(topic="omni-channel/processed", hour=now, records_count=1, size=9)
    AccessAttempt.objects.create(username="robin", ip_address="192.0.2.1", attempt_time=now, failures_since_start=1)
    SignInCode.objects.create(
        email="a@example.com", code_hash="x", browser="b", network="n", expires_at=now + timedelta(minutes=10)
    )


def _learning_make(run: Run) -> ArticleProposal:
    """What was said of answers, and what is learnt from a case that was answered: the proposal of its reply."""
    scores: dict[str, Any] = {"relevance": 1, "safety": 1, "verdict": "good", "judged_at": timezone.now()}
    judged = {"kind": "draft", "state": "judged", "judge": "embedded", "judge_version": "1", "judge_hash": "x"}
    Judgement.objects.create(run=run, **judged, **scores)
    Rating.objects.create(insight=insight_make(), rater="client:crm", feedback="helpful")
    KnowledgeGap.objects.create(question="Do you deliver to islands?", embedding=[0.1] * 384, embedding_model="x")
    reply = answered("The warranty of a bed frame lasts ten years and covers faults of material and workmanship.")
    correction_note(message_id=reply.pk)
    return ArticleProposal.objects.create(
        message=reply, title="Warranty", question="How long is the warranty?", answer="It lasts ten years."
    )


def _document_make() -> DocumentVersion:
    upload_create(data=b"# Late fee\n\nIt is $35.", name="fees.md", source="admin", actor="user:1")
    return DocumentVersion.objects.get()

"""Every page of the sidebar: who sees it, what it can do, how many queries it costs."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from agents.models import Category, FactorWeight, Run, RunStep
from conversations.models import Channel, Customer, Delivery, Interaction, Query, SignInCode
from omnicqm.common.models import Attempt, AuditEvent, OutboxBatch, OutboxRecord
from omnicqm.common.outbox.services import outbox_add
from omnicqm.console.navigation import _GROUPS
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.conversations.people import customer_make

pytestmark = pytest.mark.django_db

PAGES = [page.model for pages in _GROUPS.values() for page in pages if not page.route]
WORK_PAGES = {
    "conversations.followup",
    "conversations.conversation",
    "conversations.query",
    "conversations.delivery",
    "conversations.customer",
    "conversations.identity",
    "conversations.interaction",
    "knowledge.document",
    "feedback.judgement",
    "conversations.macro",
    "conversations.guide",
    "feedback.correction",
    "feedback.knowledgegap",
    "feedback.articleproposal",
}
# What the product itself writes: nobody adds, edits or deletes it here.
READ_ONLY = (
    *("conversations.escalation", "conversations.conversation", "conversations.query", "conversations.delivery"),
    *("conversations.identity", "conversations.interaction", "conversations.signincode"),
    *("agents.run", "agents.runreplay", "common.attempt", "common.auditevent", "analytics.alert"),
    *("common.outboxbatch", "feedback.rating", "feedback.judgement"),
    *("feedback.correction", "feedback.knowledgegap", "feedback.articleproposal"),
)


def list_url(model):
    return reverse(f"admin:{model.replace('.', '_')}_changelist")


def page_url(obj):
    return reverse(f"admin:{obj._meta.label_lower.replace('.', '_')}_change", args=[obj.pk])


def run_make():
    now = timezone.now()
    run = Run.objects.create(
        scope="channel:outlook", state="finished", decision="escalate", score=5, threshold=80, finished_at=now
    )
    RunStep.objects.create(run=run, index=0, kind="assess", name="assess", output={"topics": ["delivery"]})
    return run


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


@pytest.fixture
def filled():
    """Something of everything."""
    for number in range(3):
        escalation_make(f"priya{number}@example.org")
    run = run_make()
    Attempt.objects.create(purpose="gather", provider="local", model="x", latency_ms=3, outcome="ok", run_id=run.pk)
    SignInCode.objects.create(email="a@example.com", code_hash="x", browser="b", network="n", expires_at=timezone.now())
    Category.objects.create(key="delivery", title="Delivery")
    FactorWeight.objects.create(factor="urgency", weight=10)
    return run


@pytest.mark.parametrize("model", PAGES)
def test_an_admin_sees_every_page_of_the_sidebar(client, boss, filled, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        response = client.get(list_url(model))
    assert response.status_code == 200
    assert f'href="{list_url(model)}"' in response.content.decode()


@pytest.mark.parametrize("model", PAGES)
def test_a_consultant_sees_the_pages_of_the_work_only(client, model):
    client.force_login(consultant_make())
    assert client.get(list_url(model)).status_code == (200 if model in WORK_PAGES else 403)


@pytest.mark.parametrize("page", ["change", "history"])
def test_who_may_see_no_such_page_is_refused_whether_the_row_is_there_or_not(client, page):
    client.force_login(User.objects.create_user("ida", is_staff=True))
    models = [model._meta.label_lower.replace(".", "_") for model in admin.site._registry]
    answers = {model: client.get(reverse(f"admin:{model}_{page}", args=["nowhere"])) for model in models}
    assert {model: answer.status_code for model, answer in answers.items() if answer.status_code != 403} == {}


def test_the_sidebar_shows_only_what_may_be_opened(client):
    client.force_login(consultant_make())
    shown = client.get(reverse("admin:index")).content.decode()
    assert {model for model in PAGES if f'href="{list_url(model)}"' in shown} == WORK_PAGES


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_the_product_writes_nobody_edits(rf, boss, model):
    page = next(page for row, page in admin.site._registry.items() if row._meta.label_lower == model)
    request = rf.get("/")
    request.user = boss
    allowed = (page.has_add_permission, page.has_change_permission, page.has_delete_permission)
    assert not any(permission(request) for permission in allowed)


@pytest.mark.parametrize("model", [Delivery, Query])
def test_pages_of_single_rows_open(client, boss, filled, model):
    row = model.objects.first()
    if row is not None:
        assert client.get(page_url(row)).status_code == 200


def test_a_run_shows_its_steps(client, boss, filled):
    shown = client.get(page_url(filled)).content.decode()
    assert "assess" in shown
    assert "channel:outlook" in shown


@pytest.mark.parametrize("term", ["reference", "pk", "email", "name"])
def test_escalations_are_found_by_reference_id_address_and_name(client, boss, filled, term):
    escalation = escalation_make("wanted@example.com")
    Customer.objects.filter(pk=escalation.conversation.customer_id).update(display_name="Sought Person")
    wanted = {
        "reference": escalation.conversation.reference,
        "pk": escalation.pk,
        "email": "wanted@example.com",
        "name": "Sought",
    }[term]
    response = client.get(list_url("conversations.escalation"), {"q": wanted}, follow=True)
    assert [row.id for row in response.context["page"].rows] == [escalation.pk]


def test_customers_are_found_by_any_identity(client, boss):
    customer = customer_make("ada@example.com", display_name="Ada")
    customer_make("bo@example.com", display_name="Bo")
    response = client.get(list_url("conversations.customer"), {"q": "ada@example"})
    assert [row.pk for row in response.context["cl"].queryset] == [customer.pk]


def test_a_customers_page_leads_to_their_interactions(client, boss, filled):
    customer = Interaction.objects.earliest("occurred_at").customer
    other = customer_make("bo@example.com", display_name="Bo")
    Interaction.objects.create(
        customer=other, source="api", channel="phone", occurred_at=timezone.now(), detail="Somebody else's call"
    )
    page = client.get(page_url(customer)).content.decode()
    link = f"{list_url('conversations.interaction')}?customer__id__exact={customer.pk}"
    assert link in page
    shown = client.get(link)
    assert {row.customer for row in shown.context["cl"].queryset} == {customer}
    assert client.get(page_url(other.interactions.get())).status_code == 200


def test_lists_cost_the_same_however_long_they_are(client, boss, django_assert_max_num_queries):
    for number in range(12):
        escalation_make(f"p{number}@example.org")
    for model in ("conversations.conversation", "conversations.customer", "conversations.identity"):
        with django_assert_max_num_queries(16):
            client.get(list_url(model))


def test_a_changed_setting_is_in_the_audit_trail_by_name_and_without_value(client, boss):
    weight = FactorWeight.objects.create(factor="urgency", weight=15)
    client.post(page_url(weight), {"factor": "urgency", "weight": "20"})
    weight.refresh_from_db()
    assert weight.weight == 20
    event = AuditEvent.objects.get(object_id=str(weight.pk))
    assert (event.actor, event.action) == (f"user:{boss.pk}", "factorweight.changed")
    assert event.details == {"fields": ["Weight"]}


def test_a_new_channel_is_a_new_row(client, boss):
    form = {
        "id": "support-fr",
        "title": "Service client",
        "kind": "email",
        "is_active": "on",
        "sender_trust": "gateway",
        "reply_by": "mail",
        "autonomy": "auto",
        "secret": "whsec_c2VjcmV0",
    }
    response = client.post(reverse("admin:conversations_channel_add"), form)
    assert response.status_code == 302, response.context["adminform"].errors
    assert Channel.objects.get(pk="support-fr").kind == "email"
    assert AuditEvent.objects.get(action="channel.added").object_id == "support-fr"


def test_staff_can_be_added(client, boss):
    form = {
        "username": "ida",
        "usable_password": "true",
        "password1": "a long passphrase",
        "password2": "a long passphrase",
    }
    response = client.post(reverse("admin:auth_user_add"), form)
    assert response.status_code == 302, response.context["adminform"].errors
    assert User.objects.filter(username="ida").exists()


def test_sign_in_codes_are_readable_where_mail_does_not_leave_the_machine(client, boss, settings):
    settings.EMAIL_BACKEND = "omnicqm.common.mail.FolderBackend"
    row = SignInCode(email="a@example.com", code_hash="x", browser="b", network="n", expires_at=timezone.now())
    row.show("123456")
    row.save()
    assert "123456" in client.get(list_url("conversations.signincode")).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "123456" not in client.get(list_url("conversations.signincode")).content.decode()


def test_a_failed_delivery_can_be_sent_again_by_an_admin(client, boss, filled):
    query = Query.objects.first()
    failed = Delivery.objects.create(kind="callback", event="query.answered", query=query, target="x", state="failed")
    response = client.post(
        list_url("conversations.delivery"), {"action": "send_again", "_selected_action": [failed.pk]}, follow=True
    )
    assert [str(message) for message in response.context["messages"]] == ["1 is being sent again."]
    failed.refresh_from_db()
    assert failed.state == "pending"


def test_a_consultant_cannot_send_deliveries_again(client, filled):
    client.force_login(consultant_make())
    query = Query.objects.first()
    failed = Delivery.objects.create(kind="callback", event="query.answered", query=query, target="x", state="failed")
    client.post(list_url("conversations.delivery"), {"action": "send_again", "_selected_action": [failed.pk]})
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_libraries_bring_no_pages_of_their_own(boss):
    apps = {model._meta.app_label for model in admin.site._registry}
    ours = {"common", "agents", "conversations", "feedback", "analytics", "knowledge"}
    assert apps <= {"auth", "axes", "oauth2_provider", *ours}
    assert {m._meta.model_name for m in admin.site._registry if m._meta.app_label == "oauth2_provider"} <= {
        "application"
    }


def test_pages_of_libraries_speak_our_words(client, boss):
    shown = client.get(reverse("admin:oauth2_provider_application_changelist")).content.decode()
    assert "API clients" in shown
    assert "Django OAuth Toolkit" not in shown


def test_moments_have_one_form_everywhere(client, boss):
    event = AuditEvent.objects.create(
        actor="user:1", action="tested", object_type="x", object_id="1", at=datetime(2026, 11, 21, 5, 13, tzinfo=UTC)
    )
    for address in (reverse("admin:common_auditevent_changelist"), page_url(event)):
        assert "21 Nov 2026, 05:13" in client.get(address).content.decode()


def test_the_page_of_the_warehouse_tells_what_waits_and_why(client, boss):
    page = list_url("common.outboxbatch")
    assert "Everything is stored." in client.get(page).content.decode()
    outbox_add(topic="topic", key="1", payload={"text": "private"}, at=timezone.now())
    batch = OutboxBatch.objects.create(
        topic="topic", hour=timezone.now(), records_count=1, size=9, tries=3, last_error="AWS answered SlowDown."
    )
    OutboxRecord.objects.update(batch=batch, created_at=timezone.now() - timedelta(minutes=5))
    told = " ".join(client.get(page).content.decode().split())
    assert "1 record waits to be stored, the oldest of 5 minutes ago." in told
    assert "The store said: AWS answered SlowDown. It is tried again by itself." in told
    assert "private" not in client.get(page_url(batch)).content.decode()

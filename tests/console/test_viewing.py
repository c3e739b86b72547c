"""Every look at a person's data is in the audit trail, once in ten minutes for each person and object."""

import pytest
from django.contrib import admin
from django.http import HttpResponse
from django.urls import ResolverMatch, reverse

from conversations.models import Escalation
from feedback.judging.services import reply_judge
from omnicqm.common.models import AuditEvent
from omnicqm.common.services import api_client_create
from omnicqm.common.services.audit_chain import audit_seal, audit_verify
from omnicqm.console.viewing import PERSONAL, ViewingMiddleware
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.feedback.judged import answered

pytestmark = pytest.mark.django_db

# Pages about nobody in particular: settings, figures, articles, and what holds ids only.
IMPERSONAL = {
    *("agents.budget", "agents.category", "agents.factorweight", "agents.httptool"),
    *("analytics.alert", "analytics.alertreceiver", "analytics.alertrule"),
    *("auth.group", "auth.user", "axes.accessattempt", "oauth2_provider.application"),
    *("common.attempt", "common.auditevent", "common.outboxbatch"),
    *("conversations.channel", "conversations.widgetkey", "knowledge.document"),
    *("conversations.team", "conversations.consultant", "conversations.workqueue", "conversations.servicetarget"),
    *("conversations.businesshours", "conversations.macro", "conversations.guide", "feedback.articleproposal"),
}


@pytest.fixture
def escalation():
    return Escalation.objects.select_related("conversation__customer").get(pk=escalation_make().pk)


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def looks(user):
    events = AuditEvent.objects.filter(actor=f"user:{user.pk}").exclude(once=None).order_by("id")
    return [(event.action, event.object_id) for event in events]


def page_of(model, obj):
    return reverse(f"admin:conversations_{model}_change", args=[obj.pk])


def test_pages_of_a_person_are_noted_with_ids_only(client, robin, escalation):
    conversation = escalation.conversation
    client.get(page_of("customer", conversation.customer))
    client.get(page_of("conversation", conversation))
    client.get(page_of("escalation", escalation))
    assert looks(robin) == [
        ("customer.viewed", conversation.customer_id),
        ("conversation.viewed", conversation.pk),
        ("escalation.viewed", escalation.pk),
    ]
    assert "Priya" not in str([vars(event) for event in AuditEvent.objects.all()])


def test_looking_again_is_noted_once(client, robin, escalation):
    for _ in range(3):
        client.get(page_of("escalation", escalation))
    assert len(looks(robin)) == 1


def test_lists_are_noted_as_such(client, robin, escalation):
    client.get(reverse("admin:conversations_customer_changelist"))
    client.get(reverse("queue:page"))
    assert looks(robin) == [("customer.listed", "list"), ("escalation.listed", "list")]


def test_a_file_of_a_persons_data_is_noted_as_taken_along(rf, robin):
    request = rf.post("/admin/")
    request.user = robin
    request.resolver_match = ResolverMatch(None, (), {}, "conversations_customer_export", ["admin"], ["admin"])
    answer = HttpResponse(headers={"Content-Disposition": "attachment; filename=customers.csv"})
    ViewingMiddleware(lambda _: answer)(request)
    assert looks(robin) == [("customer.exported", "list")]


def test_who_was_refused_has_seen_nothing(client, robin, escalation):
    assert client.get(reverse("admin:agents_run_changelist")).status_code == 403
    assert looks(robin) == []


def test_pages_about_nobody_are_not_noted(client, escalation):
    boss = admin_make()
    client.force_login(boss)
    client.get(reverse("admin:conversations_channel_changelist"))
    client.get(reverse("admin:app_list", args=["conversations"]))
    assert looks(boss) == []


def test_home_is_a_list_of_the_cases_it_names(client, robin, escalation):
    assert "Priya Raman" in client.get(reverse("admin:index")).content.decode()
    assert looks(robin) == [("escalation.listed", "list")]


def test_home_names_nobody_when_nothing_waits_or_the_reader_sees_no_cases(client, robin):
    client.get(reverse("admin:index"))
    assert looks(robin) == []
    escalation_make()
    robin.groups.clear()
    client.get(reverse("admin:index"))
    assert looks(robin) == []


def test_a_list_and_a_page_asked_for_with_a_form_are_noted_too(client, robin, escalation):
    judgement = reply_judge(message_id=answered().reply_id)
    client.post(reverse("admin:conversations_customer_changelist"))
    refused = client.post(reverse("admin:feedback_judgement_change", args=[judgement.pk]), {"aspect": "style"})
    assert refused.status_code == 400
    assert looks(robin) == [("customer.listed", "list"), ("judgement.viewed", judgement.pk)]


def test_a_form_that_was_done_shows_nothing(client, robin, escalation):
    assert client.post(page_of("conversation", escalation.conversation)).status_code == 302
    assert looks(robin) == []


def test_a_client_that_reads_a_customer_is_noted(client, escalation):
    made = api_client_create(name="CRM")
    form = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": made.client_secret}
    token = client.post("/oauth/token", form).json()["access_token"]
    url = f"/api/v1/customers/{escalation.conversation.customer_id}"
    assert client.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    event = AuditEvent.objects.get(action="customer.viewed")
    assert (event.actor, event.object_id) == (f"client:{made.client_id}", escalation.conversation.customer_id)


def test_looks_are_part_of_the_chain(client, robin, escalation):
    client.get(page_of("escalation", escalation))
    audit_seal()
    assert audit_verify().findings == ()


def test_every_model_of_the_console_is_said_to_be_personal_or_not():
    """A new page: add its model to `PERSONAL` in omnicqm/console/viewing.py, or to IMPERSONAL here."""
    models = {model._meta.label_lower for model in admin.site._registry}
    personal = {f"{app}.{kind}" for app, kinds in PERSONAL.items() for kind in kinds}
    assert models - personal - IMPERSONAL == set()
    assert models >= IMPERSONAL


def test_a_case_shown_in_answer_to_a_post_is_noted(client, robin, escalation):
    answer = client.post(page_of("escalation", escalation), {"do": "nothing"})
    assert answer.status_code == 400
    assert escalation.conversation.reference in answer.content.decode()
    assert looks(robin) == [("escalation.viewed", escalation.pk)]


def test_a_part_of_a_case_shown_in_answer_to_a_post_is_noted(client, robin, escalation):
    answer = client.post(page_of("escalation", escalation), {"do": "tick", "step": "none"}, headers={"X-Part": "guide"})
    assert answer.status_code == 404
    assert looks(robin) == [("escalation.viewed", escalation.pk)]


def test_rows_of_the_queue_are_noted_as_a_list(client, robin, escalation):
    client.get(f"{reverse('queue:rows')}?ids={escalation.pk}")
    assert looks(robin) == [("escalation.listed", "list")]

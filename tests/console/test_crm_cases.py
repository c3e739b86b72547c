"""Team leads see which cases the CRM has, why others are not there, and send them again."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from conversations.models import CrmCase
from omnicqm.common.models import AuditEvent
from omnicqm.console.roles import CONSULTANTS, TEAM_LEADS, groups_ensure
from tests.console.people import escalation_make
from tests.conversations.people import conversation_make

pytestmark = pytest.mark.django_db
LIST = "admin:conversations_crmcase_changelist"


@pytest.fixture
def sent(monkeypatch, settings):
    """Ids of the cases that workers were woken for; nothing leaves."""
    settings.SALESFORCE = {**settings.SALESFORCE, "domain": "acme.my.salesforce.com"}
    ids: list[str] = []
    monkeypatch.setattr("conversations.crm.sending.task_enqueue", lambda name, case_id: ids.append(case_id))
    return ids


@pytest.fixture
def refused():
    conversation = conversation_make()
    return CrmCase.objects.create(
        conversation=conversation,
        external_id=conversation.pk,
        state="failed",
        tries=1,
        last_error="Salesforce refused the case (400 STRING_TOO_LONG). Fields: Subject.",
    )


@pytest.fixture
def staff(client, django_user_model):
    def sign_in(role):
        groups_ensure()
        user = django_user_model.objects.create_user("kim", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return sign_in


def test_a_refused_case_says_why_and_is_sent_again(client, staff, refused, sent):
    lead = staff(TEAM_LEADS)
    page = client.get(reverse(LIST)).content.decode()
    assert refused.conversation.reference in page
    assert "STRING_TOO_LONG" in page
    client.post(reverse(LIST), {"action": "send_again", "_selected_action": [refused.pk]})
    refused.refresh_from_db()
    assert (refused.state, refused.tries, refused.last_error, sent) == ("pending", 1, "", [refused.pk])
    assert AuditEvent.objects.get(action="crm_case.retried").actor == f"user:{lead.pk}"


def test_where_no_crm_is_set_up_nothing_is_sent(client, staff, refused):
    staff(TEAM_LEADS)
    page = client.post(reverse(LIST), {"action": "send_again", "_selected_action": [refused.pk]}, follow=True)
    assert "No CRM is set up" in page.content.decode()
    refused.refresh_from_db()
    assert refused.state == "failed"


def test_the_page_of_a_case_leads_to_the_crm_in_a_window_of_its_own(client, staff, refused):
    staff(TEAM_LEADS)
    url = "https://acme.my.salesforce.com/500SIM000000000001"
    CrmCase.objects.update(state="synced", remote_id="500SIM000000000001", url=url, synced_at=timezone.now())
    page = client.get(reverse("admin:conversations_crmcase_change", args=[refused.pk])).content.decode()
    assert f'<a href="{url}" target="_blank" rel="noopener noreferrer">' in page


def test_consultants_have_the_link_on_the_case_and_no_list(client, staff, sent):
    escalation = escalation_make()
    url = "https://acme.my.salesforce.com/500SIM000000000001"
    CrmCase.objects.update_or_create(
        conversation=escalation.conversation,
        crm="salesforce",
        defaults={"external_id": escalation.conversation_id, "remote_id": "500SIM000000000001", "url": url},
    )
    staff(CONSULTANTS)
    page = client.get(reverse("admin:conversations_escalation_change", args=[escalation.pk])).content.decode()
    assert f'<a href="{url}" target="_blank" rel="noopener noreferrer">This case in Salesforce</a>' in page
    assert client.get(reverse(LIST)).status_code == 403

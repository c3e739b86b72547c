"""The page of a conversation: what is said in it, and taking it over from the assistant."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from conversations.models import Escalation
from tests.console.people import consultant_make, escalation_make, question_answered
from tests.conversations.people import conversation_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


@pytest.fixture
def conversation():
    """One that the assistant answers in."""
    conversation = conversation_make()
    question_answered(conversation)
    return conversation


def address(conversation):
    return reverse("admin:conversations_conversation_change", args=[conversation.pk])


def test_a_consultant_takes_over_and_goes_on_in_the_escalation(client, robin, conversation):
    assert "Take over" in client.get(address(conversation)).content.decode()
    response = client.post(address(conversation), follow=True)
    shown = response.content.decode()
    assert Escalation.objects.get(conversation=conversation).assignee == robin
    assert "This conversation is yours now" in shown
    assert "Robin Hale has taken the conversation over." in shown
    assert 'value="send"' in shown
    assert "waits for an answer" not in shown, "the assistant has answered that one"


def test_what_is_escalated_is_opened_and_not_taken_over(client, robin):
    shown = client.get(address(escalation_make().conversation)).content.decode()
    assert "Open the escalation" in shown
    assert "Take over" not in shown


def test_one_without_a_question_says_why_it_cannot_be_taken_over(client, robin):
    response = client.post(address(conversation_make()), follow=True)
    assert "The customer has not asked anything here" in response.content.decode()
    assert not Escalation.objects.exists()


def test_who_may_only_read_cannot_take_over(client, conversation):
    viewer = consultant_make("vera")
    viewer.groups.clear()
    viewer.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client.force_login(viewer)
    assert "Take over" not in client.get(address(conversation)).content.decode()
    assert client.post(address(conversation)).status_code == 403
    assert not Escalation.objects.exists()

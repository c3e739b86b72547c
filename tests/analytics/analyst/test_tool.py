"""Staff who write on the channel `admin` reach the analyst; nobody else does, and on no other channel."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from analytics.facts.services import facts_rebuild
from conversations.answering.tools import ToolScene, tools_build
from conversations.models import Identity
from tests.analytics.seeding import answered, asked
from tests.conversations.people import conversation_make, customer_make

pytestmark = pytest.mark.django_db


def offered(email: str, *, channel: str = "admin", verified: bool = True) -> dict:
    customer = customer_make(email)
    sender = customer.identities.get()
    Identity.objects.filter(pk=sender.pk).update(verified_at=timezone.now() if verified else None)
    sender.refresh_from_db()
    scene = ToolScene(conversation_make(customer), customer, 1, channel_id=channel, sender=sender if verified else None)
    return {tool.name: tool for tool in tools_build(scene)}


def test_an_admin_asks_on_the_channel_admin() -> None:
    User.objects.create_superuser("boss", email="boss@example.com", password="x")
    answered(asked(timezone.now()))
    facts_rebuild()
    tool = offered("boss@example.com")["ask_analytics"]
    assert (tool.effect, tool.needs_verified, tool.citable) == ("reads", True, True)
    told = tool.call(question="How many queries today?")
    assert told["rows"] == [[1]]
    assert "Queries on" in told["answer"]
    assert "Website chat" not in tool.call(question="what about unicorns?")["answer"]


def test_nobody_else_is_given_it() -> None:
    User.objects.create_superuser("boss", email="boss@example.com", password="x")
    User.objects.create_user("robin", email="robin@example.com", password="x", is_staff=True)  # may not see figures
    User.objects.create_superuser("gone", email="gone@example.com", password="x", is_active=False)
    assert "ask_analytics" not in offered("stranger@example.com")
    assert "ask_analytics" not in offered("robin@example.com")
    assert "ask_analytics" not in offered("gone@example.com")
    assert "ask_analytics" not in offered("boss@example.com", channel="outlook")


def test_an_address_that_nobody_verified_is_nobodys() -> None:
    User.objects.create_superuser("boss", email="boss@example.com", password="x")
    assert "ask_analytics" not in offered("boss@example.com", verified=False)

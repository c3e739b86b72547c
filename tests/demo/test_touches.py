"""What a CRM agent's customer did elsewhere: several channels, one account, nothing twice."""

import pytest
from django.utils import timezone

from conversations.interactions.selectors import history_read
from conversations.models import Customer, Interaction
from omnicqm.demo.company import customers_load
from omnicqm.demo.touches import touches_load, touches_read

pytestmark = pytest.mark.django_db

PRIYA = "OE-20671"


def test_a_customers_touches_come_from_several_channels_in_their_order():
    customers_load()
    customers = Customer.objects.count()
    touches_load()
    assert Customer.objects.count() == customers, "they belong to customers of the demo"
    history = history_read(account_number=PRIYA, days=90, limit=10)
    assert [event.channel for event in history.events] == ["web", "ivr", "phone", "phone", "branch", "ivr"]
    assert all(event.text and event.intent for event in history.events)
    assert "58114" in history.events[0].text


def test_days_are_told_from_today():
    texts = [told.detail for told in touches_read(timezone.now())]
    assert not [text for text in texts if "{" in text]


def test_loading_again_adds_nothing():
    customers_load()
    loaded = touches_load()
    assert loaded == Interaction.objects.count() == len(touches_read(timezone.now()))
    assert touches_load() == 0

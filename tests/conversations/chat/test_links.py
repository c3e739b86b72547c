"""The "continue in chat" link of a reply by mail."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing

from conversations.chat.links import LinkNotValid, NoMailAddress, continue_link_make, continue_link_open
from conversations.models import Identity
from tests.conversations.people import EFUA, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation():
    conversation = conversation_make()
    query_make(conversation, "Where is my order?")
    return conversation


def token_of(link):
    return urlsplit(link).path.rpartition("/")[2]


def test_the_link_opens_its_conversation_for_the_address_that_wrote(conversation, settings):
    link = continue_link_make(conversation)
    assert link.startswith(f"{settings.OMNICQM_BASE_URL}/chat/continue/")
    opened = continue_link_open(token_of(link))
    assert opened.conversation == conversation
    assert opened.identity.value == EFUA


def test_of_several_addresses_the_one_that_wrote_last_is_meant(conversation):
    second = Identity.objects.create(customer=conversation.customer, kind="email", value="efua@home.example")
    query_make(conversation, "And from home?", sender=second)
    assert continue_link_open(token_of(continue_link_make(conversation))).identity == second


def test_a_link_for_one_address_is_not_for_another_that_wrote_meanwhile(conversation):
    second = Identity.objects.create(customer=conversation.customer, kind="email", value="efua@home.example")
    query_make(conversation, "And from home?", sender=second)
    link = continue_link_make(conversation, address=EFUA)
    assert continue_link_open(token_of(link)).identity.value == EFUA


def test_there_is_no_link_for_an_address_that_is_not_the_customers(conversation):
    customer_make("somebody@example.com")
    with pytest.raises(NoMailAddress):
        continue_link_make(conversation, address="somebody@example.com")


def test_without_a_mail_there_is_nobody_to_send_a_link_to():
    with pytest.raises(NoMailAddress):
        continue_link_make(conversation_make())


def test_it_is_good_for_seven_days(conversation, monkeypatch):
    token = token_of(continue_link_make(conversation))
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + timedelta(days=7).total_seconds() - 5)
    assert continue_link_open(token)
    monkeypatch.setattr(signing.time, "time", lambda: now + timedelta(days=7).total_seconds() + 5)
    with pytest.raises(LinkNotValid, match="expired"):
        continue_link_open(token)


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-1], lambda t: "x" + t, lambda _: "", lambda _: "a:b:c", lambda t: t * 50]
)
def test_a_forged_link_opens_nothing(conversation, forge):
    with pytest.raises(LinkNotValid):
        continue_link_open(forge(token_of(continue_link_make(conversation))))


def test_a_token_signed_for_something_else_opens_nothing(conversation):
    token = signing.dumps([conversation.pk, conversation.customer.identities.get().pk], salt="another purpose")
    with pytest.raises(LinkNotValid):
        continue_link_open(token)


def test_it_stops_working_when_conversation_and_address_part(conversation):
    token = token_of(continue_link_make(conversation))
    conversation.customer = customer_make("somebody@example.com")
    conversation.save()
    with pytest.raises(LinkNotValid):
        continue_link_open(token)


def test_it_keeps_working_when_both_move_to_the_same_customer(conversation):
    token = token_of(continue_link_make(conversation))
    survivor = customer_make("survivor@example.com")
    conversation.customer.identities.update(customer=survivor)
    conversation.customer = survivor
    conversation.save()
    assert continue_link_open(token).conversation == conversation

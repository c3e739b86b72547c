"""What a search of the queue finds, however many cases it finds."""

import pytest

from conversations.models import Conversation, Customer, Escalation, Identity
from omnicqm.console.queue import searching
from omnicqm.console.queue.searching import search_condition
from tests.console.queue.cases import case_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases():
    """A lamp in the summary, in the subject, and in the name of the customer; and one without."""
    made = {name: case_make(name) for name in ("summary", "subject", "name", "none")}
    Escalation.objects.filter(pk=made["summary"].pk).update(summary="The floor lamp is broken")
    Conversation.objects.filter(pk=made["subject"].conversation_id).update(subject="LAMP of mine")
    Customer.objects.filter(pk=made["name"].conversation.customer_id).update(display_name="Ada Lampert")
    return made


def found(text, cases):
    names = {case.pk: name for name, case in cases.items()}
    return {names[pk] for pk in Escalation.objects.filter(search_condition(text)).values_list("pk", flat=True)}


@pytest.mark.parametrize("most", [0, 1_000], ids=["many", "few"])
def test_words_are_found_in_the_matter_the_subject_and_the_name(cases, monkeypatch, most):
    monkeypatch.setattr(searching, "MOST_LISTED", most)
    assert found("lamp", cases) == {"summary", "subject", "name"}
    assert found("floor lamp", cases) == {"summary"}
    assert found("zebra", cases) == set()
    assert found("100%", cases) == set()


def test_an_address_finds_the_cases_of_whom_it_belongs_to(cases):
    Conversation.objects.filter(pk=cases["none"].conversation_id).update(subject="From subject@example.org")
    assert found("Subject@Example.org", cases) == {"subject"}


def test_an_address_that_nobody_is_known_by_is_a_word(cases):
    Conversation.objects.filter(pk=cases["none"].conversation_id).update(subject="From ben@shop.example")
    assert found("ben@shop.example", cases) == {"none"}


def test_a_number_finds_who_is_known_by_it_and_where_it_is_said(cases):
    customer = cases["name"].conversation.customer
    Identity.objects.create(customer=customer, kind="account", value="AC-4711")
    Conversation.objects.filter(pk=cases["none"].conversation_id).update(subject="About ac-4711")
    assert found("AC-4711", cases) == {"name", "none"}

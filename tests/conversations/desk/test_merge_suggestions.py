"""Who may be one person: said with the evidence, and never done by itself."""

import pytest

from conversations.erasure import customer_erase
from conversations.identity.merging import customer_merge
from conversations.identity.suggestions import merge_suggestions
from conversations.models import Customer, Identity
from tests.conversations.people import customer_make

pytestmark = pytest.mark.django_db


def known_by(customer, kind, value):
    Identity.objects.create(customer=customer, kind=kind, value=value)
    return customer


def suggested(customer):
    return {one.customer: list(one.evidence) for one in merge_suggestions(customer)}


def test_a_phone_number_in_the_record_that_the_other_is_known_by():
    other = known_by(customer_make("a@example.com", display_name="H. Lind"), "phone", "+12065550124")
    customer = customer_make("b@example.net", display_name="Hannah Lind", profile={"Mobile": "+1 (206) 555-0124"})
    assert suggested(customer) == {other: ["“Mobile” in this record is the other one’s phone number."]}


def test_an_account_number_and_an_address_in_the_record():
    other = known_by(customer_make("a@example.com"), "account", "OE-1")
    customer = customer_make("b@example.net", profile={"Account number": "oe-1", "Second mail": "A@Example.com"})
    assert suggested(customer) == {
        other: [
            "“Account number” in this record is the other one’s account number.",
            "“Second mail” in this record is the other one’s e-mail address.",
        ]
    }


def test_the_same_name_and_mail_from_the_same_domain():
    other = customer_make("hannah@lind.example", display_name="Hannah Lind")
    customer = customer_make("h.lind@lind.example", display_name="hannah lind")
    assert suggested(customer) == {other: ["Both are called Hannah Lind and write from lind.example."]}


def test_it_is_seen_from_both_sides():
    first = customer_make("hannah@lind.example", display_name="Hannah Lind", profile={"Phone": "+12065550124"})
    second = customer_make("h@other.example", display_name="Hannah Lind")
    known_by(second, "phone", "+12065550124")
    assert suggested(first) == {second: ["“Phone” in this record is the other one’s phone number."]}
    assert suggested(second) == {first: ["“Phone” in the other record is this one’s phone number."]}


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("Hannah Lind", "hannah@other.example"),  # a name alone
        ("Someone Else", "someone@lind.example"),  # a domain alone
    ],
)
def test_half_of_it_is_no_evidence(name, mail):
    customer = customer_make("h@lind.example", display_name="Hannah Lind")
    customer_make(mail, display_name=name)
    assert suggested(customer) == {}


def test_a_domain_that_strangers_share_is_none():
    customer = customer_make("h1@gmail.com", display_name="Hannah Lind")
    customer_make("h2@gmail.com", display_name="Hannah Lind")
    assert suggested(customer) == {}


def test_who_was_merged_or_erased_is_not_suggested():
    customer = customer_make("h@lind.example", display_name="Hannah Lind")
    merged, erased = (customer_make(f"{n}@lind.example", display_name="Hannah Lind") for n in range(2))
    customer_merge(customer=customer_make("x@x.example"), absorbed=merged, actor="test")
    customer_erase(customer=erased, actor="test")
    assert suggested(customer) == {}


def test_nothing_is_merged_by_it(django_assert_max_num_queries):
    customer = customer_make("h@lind.example", display_name="Hannah Lind", profile={"a": 1, "b": None, "c": "+x"})
    for number in range(9):
        customer_make(f"{number}@lind.example", display_name="Hannah Lind")
    with django_assert_max_num_queries(5):
        assert len(merge_suggestions(customer)) == 5
    assert not Customer.objects.exclude(merged_into=None).exists()

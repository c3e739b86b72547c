"""The fictional company: complete, consistent, and nobody who exists."""

import csv
import re

import pytest

from conversations.models import Channel, Customer, Identity
from conversations.services.channels import channels_ensure_defaults
from knowledge.models import Document, DocumentVersion
from knowledge.selectors import knowledge_search
from omnicqm.common.text import text_clean
from omnicqm.demo.company import ARTICLES, CUSTOMERS, article_id, articles_load, customers_load, staff_ensure
from omnicqm.demo.seeds import seeds_read

FILES = sorted(ARTICLES.rglob("*.md"))
RESERVED = re.compile(r"@(example\.(com|org|net)|oakember\.example)$")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_article_is_worth_reading(file):
    text = file.read_text()
    assert 250 <= len(text.split()) <= 700
    assert text.startswith("# ")
    assert text.count("\n## ") >= 4
    assert re.search(r"^(\|[ -:|]+\||- .+|1\. .+)$", text, re.MULTILINE), "neither table nor list"
    assert text == text_clean(text)


def test_there_are_articles_for_customers_and_procedures_for_consultants():
    internal = [file for file in FILES if file.parent.name == "internal"]
    assert len(FILES) - len(internal) >= 14
    assert len(internal) >= 2
    assert len({article_id(file) for file in FILES}) == len(FILES)


def test_nothing_in_it_reads_like_a_bank_or_a_travel_agency():
    everything = " ".join(file.read_text().lower() for file in FILES)
    for words in ("credit card", "late fee", "late payment", "annual fee", "lounge", "flight", "hotel", "mortgage"):
        assert words not in everything, words


def test_customers_have_levels_addresses_and_accounts_that_nobody_else_has():
    rows = list(csv.DictReader(CUSTOMERS.read_text().splitlines()))
    assert len(rows) >= 8
    assert {row["service_level"] for row in rows} == {"standard", "gold", "premium"}
    for name in ("account", "email", "phone"):
        assert len({row[name] for row in rows}) == len(rows)
    assert all(RESERVED.search(row["email"]) for row in rows)
    assert all(re.fullmatch(r"\+120655501\d\d", row["phone"]) for row in rows), "555-01xx is kept for fiction"


def test_the_days_conversations_name_known_people_and_channels():
    customers = {row["email"] for row in csv.DictReader(CUSTOMERS.read_text().splitlines())}
    seeds = seeds_read()
    assert 12 <= len(seeds) <= 20
    assert {seed.customer for seed in seeds if seed.customer} <= customers
    assert {turn.channel for seed in seeds for turn in seed.turns} == {"outlook", "chat"}
    external_ids = [seed.external_id(index) for seed in seeds for index in range(len(seed.turns))]
    assert len(set(external_ids)) == len(external_ids)


def test_what_happens_in_a_conversation_happens_in_order_and_within_a_day():
    for seed in seeds_read():
        hours = [turn.hours_ago for turn in seed.turns] + ([seed.consultant.hours_ago] if seed.consultant else [])
        assert hours == sorted(hours, reverse=True), seed.key
        assert 0 < hours[-1] <= hours[0] < 24


@pytest.mark.django_db
def test_customers_are_known_as_long_as_they_say():
    customers_load()
    priya = Customer.objects.get(identities__value="priya.raman@example.org")
    assert (priya.service_level, priya.created_at.year) == ("premium", 2019)
    assert {identity.kind for identity in priya.identities.all()} == {"account", "email", "phone"}
    before = Customer.objects.count(), Identity.objects.count()
    customers_load()
    assert (Customer.objects.count(), Identity.objects.count()) == before


@pytest.mark.django_db
def test_staff_are_an_admin_and_a_consultant_with_the_rights_of_the_work():
    consultant = staff_ensure(admin_password="a long password", consultant_password="another password")
    assert consultant.is_staff
    assert not consultant.is_superuser
    assert consultant.has_perm("conversations.change_escalation")
    assert not consultant.has_perm("conversations.view_signincode")
    assert not consultant.has_perm("conversations.change_channel")
    again = staff_ensure(admin_password="a new password", consultant_password="another password")
    assert again == consultant
    assert Channel.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_articles_are_found_and_internal_ones_only_by_consultants():
    channels_ensure_defaults()
    assert articles_load() == len(FILES)
    versions = DocumentVersion.objects.count()
    assert Document.objects.filter(versions__current=True).count() == len(FILES)

    [best, *_] = knowledge_search(query="How long do I have to return an unused item?")
    assert best.external_id == "oak-ember/returns-and-refunds"
    asked = "How much goodwill may I decide alone after a missed appointment?"
    assert not any(passage.internal for passage in knowledge_search(query=asked))
    assert knowledge_search(query=asked, audience="internal")[0].external_id == "oak-ember/goodwill-and-compensation"

    articles_load()
    assert DocumentVersion.objects.count() == versions

"""Who a page says its visitor is: threads come along to their own customer, and to nobody else."""

import pytest
from django.contrib.sessions.backends.db import SessionStore

from conversations.channels.base import Sender
from conversations.chat.session import WIDGET_KEY, browser_get, browser_sign_out, visitor_ensure
from conversations.chat.sign_in import mailbox_owner_sign_in
from conversations.identity import identity_attach, identity_resolve
from conversations.models import Customer, Identity, SpentToken
from conversations.widget.errors import IdentityRefused
from conversations.widget.identifying import browser_identify
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.people import EFUA, conversation_make, customer_make
from tests.conversations.widget.shop import claims_make, key_make, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return key_make()


def browser_make(key):
    session = SessionStore()
    session[WIDGET_KEY] = key.pk
    visitor_ensure(session)
    return session


def said_as_visitor(session):
    visitor = identity_resolve(sender=Sender("visitor", visitor_ensure(session)), source="chat")
    return conversation_make(visitor.customer)


def identify(session, shop, **claims):
    key, secret = shop
    return browser_identify(session=session, key=key, token=sign(claims_make(key, **claims), secret))


def customer_of(session):
    return browser_get(session).customer


def test_an_unknown_customer_of_the_shop_becomes_one_of_ours_with_what_they_said(shop):
    session = browser_make(shop[0])
    said = said_as_visitor(session)
    done = identify(session, shop, email="Ada@Example.com", account_number="a-1", name="Ada Berg")
    said.refresh_from_db()
    customer = customer_of(session)
    assert done.changed
    assert said.customer == customer
    assert customer.display_name == "Ada Berg"
    values = set(customer.identities.exclude(kind="visitor").values_list("kind", "value"))
    assert values == {("email", "ada@example.com"), ("account", "A-1"), ("external", f"{shop[0].public_key}:17")}
    assert not customer.identities.exclude(kind="visitor").filter(verified_at=None).exists()
    assert browser_get(session).sender == Sender("email", "ada@example.com", verified=True)
    assert browser_get(session).signed_in_as == "ada@example.com"


def test_who_mailed_before_finds_the_mail(shop):
    efua = customer_make()
    session = browser_make(shop[0])
    identify(session, shop, email=EFUA)
    assert customer_of(session) == efua
    assert Customer.objects.count() == 1, "nobody was made only to be merged"


def test_who_has_no_address_is_known_by_the_shops_own_id(shop):
    session = browser_make(shop[0])
    identify(session, shop, name="Ada Berg")
    assert browser_get(session).sender.kind == "external"
    assert browser_get(session).signed_in_as == "Ada Berg"
    other = browser_make(shop[0])
    identify(other, shop)
    assert customer_of(other) == customer_of(session)


def test_the_ids_of_two_keys_are_two_people(shop):
    forum = key_make("Forum")
    one, two = browser_make(shop[0]), browser_make(forum[0])
    identify(one, shop)
    identify(two, forum)
    assert customer_of(one) != customer_of(two)


def test_an_address_that_is_not_verified_opens_nothing(shop):
    efua = customer_make()
    session = browser_make(shop[0])
    identify(session, shop, email=EFUA, email_verified=False)
    assert customer_of(session) != efua
    assert not customer_of(session).identities.filter(kind="email").exists()


def test_a_customer_known_by_account_and_by_address_is_one(shop):
    record = customer_make("old@example.com")
    identity_attach(customer=record, kind="account", value="A-1", source="import")
    mailed = customer_make(EFUA)
    thread = conversation_make(mailed)
    session = browser_make(shop[0])
    identify(session, shop, email=EFUA, account_number="A-1")
    thread.refresh_from_db()
    assert thread.customer == customer_of(session) == record


def test_two_accounts_of_the_shop_stay_two_whatever_a_token_says(shop):
    one, two = browser_make(shop[0]), browser_make(shop[0])
    identify(one, shop, sub="17", email=EFUA)
    identify(two, shop, sub="18", email=EFUA)
    assert customer_of(one) != customer_of(two)
    assert browser_get(two).identity.kind == "external"
    assert AuditEvent.objects.get(action="identity.claim_left_out").details["kind"] == "email"
    three = browser_make(shop[0])
    identify(three, shop, sub="19", account_number="A-1")
    identify(browser_make(shop[0]), shop, sub="17", account_number="A-1")
    assert customer_of(one) != customer_of(three)


def test_another_account_number_does_not_join_two_records(shop):
    record = customer_make("old@example.com")
    identity_attach(customer=record, kind="account", value="A-1", source="import")
    session = browser_make(shop[0])
    identify(session, shop, email="old@example.com", account_number="B-2")
    assert customer_of(session) != record


def test_somebody_else_begins_with_nothing_of_the_one_before(shop):
    session = browser_make(shop[0])
    ours = said_as_visitor(session)
    identify(session, shop, sub="17", email=EFUA)
    visitor, efua = session["chat_visitor"], customer_of(session)
    identify(session, shop, sub="18", email="ben@example.com")
    assert customer_of(session) != efua
    assert session["chat_visitor"] != visitor
    ours.refresh_from_db()
    assert ours.customer == efua


def test_somebody_else_after_a_sign_in_by_code_begins_anew_too(shop):
    session = browser_make(shop[0])
    mailbox_owner_sign_in(session=session, email=EFUA, by="code")
    visitor = session["chat_visitor"]
    identify(session, shop, email="ben@example.com")
    assert browser_get(session).identity.value == "ben@example.com"
    assert session["chat_visitor"] != visitor


def test_the_same_customer_again_changes_nothing(shop):
    session = browser_make(shop[0])
    identify(session, shop, email=EFUA)
    kept = session.session_key
    assert not identify(session, shop, email=EFUA).changed
    assert session.session_key == kept


def test_a_token_may_be_repeated_by_its_own_browser_only(shop):
    key, secret = shop
    token = sign(claims_make(key, email=EFUA), secret)
    session = browser_make(key)
    browser_identify(session=session, key=key, token=token)
    browser_identify(session=session, key=key, token=token)
    thief = browser_make(key)
    with pytest.raises(IdentityRefused) as refused:
        browser_identify(session=thief, key=key, token=token)
    assert refused.value.code == "token_replayed"
    assert not browser_get(thief).is_signed_in
    browser_sign_out(session)
    visitor_ensure(session)
    with pytest.raises(IdentityRefused):
        browser_identify(session=session, key=key, token=token)


def test_a_stolen_token_signs_nobody_out(shop):
    key, secret = shop
    stolen = sign(claims_make(key, email=EFUA), secret)
    browser_identify(session=browser_make(key), key=key, token=stolen)
    session = browser_make(key)
    identify(session, shop, sub="18", email="ben@example.com")
    with pytest.raises(IdentityRefused):
        browser_identify(session=session, key=key, token=stolen)
    assert browser_get(session).identity.value == "ben@example.com"


def test_spent_tokens_are_forgotten_when_they_have_expired(shop):
    identify(browser_make(shop[0]), shop)
    SpentToken.objects.update(expires_at="2026-01-01T00:00:00Z")
    identify(browser_make(shop[0]), shop)
    assert SpentToken.objects.count() == 1


def test_a_wrong_token_leaves_everything_as_it_was(shop):
    key, _ = shop
    session = browser_make(key)
    said = said_as_visitor(session)
    with pytest.raises(IdentityRefused):
        browser_identify(session=session, key=key, token=sign(claims_make(key, email=EFUA), "another secret"))
    said.refresh_from_db()
    assert said.customer == customer_of(session)
    assert not browser_get(session).is_signed_in
    assert not Identity.objects.filter(kind="email").exists()


def test_a_malformed_claim_is_named(shop):
    with pytest.raises(InvalidInput) as refused:
        identify(browser_make(shop[0]), shop, email="nobody")
    assert refused.value.param == "email"


def test_identifying_is_in_the_trail_without_the_address(shop):
    session = browser_make(shop[0])
    identity = identify(session, shop, email=EFUA).identity
    event = AuditEvent.objects.get(action="customer.signed_in")
    assert event.object_id == identity.pk
    assert event.details == {"by": "widget", "key": shop[0].pk}


def test_giving_a_new_session_key_so_that_a_planted_one_gains_nothing(shop):
    session = browser_make(shop[0])
    session.save()
    planted = session.session_key
    identify(session, shop, email=EFUA)
    assert session.session_key != planted

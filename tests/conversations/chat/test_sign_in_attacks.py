"""People who want to be somebody else, to keep somebody out, or to learn who our customers are."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conversations.channels.base import Sender
from conversations.chat import sign_in
from conversations.chat.known import COOKIE
from conversations.chat.links import continue_link_make
from conversations.chat.session import VISITOR_KEY, browser_get, visitor_ensure
from conversations.chat.sign_in import CodeNotAccepted, mailbox_owner_sign_in, sign_in_code_send, sign_in_code_use
from conversations.identity import identity_resolve
from conversations.models import Conversation, Identity, SignInCode, SpentToken
from omnicqm.common.errors import RateLimited
from omnicqm.common.networks import network_named
from tests.conversations.people import EFUA, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db
BEN = "ben@example.com"


def ask(client, email=EFUA):
    return client.post(reverse("chat:sign_in"), {"email": email})


def code_in_mail():
    return re.search(r"\b\d{6,12}\b", mail.outbox[-1].body)[0]


def enter(client, code):
    return client.post(reverse("chat:sign_in_code"), {"code": code})


def sign_in_as(client, email=EFUA):
    ask(client, email)
    return enter(client, code_in_mail())


def say_as_visitor(client):
    """What the browser's visitor has said."""
    client.get("/chat/")
    visitor = identity_resolve(sender=Sender("visitor", client.session[VISITOR_KEY]), source="chat")
    conversation = conversation_make(visitor.customer, subject="Said as a visitor")
    query_make(conversation, f"I am {EFUA}, show me my orders", channel="chat", sender=visitor, verified=False)
    return conversation


def page(client):
    return client.get("/chat/").content.decode()


def later(**delta):
    """As if what was sent had been sent earlier."""
    for row in SignInCode.objects.all():
        SignInCode.objects.filter(pk=row.pk).update(created_at=row.created_at - timedelta(**delta))


@pytest.fixture
def mailed():
    conversation = conversation_make(customer_make(), subject="My order")
    query_make(conversation, "Where is my order?", subject="My order")
    return conversation


# --- Claiming to be somebody ---


def test_who_only_claims_an_address_sees_nothing_and_gives_nothing_away(client, mailed):
    said = say_as_visitor(client)
    ask(client, EFUA)
    for guess in ("000000", "111111", "222222"):
        enter(client, guess)
    said.refresh_from_db()
    assert said.customer != mailed.customer
    assert mailed.reference not in page(client)
    efua = Client()
    sign_in_as(efua)
    assert said.reference not in page(efua), "what a stranger said under her name is not hers"
    assert mailed.customer.identities.filter(kind="visitor").count() == 0


def test_the_thread_of_a_visitor_goes_to_who_proved_the_address_and_only_then(client, mailed):
    said = say_as_visitor(client)
    ask(client, EFUA)
    assert Conversation.objects.get(pk=said.pk).customer != mailed.customer
    enter(client, code_in_mail())
    assert Conversation.objects.get(pk=said.pk).customer == mailed.customer


def test_a_code_for_one_address_never_opens_another(client, mailed):
    attacker = Client()
    ask(attacker, "attacker@example.com")
    own_code = code_in_mail()
    ask(attacker, EFUA)
    assert enter(attacker, own_code).status_code == 400 or own_code == code_in_mail()
    assert mailed.reference not in page(attacker)


def test_the_code_of_one_browser_is_of_no_use_in_another(client, mailed):
    ask(client, EFUA)
    code = code_in_mail()
    thief = Client()
    ask(thief, EFUA)
    assert enter(thief, code).status_code == 400 or code == code_in_mail()
    assert enter(client, code).status_code == 302


# --- One browser, several people ---


def test_after_signing_out_the_next_person_sees_nothing_and_not_even_the_address(client, mailed):
    said = say_as_visitor(client)
    sign_in_as(client)
    client.post(reverse("chat:sign_out"))
    text = page(client) + client.get(reverse("chat:sign_in")).content.decode()
    for secret in (EFUA, mailed.reference, said.reference):
        assert secret not in text
    assert client.get(reverse("chat:conversation", args=[said.pk])).status_code == 404


def test_an_awaited_code_is_forgotten_with_signing_out(client):
    ask(client, EFUA)
    code = code_in_mail()
    client.post(reverse("chat:sign_out"))
    assert client.get(reverse("chat:sign_in_code")).url == reverse("chat:sign_in")
    assert enter(client, code).url == reverse("chat:sign_in")


def test_a_visitor_who_never_signed_in_can_be_forgotten_too(client):
    said = say_as_visitor(client)
    assert "Forget this chat" in page(client)
    client.post(reverse("chat:sign_out"))
    assert said.reference not in page(client)
    sign_in_as(client)
    assert Conversation.objects.get(pk=said.pk).customer != browser_get(client.session).customer


def test_another_customer_in_the_same_browser_takes_nothing_along(client, mailed):
    said = say_as_visitor(client)
    sign_in_as(client, EFUA)
    visitor = client.session[VISITOR_KEY]
    bens = conversation_make(customer_make(BEN))
    query_make(bens, "A question of Ben")
    client.post(urlsplit(continue_link_make(bens)).path)
    assert browser_get(client.session).identity.value == BEN
    assert client.session[VISITOR_KEY] != visitor
    assert said.reference not in page(client)
    assert Conversation.objects.get(pk=said.pk).customer == mailed.customer


def test_a_code_asked_for_before_somebody_signed_in_by_link_makes_a_clean_change():
    session = SessionStore()
    sign_in_code_send(session=session, email=BEN, network="192.0.2.7")
    code, waiting = code_in_mail(), session["chat_sign_in_code"]
    mailbox_owner_sign_in(session=session, email=EFUA, by="link")
    visitor = session[VISITOR_KEY]
    session["chat_sign_in_code"] = waiting
    sign_in_code_use(session=session, code=code)
    assert browser_get(session).identity.value == BEN
    assert session[VISITOR_KEY] != visitor


# --- The link of a mail ---


def test_a_link_signs_in_once(client, mailed):
    link = urlsplit(continue_link_make(mailed)).path
    assert client.post(link).status_code == 302
    other = Client()
    assert other.post(link).status_code == 409
    text = other.get(link).content.decode()
    assert "has been used" in text
    assert EFUA not in text
    assert mailed.pk not in page(other)
    assert not browser_get(other.session).is_signed_in


def test_a_scanner_that_opens_every_link_uses_none_up(client, mailed):
    link = urlsplit(continue_link_make(mailed)).path
    for _ in range(3):
        scanner = Client()
        assert scanner.get(link).status_code == 200
        assert scanner.head(link).status_code == 200
        assert scanner.options(link).status_code == 405
    assert not SpentToken.objects.exists()
    assert client.post(link).status_code == 302


def test_pressing_twice_or_opening_it_again_in_the_same_browser_does_no_harm(client, mailed):
    link = urlsplit(continue_link_make(mailed)).path
    there = reverse("chat:conversation", args=[mailed.pk])
    assert client.post(link).url == there
    assert client.post(link).url == there
    assert client.get(link).url == there


def test_on_another_device_a_used_link_sends_a_code_without_telling_the_address(client, mailed):
    link = urlsplit(continue_link_make(mailed)).path
    client.post(link)
    phone = Client()
    assert phone.post(link, {"do": "code"}).url == reverse("chat:sign_in_code")
    assert mail.outbox[-1].to == [EFUA]
    assert EFUA not in phone.get(reverse("chat:sign_in_code")).content.decode()
    enter(phone, code_in_mail())
    assert mailed.reference in page(phone)


def test_every_mail_has_a_link_of_its_own(client, mailed):
    first, second = (urlsplit(continue_link_make(mailed)).path for _ in range(2))
    assert first != second
    client.post(first)
    assert Client().post(second).status_code == 302


def test_a_used_link_is_used_up_for_the_one_who_signed_out_as_well(client, mailed):
    link = urlsplit(continue_link_make(mailed)).path
    client.post(link)
    client.post(reverse("chat:sign_out"))
    assert client.post(link).status_code == 409


def test_a_link_somebody_planted_can_leave_behind_what_is_not_theirs(client, mailed):
    """A stranger sends his own link: who presses it there may keep what was written in this browser to herself."""
    said = say_as_visitor(client)
    link = urlsplit(continue_link_make(mailed)).path
    assert "leave it behind" in client.get(link).content.decode()
    client.post(link, {"leave": "1"})
    assert Conversation.objects.get(pk=said.pk).customer != mailed.customer
    assert said.reference not in page(client)


def test_nothing_to_leave_behind_is_not_asked_about(client, mailed):
    assert "leave it behind" not in client.get(urlsplit(continue_link_make(mailed)).path).content.decode()


# --- Guessing, and keeping others out ---


def test_guesses_of_many_browsers_make_codes_too_long_to_be_guessed_and_lock_nobody_out():
    for number in range(4):
        session = SessionStore()
        sign_in_code_send(session=session, email=EFUA, network=f"192.0.2.{number}")
        wrong = f"{(int(code_in_mail()) + 1) % 10**6:06d}"
        for _ in range(5):
            with pytest.raises(CodeNotAccepted):
                sign_in_code_use(session=session, code=wrong)
    owner = SessionStore()
    sign_in_code_send(session=owner, email=EFUA, network="198.51.100.1")
    code = code_in_mail()
    assert len(code) == sign_in.LONG
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=owner, code=code[: sign_in.SHORT])
    assert sign_in_code_use(session=owner, code=f"{code[:6]} {code[6:]}").value == EFUA


def test_the_page_says_how_long_the_code_is(client):
    for _ in range(4):
        SignInCode.objects.create(email=EFUA, network="x", browser="x", expires_at=timezone.now(), tries=5)
    ask(client)
    assert "Code of 12 digits" in client.get(reverse("chat:sign_in_code")).content.decode()
    assert enter(client, code_in_mail()).status_code == 302


def test_strangers_who_use_up_an_addresss_codes_do_not_keep_its_owner_out(client):
    sign_in_as(client)
    client.post(reverse("chat:sign_out"))
    assert COOKIE in client.cookies
    later(minutes=20)
    for number in range(sign_in.MOST_PER_ADDRESS):
        sign_in_code_send(session=SessionStore(), email=EFUA, network=f"192.0.2.{number}")
    with pytest.raises(RateLimited):
        sign_in_code_send(session=SessionStore(), email=EFUA, network="192.0.2.99")
    assert ask(client).status_code == 302
    assert enter(client, code_in_mail()).status_code == 302


def test_a_known_browser_is_known_for_its_own_addresses_only(client):
    sign_in_as(client, "attacker@example.com")
    client.post(reverse("chat:sign_out"))
    for number in range(sign_in.MOST_PER_ADDRESS):
        sign_in_code_send(session=SessionStore(), email=EFUA, network=f"192.0.2.{number}")
    assert ask(client, EFUA).status_code == 429
    client.cookies[COOKIE] = "x" + client.cookies[COOKIE].value
    later(minutes=1)
    ask(client, "attacker@example.com")
    assert not SignInCode.objects.filter(email="attacker@example.com").latest("created_at").is_known


def test_a_known_browser_has_limits_of_its_own(client):
    sign_in_as(client)
    later(minutes=20)
    for _ in range(sign_in.MOST_PER_ADDRESS):
        client.post(reverse("chat:sign_out"))
        assert ask(client).status_code == 302
        later(minutes=1)
    client.post(reverse("chat:sign_out"))
    assert ask(client).status_code == 429


def test_a_mailbox_is_not_flooded():
    for number in range(sign_in.MOST_PER_ADDRESS_AND_DAY):
        sign_in_code_send(session=SessionStore(), email=EFUA, network=f"192.0.2.{number}")
        later(minutes=20)
    with pytest.raises(RateLimited):
        sign_in_code_send(session=SessionStore(), email=EFUA, network="198.51.100.1")
    later(hours=24)
    sign_in_code_send(session=SessionStore(), email=EFUA, network="198.51.100.1")


def test_another_code_waits_half_a_minute(client):
    assert ask(client).status_code == 302
    answer = ask(client)
    assert answer.status_code == 429
    assert "half a minute" in answer.content.decode()
    later(seconds=31)
    assert ask(client).status_code == 302


def test_known_and_unknown_addresses_get_the_same_answers_to_everything(mailed):
    def course(email):
        client, seen = Client(), []
        seen.append(ask(client, email).status_code)
        seen.append(client.get(reverse("chat:sign_in_code")).content.decode().replace(email, "…"))
        seen.append(enter(client, "000000").status_code)
        seen.append(ask(client, email).content.decode().replace(email, "…"))
        return [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", str(part)) for part in seen]

    assert course(EFUA) == course("nobody@example.com")


# --- Networks ---


def test_a_household_with_many_addresses_is_one_network():
    assert network_named("2001:db8:1:2:3::4") == network_named("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_named("2001:db8:1:3::1") != network_named("2001:db8:1:2::1")
    assert network_named("::ffff:192.0.2.7") == network_named("192.0.2.7") == "192.0.2.7"
    assert network_named("") == network_named("nonsense") == "unknown"


def test_a_session_that_was_planted_is_worth_nothing_after_the_sign_in(client):
    client.get("/chat/")
    planted = client.cookies["sessionid"].value
    sign_in_as(client)
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert EFUA not in page(thief)


def test_a_visitors_name_is_not_to_be_guessed():
    names = {visitor_ensure(SessionStore()) for _ in range(50)}
    assert len(names) == 50
    assert min(len(name) for name in names) > 30
    assert not Identity.objects.filter(kind="visitor").exists(), "and it is nobody before it says something"

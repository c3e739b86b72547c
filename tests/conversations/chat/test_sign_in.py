"""Signing in by a code sent to a mailbox."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.utils import timezone

from conversations.channels.base import Sender
from conversations.chat import sign_in
from conversations.chat.session import browser_get, browser_sign_out, visitor_ensure
from conversations.chat.sign_in import CodeNotAccepted, sign_in_code_send, sign_in_code_use
from conversations.identity import identity_resolve
from conversations.models import Identity, SignInCode
from omnicqm.common.errors import InvalidInput, RateLimited, ServiceUnavailable
from omnicqm.common.models import AuditEvent
from tests.conversations.people import EFUA, conversation_make, customer_make

pytestmark = pytest.mark.django_db

FOLDER = "omnicqm.common.mail.FolderBackend"


@pytest.fixture
def session():
    return SessionStore()


def code_sent(to=None):
    message = mail.outbox[-1]
    assert to is None or message.to == [to]
    return re.search(r"\b\d{6}\b", message.body)[0]


def send(session, email=EFUA, network="192.0.2.7"):
    sign_in_code_send(session=session, email=email, network=network)
    return code_sent()


def test_the_code_signs_in_as_the_customer_of_the_address(session):
    customer = customer_make()
    code = send(session, " Efua.Owusu@Example.com ")
    sign_in_code_use(session=session, code=code)
    browser = browser_get(session)
    assert browser.customer == customer
    assert browser.sender == Sender(kind="email", value=EFUA, verified=True)
    assert "_auth_user_id" not in session, "a customer is never a Django user"


@pytest.mark.parametrize("typed", ["{} ", "{}\n", "{0[0]}{0[1]}{0[2]} {0[3]}{0[4]}{0[5]}"])
def test_the_code_may_be_typed_with_blanks(session, typed):
    code = send(session)
    assert sign_in_code_use(session=session, code=typed.format(code)).value == EFUA


def test_an_unknown_address_is_answered_just_the_same_and_becomes_a_customer(session):
    code = send(session, "new@example.com")
    identity = sign_in_code_use(session=session, code=code)
    assert identity.value == "new@example.com"
    assert identity.verified_at is not None


def test_the_row_holds_no_readable_code_when_mail_really_goes_out(session):
    code = send(session)
    row = SignInCode.objects.get()
    assert row.readable_code == row.shown_code == ""
    assert code not in "".join(str(value) for value in vars(row).values())


def test_the_row_shows_the_code_to_staff_where_mail_stays_on_the_machine(session, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FOLDER = FOLDER, tmp_path / "mails"
    sign_in_code_send(session=session, email=EFUA, network="192.0.2.7")
    row = SignInCode.objects.get()
    [kept] = settings.EMAIL_FOLDER.iterdir()
    assert re.search(r"\b\d{6}\b", kept.read_text())[0] == row.readable_code
    assert sign_in_code_use(session=session, code=row.readable_code)


def test_a_code_shown_once_is_hidden_when_mail_goes_out_later(session, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FOLDER = FOLDER, tmp_path
    sign_in_code_send(session=session, email=EFUA, network="192.0.2.7")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert SignInCode.objects.get().readable_code == ""


def test_a_code_works_once(session):
    code = send(session)
    waiting = session[sign_in.CODE_KEY]
    sign_in_code_use(session=session, code=code)
    session[sign_in.CODE_KEY] = waiting
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=session, code=code)


def test_a_code_works_only_in_the_browser_that_asked_for_it(session):
    code = send(session)
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=SessionStore(), code=code)


def test_a_code_is_good_for_ten_minutes(session):
    code = send(session)
    SignInCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=session, code=code)


def test_after_five_wrong_tries_the_right_code_is_refused_too(session):
    code = send(session)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        with pytest.raises(CodeNotAccepted):
            sign_in_code_use(session=session, code=wrong)
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=session, code=code)


@pytest.mark.parametrize("typed", ["", "abc", "\x00", "12345", "٣" * 6, "1" * 10_000])
def test_what_is_no_code_at_all_is_refused(session, typed):
    send(session)
    with pytest.raises(CodeNotAccepted):
        sign_in_code_use(session=session, code=typed)


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "a\x00@example.com", "a@example.com\nBcc: b@example.com"])
def test_a_malformed_address_is_refused_and_no_mail_is_sent(session, address):
    with pytest.raises(InvalidInput) as refused:
        sign_in_code_send(session=session, email=address, network="192.0.2.7")
    assert refused.value.param == "email"
    assert mail.outbox == []


def test_an_address_is_sent_five_codes_in_a_quarter_of_an_hour_at_most():
    for number in range(5):
        send(SessionStore(), network=f"192.0.2.{number}")
    with pytest.raises(RateLimited):
        send(SessionStore(), network="192.0.2.99")
    SignInCode.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    assert send(SessionStore())


def test_a_browser_and_a_network_can_ask_only_so_often_whatever_the_address(session):
    for number in range(sign_in.MOST_PER_BROWSER):
        send(session, f"a{number}@example.com", network=f"192.0.2.{number}")
    with pytest.raises(RateLimited):
        send(session, "another@example.com", network="192.0.2.200")
    for number in range(sign_in.MOST_PER_NETWORK):
        send(SessionStore(), f"b{number}@example.com", network="198.51.100.1")
    with pytest.raises(RateLimited):
        send(SessionStore(), "another@example.com", network="198.51.100.1")


def test_codes_are_forgotten_after_a_day(session):
    send(session)
    SignInCode.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    send(SessionStore(), "another@example.com")
    assert SignInCode.objects.count() == 1


def test_mail_that_cannot_be_handed_over_is_said_plainly(session, monkeypatch):
    monkeypatch.setattr(sign_in, "send_mail", lambda *_: (_ for _ in ()).throw(ConnectionRefusedError()))
    with pytest.raises(ServiceUnavailable):
        sign_in_code_send(session=session, email=EFUA, network="192.0.2.7")
    assert sign_in.CODE_KEY not in session


def test_what_was_said_as_a_visitor_comes_along(session):
    efua = customer_make()
    visitor = identity_resolve(sender=Sender(kind="visitor", value=visitor_ensure(session)), source="chat")
    said = conversation_make(visitor.customer)
    sign_in_code_use(session=session, code=send(session))
    said.refresh_from_db()
    assert said.customer == efua


def test_signing_in_gives_the_session_a_new_key(session):
    session.save()
    planted = session.session_key
    sign_in_code_use(session=session, code=send(session))
    assert session.session_key != planted


def test_signing_out_forgets_the_customer_and_the_visitor_but_no_staff_login(session):
    session["_auth_user_id"] = "1"
    visitor = visitor_ensure(session)
    sign_in_code_use(session=session, code=send(session))
    browser_sign_out(session)
    assert browser_get(session) is None
    assert visitor_ensure(session) != visitor
    assert session["_auth_user_id"] == "1"


def test_signing_in_is_in_the_audit_trail_without_the_address(session):
    identity = sign_in_code_use(session=session, code=send(session))
    event = AuditEvent.objects.get(action="customer.signed_in")
    assert event.actor == f"customer:{identity.customer_id}"
    assert event.details == {"by": "code"}
    assert event.object_id == identity.pk


def test_the_session_follows_an_identity_that_moves_to_another_customer(session):
    identity = sign_in_code_use(session=session, code=send(session))
    other = customer_make("other@example.com")
    Identity.objects.filter(pk=identity.pk).update(customer=other)
    assert browser_get(session).customer == other

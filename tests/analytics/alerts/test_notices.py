"""Telling the receivers: signed, repeated until it arrives, and never twice for one transition."""

import json
import smtplib
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.utils import timezone

from analytics.alerts.evaluating import rules_ensure
from analytics.alerts.notices import notice_send, notices_make, notices_sweep
from analytics.alerts.services import receiver_secret_renew
from analytics.models import Alert, AlertNotice, AlertReceiver
from tests.conversations.receivers import receiver_running

pytestmark = pytest.mark.django_db


@pytest.fixture
def hook(settings):
    with receiver_running() as receiver:
        settings.OUTGOING_ALLOW = [receiver.url.split("/")[2]]
        yield receiver


@pytest.fixture
def alert() -> Alert:
    rules_ensure()
    return Alert.objects.create(
        rule_id="failure_rate", value=7.5, worst=7.5, threshold=5, sample=40, words="3 of 40 runs failed."
    )


def webhook_make(hook) -> tuple[AlertReceiver, str]:
    receiver = AlertReceiver.objects.create(name="On-call", kind="webhook", target=hook.url)
    return receiver, receiver_secret_renew(receiver=receiver, actor="user:1")


def told(alert: Alert, transition: str = "fired") -> AlertNotice:
    notices_make(alert=alert, transition=transition)
    return AlertNotice.objects.get(alert=alert, transition=transition)


def sent(notice: AlertNotice) -> AlertNotice:
    notice_send(notice_id=notice.pk)
    notice.refresh_from_db()
    return notice


# --- Webhooks --------------------------------------------------------------------------------------------------------
def test_a_webhook_is_signed_and_holds_figures(hook, alert):
    _, secret = webhook_make(hook)
    notice = sent(told(alert))
    assert (notice.state, notice.tries) == ("sent", 1)
    [body] = hook.verified(secret)
    assert body["type"] == "alert.fired"
    data = body["data"]
    assert (data["rule"], data["value"], data["threshold"], data["unit"]) == ("failure_rate", 7.5, 5, "%")
    assert data["detail"] == "3 of 40 runs failed."
    assert alert.pk in data["url"]


def test_a_receiver_that_is_down_gets_it_later_under_the_same_id(hook, alert):
    webhook_make(hook)
    hook.answer_with(503)
    hook.answer_with(200)
    notice = sent(told(alert))
    assert (notice.state, notice.tries) == ("pending", 1)
    assert "503" in notice.last_error
    sent(notice)
    assert len(hook.calls) == 1, "it is not due yet"
    AlertNotice.objects.update(due_at=timezone.now())
    assert notices_sweep() == 1
    if not AlertNotice.objects.filter(state="sent").exists():  # tasks wait for a commit that tests do not make
        sent(notice)
    assert [call.headers["webhook-id"] for call in hook.calls] == [notice.pk, notice.pk]


def test_what_has_arrived_is_not_sent_again(hook, alert):
    webhook_make(hook)
    notice = sent(told(alert))
    notices_make(alert=alert, transition="fired")
    sent(notice)
    notices_sweep()
    assert len(hook.calls) == 1
    assert AlertNotice.objects.count() == 1


def test_a_refusal_for_good_is_kept_with_its_reason(hook, alert):
    webhook_make(hook)
    hook.answer_with(410)
    notice = sent(told(alert))
    assert (notice.state, notice.last_error) == ("failed", "The receiver answered 410.")


def test_a_worker_that_died_in_between_loses_nothing(hook, alert):
    _, secret = webhook_make(hook)
    notice = told(alert)
    past = timezone.now() - timedelta(seconds=1)
    AlertNotice.objects.update(state="sending", tries=1, lease_until=past)
    notices_sweep()
    sent(notice)
    assert notice.state == "sent"
    assert len(hook.verified(secret)) == 1


def test_a_private_address_is_not_reached(hook, alert, settings):
    webhook_make(hook)
    settings.OUTGOING_ALLOW = []
    assert sent(told(alert)).state == "failed"
    assert not hook.calls


# --- Mails -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def mailbox() -> AlertReceiver:
    return AlertReceiver.objects.create(name="Boss", kind="mail", target="boss@example.com")


def test_a_mail_goes_out_once_for_each_transition(mailbox, alert):
    sent(told(alert))
    alert.resolved_at = timezone.now()
    alert.save()
    sent(told(alert, "resolved"))
    current_app.tasks["analytics.notices_sweep"].delay()
    assert [message.subject for message in mail.outbox] == [
        "[OmniCQM] Alert: Failure rate",
        "[OmniCQM] Resolved: Failure rate",
    ]
    assert mail.outbox[0].to == ["boss@example.com"]
    assert "7.5 % (bad above 5 %)" in mail.outbox[0].body
    assert "Good again since" in mail.outbox[1].body


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPServerDisconnected("gone"), "unknown"),
        (smtplib.SMTPDataError(450, b"later"), "pending"),
        (smtplib.SMTPDataError(550, b"no"), "failed"),
        (smtplib.SMTPRecipientsRefused({"boss@example.com": (550, b"no")}), "failed"),
    ],
)
def test_a_mail_whose_end_nobody_knows_is_not_sent_again(mailbox, alert, monkeypatch, error, state):
    def break_off(self, **_):
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", break_off)
    assert sent(told(alert)).state == state


def test_a_mail_a_dead_worker_was_at_is_not_sent_again(mailbox, alert):
    notice = told(alert)
    AlertNotice.objects.update(state="sending", tries=1, lease_until=timezone.now() - timedelta(seconds=1))
    notices_sweep()
    assert sent(notice).state == "unknown"
    assert not mail.outbox


# --- Secrets ---------------------------------------------------------------------------------------------------------
def test_a_secret_is_kept_sealed(hook, alert):
    receiver, secret = webhook_make(hook)
    receiver.refresh_from_db()
    assert secret.startswith("whsec_")
    assert secret not in json.dumps(list(AlertReceiver.objects.values()), default=str)
    assert receiver.secret == secret

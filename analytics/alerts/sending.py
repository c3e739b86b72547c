"""How a notice goes out: a signed webhook (Standard Webhooks), or a mail."""

import json
import smtplib
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from standardwebhooks import Webhook

from analytics.alerts.signals import SIGNALS, figure, title_of, unit_of
from analytics.models import Alert, AlertNotice, AlertReceiver
from conversations.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcomeError
from omnicqm.common.outgoing import OutgoingFailed, OutgoingRefused, outgoing_post

TIMEOUT_SECONDS = 10.0
_PASSING = frozenset({408, 425, 429})


def notice_carry(notice: AlertNotice) -> None:
    """Send it; returns when the other side has taken it.

    Raises `PermanentDeliveryError`, `TemporaryDeliveryError`, `UnknownOutcomeError`, and `ConfigurationError` when the
    secret of the receiver cannot be opened.
    """
    if notice.receiver.kind == AlertReceiver.Kind.WEBHOOK:
        _webhook_post(notice)
    else:
        _mail_send(notice)


def notice_document(notice: AlertNotice) -> dict[str, Any]:
    """What a webhook carries: figures and our own words, nothing of any customer."""
    alert = notice.alert
    happened = alert.fired_at if notice.transition == AlertNotice.Transition.FIRED else alert.resolved_at
    return {
        "type": f"alert.{notice.transition}",
        "timestamp": (happened or notice.created_at).isoformat(),
        "data": {
            "alert_id": alert.pk,
            "rule": alert.rule_id,
            "title": title_of(alert.rule_id),
            "value": alert.value,
            "worst": alert.worst,
            "threshold": alert.threshold,
            "unit": unit_of(alert.rule_id),
            "sample": alert.sample,
            "detail": alert.words,
            "fired_at": alert.fired_at.isoformat(),
            "resolved_at": alert.resolved_at.isoformat() if alert.resolved_at else None,
            "url": alert_url(alert),
        },
    }


def alert_url(alert: Alert) -> str:
    """Its page in the console."""
    return f"{settings.OMNICQM_BASE_URL}{reverse('admin:analytics_alert_change', args=[alert.pk])}"


def _webhook_post(notice: AlertNotice) -> None:
    content = json.dumps(notice_document(notice), ensure_ascii=False)
    now = datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "webhook-id": notice.pk,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(notice.receiver.secret).sign(notice.pk, now, content),
    }
    try:
        target = notice.receiver.target
        answer = outgoing_post(target, content=content.encode(), headers=headers, timeout=TIMEOUT_SECONDS)
    except OutgoingRefused as error:
        raise PermanentDeliveryError(error.message) from error
    except OutgoingFailed as error:
        raise TemporaryDeliveryError(error.message) from error
    if answer.is_success:
        return
    said = f"The receiver answered {answer.status}."
    raise (TemporaryDeliveryError if _may_pass(answer.status) else PermanentDeliveryError)(said)


def _may_pass(status: int) -> bool:
    return status >= 500 or status in _PASSING


def _mail_send(notice: AlertNotice) -> None:
    connection = get_connection()
    try:
        connection.open()
    except OSError as error:  # smtplib's errors are OSErrors too
        raise TemporaryDeliveryError(f"The mail server cannot be used ({type(error).__name__}).") from error
    mail = _mail_build(notice)
    mail.connection = connection
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise PermanentDeliveryError("The mail server refused the address.") from error
    except smtplib.SMTPResponseException as error:
        kind = PermanentDeliveryError if error.smtp_code >= 500 else TemporaryDeliveryError
        raise kind(f"The mail server refused the mail ({error.smtp_code}).") from error
    except OSError as error:
        raise UnknownOutcomeError(f"The connection broke while sending ({type(error).__name__}).") from error
    finally:
        with suppress(OSError):
            connection.close()


def _over(alert: Alert) -> str:
    return "Good again since" if alert.rule_id in SIGNALS else "Not watched any more since"


def _mail_build(notice: AlertNotice) -> EmailMessage:
    alert, title, unit = notice.alert, title_of(notice.alert.rule_id), unit_of(notice.alert.rule_id)
    fired = notice.transition == AlertNotice.Transition.FIRED
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    lines = [
        f"{title}: {figure(alert.value, unit)} (bad above {figure(alert.threshold, unit)})",
        alert.words,
        f"Since {alert.fired_at:%d %B %Y, %H:%M} UTC.",
        ""
        if fired
        else f"{_over(alert)} {alert.resolved_at:%d %B %Y, %H:%M} UTC; the worst was {figure(alert.worst, unit)}.",
        "",
        alert_url(alert),
    ]
    return EmailMessage(
        subject=f"[OmniCQM] {'Alert' if fired else 'Resolved'}: {title}",
        body="\n".join(line for line in lines if line is not None),
        to=[notice.receiver.target],
        headers={"Message-ID": f"<{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )

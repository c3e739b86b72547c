"""A channel's secret is changed without a refused callback, and its way out is tried with a button."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from conversations.channels.outbound.callback import signed_headers
from conversations.models import Channel
from omnicqm.common.models import AuditEvent
from tests.console.people import admin_make, consultant_make
from tests.conversations.people import channel_get
from tests.conversations.receivers import receiver_running

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel():
    return channel_get("outlook")


@pytest.fixture
def boss(client):
    user = admin_make()
    client.force_login(user)
    return user


def page_of(channel, name):
    return reverse(f"admin:conversations_channel_{name}", args=[channel.pk])


def rotate(client, channel, overlap="day"):
    """The new secret, as the page shows it once."""
    answer = client.post(page_of(channel, "secret_page"), {"do": "rotate", "overlap": overlap}, follow=True)
    channel.refresh_from_db()
    return re.search(r'data-testid="secret">(whsec_[^<]+)<', answer.content.decode())[1]


def is_known(channel, secret):
    """Whether a receiver who knows `secret` takes a callback of `channel`."""
    try:
        Webhook(secret).verify("{}", signed_headers(channel, "dlv_1", "{}"))
    except WebhookVerificationError:
        return False
    return True


def test_callbacks_are_signed_with_both_secrets_meanwhile(client, boss, channel):
    earlier = channel.secret
    new = rotate(client, channel)
    assert new == channel.secret != earlier
    assert is_known(channel, new)
    assert is_known(channel, earlier)
    assert not is_known(channel, "whsec_" + "A" * 43 + "=")


def test_the_earlier_secret_ends_by_itself(client, boss, channel):
    earlier = channel.secret
    rotate(client, channel, "hour")
    channel.earlier_until = timezone.now() - timedelta(seconds=1)
    assert not is_known(channel, earlier)


def test_the_earlier_secret_is_ended_by_hand(client, boss, channel):
    earlier = channel.secret
    rotate(client, channel, "open")
    assert is_known(channel, earlier)
    client.post(page_of(channel, "secret_page"), {"do": "end"})
    channel.refresh_from_db()
    assert not is_known(channel, earlier)


def test_a_secret_that_leaked_ends_at_once(client, boss, channel):
    earlier = channel.secret
    rotate(client, channel, "none")
    assert not is_known(channel, earlier)


def test_the_secret_is_shown_once_and_on_no_other_page(client, boss, channel):
    secret = rotate(client, channel)
    for name in ("change", "secret_page", "try_page"):
        assert secret not in client.get(page_of(channel, name)).content.decode()
    events = AuditEvent.objects.filter(action__startswith="channel.secret")
    assert [(event.actor, event.details) for event in events] == [(f"user:{boss.pk}", {"overlap_hours": 24})]
    assert secret not in str([vars(event) for event in AuditEvent.objects.all()])


def test_a_consultant_changes_no_secret(client, channel):
    client.force_login(consultant_make())
    for name in ("secret_page", "try_page"):
        assert client.get(page_of(channel, name)).status_code == 403
    assert client.post(page_of(channel, "secret_page"), {"do": "rotate"}).status_code == 403
    assert Channel.objects.get(pk=channel.pk).secret == channel.secret


def test_a_test_callback_is_signed_and_its_answer_is_shown(client, boss, channel, settings):
    with receiver_running() as receiver:
        settings.OUTGOING_ALLOW = [urlsplit(receiver.url).netloc]
        page = client.post(page_of(channel, "try_page"), {"target": receiver.url}).content.decode()
    [told] = receiver.verified(channel.secret)
    assert (told["type"], told["data"]) == ("channel.test", {"channel_id": "outlook"})
    assert "It works" in page
    assert "The receiver answered 2" in page
    assert AuditEvent.objects.filter(action="channel.tried", object_id="outlook").exists()


def test_an_address_inside_the_house_is_not_reached(client, boss, channel):
    page = client.post(page_of(channel, "try_page"), {"target": "http://127.0.0.1:9/hook"}).content.decode()
    assert "It did not work" in page


def test_a_test_mail_goes_out(client, boss, channel):
    page = client.post(page_of(channel, "try_page"), {"target": "me@example.com"}).content.decode()
    assert "The mail is on its way." in page
    assert mail.outbox[0].to == ["me@example.com"]


def test_what_is_no_address_is_refused_in_words(client, boss, channel):
    answer = client.post(page_of(channel, "try_page"), {"target": "nowhere"})
    assert answer.status_code == 400
    assert "begins with https://" in answer.content.decode()
    assert mail.outbox == []

import pytest

from conversations.models import Channel
from conversations.services.channels import channels_ensure_defaults

pytestmark = pytest.mark.django_db


def test_a_new_installation_gets_mail_chat_and_api():
    assert channels_ensure_defaults() == ["outlook", "chat", "api"]
    assert dict(Channel.objects.values_list("id", "kind")) == {"outlook": "email", "chat": "chat", "api": "api"}
    assert dict(Channel.objects.values_list("id", "reply_by")) == {"outlook": "mail", "chat": "live", "api": "callback"}


def test_every_channel_signs_with_a_secret_of_its_own():
    channels_ensure_defaults()
    secrets = set(Channel.objects.values_list("secret", flat=True))
    assert len(secrets) == 3
    assert all(secret.startswith("whsec_") for secret in secrets)


def test_what_an_admin_changed_stays_changed():
    channels_ensure_defaults()
    Channel.objects.filter(id="outlook").update(title="Service mailbox", sender_trust="none", is_active=False)
    Channel.objects.filter(id="api").delete()

    assert channels_ensure_defaults() == ["api"]

    outlook = Channel.objects.get(id="outlook")
    assert (outlook.title, outlook.sender_trust, outlook.is_active) == ("Service mailbox", "none", False)

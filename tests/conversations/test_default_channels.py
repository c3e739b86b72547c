import pytest

from conversations.models import Channel
from conversations.services.channels import channels_ensure_defaults

pytestmark = pytest.mark.django_db


def test_a_new_installation_gets_mail_chat_api_and_one_for_staff():
    assert channels_ensure_defaults() == ["outlook", "chat", "api", "admin"]
    made = {channel.pk: (channel.kind, channel.reply_by) for channel in Channel.objects.all()}
    assert made == {
        "outlook": ("email", "mail"),
        "chat": ("chat", "live"),
        "api": ("api", "callback"),
        "admin": ("api", "callback"),
    }


def test_every_channel_signs_with_a_secret_of_its_own():
    channels_ensure_defaults()
    secrets = set(Channel.objects.values_list("secret", flat=True))
    assert len(secrets) == 4
    assert all(secret.startswith("whsec_") for secret in secrets)


def test_what_an_admin_changed_stays_changed():
    channels_ensure_defaults()
    Channel.objects.filter(id="outlook").update(title="Service mailbox", sender_trust="none", is_active=False)
    Channel.objects.filter(id="api").delete()

    assert channels_ensure_defaults() == ["api"]

    outlook = Channel.objects.get(id="outlook")
    assert (outlook.title, outlook.sender_trust, outlook.is_active) == ("Service mailbox", "none", False)

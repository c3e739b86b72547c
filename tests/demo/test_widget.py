"""The demo's widget key, which its shop asks for."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from conversations.models import WidgetKey
from conversations.services.channels import channels_ensure_defaults
from omnicqm.demo.management.commands.demo import Command as Demo
from omnicqm.demo.widget import widget_ensure, widget_read

pytestmark = pytest.mark.django_db


def test_the_key_is_made_once_and_told_with_its_secret(monkeypatch, capsys):
    channels_ensure_defaults()
    widget_ensure()
    widget_ensure()
    assert WidgetKey.objects.count() == 1
    monkeypatch.setattr(Demo, "_credentials", staticmethod(lambda: None))
    call_command("demo", "--widget-json")
    told = json.loads(capsys.readouterr().out)
    assert told == vars(widget_read())
    assert told["widget_secret"].startswith("wsk_")


def test_a_key_by_command(capsys):
    channels_ensure_defaults()
    call_command(
        "widget_key_create",
        "--name",
        "Shop",
        "--origin",
        "https://a.example",
        "--origin",
        "https://b.example",
        "--json",
    )
    made = json.loads(capsys.readouterr().out)
    key = WidgetKey.objects.get(public_key=made["widget_key"])
    assert key.origins == ["https://a.example", "https://b.example"]
    assert key.secrets == [made["widget_secret"]]
    assert made["widget_key"] in made["snippet"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--origin", "http://a.example"], "Only https"),
        (["--origin", "https://a.example", "--channel", "outlook"], "no channel 'outlook' of the kind chat"),
    ],
)
def test_what_could_not_work_is_said_in_a_sentence(arguments, said):
    channels_ensure_defaults()
    with pytest.raises(CommandError, match=said):
        call_command("widget_key_create", "--name", "Shop", *arguments)

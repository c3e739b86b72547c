"""``manage.py widget_key_create``: a key for the chat on the company's own pages."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from conversations.models import Channel, WidgetKey
from conversations.widget.keys import snippet, widget_key_create


class Command(BaseCommand):
    help = "Make a key for the chat widget and print it with its signing secret, which is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="for yourselves, e.g. Shop")
        parser.add_argument("--origin", required=True, action="append", help="https://www.example.com; may be repeated")
        parser.add_argument("--channel", default="chat", help="a channel of the kind chat")
        parser.add_argument("--json", action="store_true", help="print JSON, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = Channel.objects.filter(pk=options["channel"], kind=Channel.Kind.CHAT).first()
        if channel is None:
            raise CommandError(f"There is no channel '{options['channel']}' of the kind chat.")
        key = WidgetKey(name=options["name"], channel=channel, allowed_origins="\n".join(options["origin"]))
        try:
            secret = widget_key_create(key=key, actor="system:command")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        made = {
            "widget_key": key.public_key,
            "widget_secret": secret,
            "snippet": snippet(key, settings.OMNICQM_BASE_URL),
        }
        if options["json"]:
            self.stdout.write(json.dumps(made))
            return
        self.stdout.write(f"Key      {key.public_key}\nSecret   {secret}\nSnippet  {made['snippet']}")

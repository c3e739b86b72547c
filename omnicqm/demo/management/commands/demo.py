"""``manage.py demo``: the product's story, told in the terminal against the running system."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from omnicqm.demo.credentials import KeptCredentials, credentials_read
from omnicqm.demo.story import StoryError, story_tell
from omnicqm.demo.story.terminal import Terminal
from omnicqm.demo.widget import widget_read


class Command(BaseCommand):
    help = "Tell the product's story in the terminal, played on the running system over its API, chat and console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--credentials-json", action="store_true", help="print the demo's logins as JSON instead, for scripts"
        )
        parser.add_argument(
            "--widget-json", action="store_true", help="print the demo's widget key and its signing secret as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        credentials = self._credentials()
        if options["credentials_json"]:
            self.stdout.write(json.dumps(asdict(credentials.public())))
            return
        if options["widget_json"]:
            self.stdout.write(json.dumps(asdict(widget_read())))
            return
        try:
            story_tell(Terminal(self.stdout), credentials)
        except StoryError as error:
            raise CommandError(str(error)) from error

    @staticmethod
    def _credentials() -> KeptCredentials:
        credentials = credentials_read()
        if credentials is None:
            raise CommandError("The demo has not been loaded here. 'make run' loads it on its first start.")
        return credentials

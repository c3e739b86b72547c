"""``manage.py api_client_create``: credentials for a system that calls the API."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from omnicqm.common.errors import OmniError
from omnicqm.common.management.database import DatabaseCommand
from omnicqm.common.services import api_client_create


class Command(DatabaseCommand):
    help = "Make an API client and print its id and secret. The secret is shown this once and kept as a hash only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what people call the system, e.g. 'Outlook flow'")
        parser.add_argument("--scope", action="append", dest="scopes", help="may be repeated; default: every scope")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            client = api_client_create(name=options["name"], scopes=options["scopes"])
        except OmniError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"client_id      {client.client_id}\nclient_secret  {client.client_secret}")

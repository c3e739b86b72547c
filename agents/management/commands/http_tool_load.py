"""``manage.py http_tool_load``: HTTP tools from files, as the example in integrations/order-status brings them."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.http_tools.loading import http_tool_load
from omnicqm.common.errors import OmniError


class Command(BaseCommand):
    help = "Make HTTP tools from JSON files, or bring those of the same names up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--secret-env", metavar="NAME", help="environment variable that holds the service's secret")
        parser.add_argument("--enable", action="store_true", help="let the agent use them at once")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = self._secret(options["secret_env"])
        for path in options["files"]:
            try:
                definition = json.loads(path.read_text(encoding="utf-8"))
                tool = http_tool_load(
                    definition=definition, secret=secret, enable=options["enable"], actor="system:command"
                )
            except (OSError, ValueError) as error:
                raise CommandError(f"{path} cannot be read as JSON: {error}") from error
            except OmniError as error:
                raise CommandError(f"{path}:\n{error.message}") from error
            self.stdout.write(f"{tool.name}  {'enabled' if tool.enabled else 'not enabled yet: try it in the console'}")

    def _secret(self, name: str | None) -> str:
        if not name:
            return ""
        secret = os.environ.get(name, "")
        if not secret:
            raise CommandError(f"The environment variable {name} is not set.")
        return secret

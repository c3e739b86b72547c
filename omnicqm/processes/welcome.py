"""What a newcomer reads once everything runs: where to go and how to log in."""

import json
from pathlib import Path

from omnicqm.processes.addresses import addresses_read
from omnicqm.processes.logfiles import LogFolder
from omnicqm.processes.services import Installation
from omnicqm.processes.simulator import NOTICE

CREDENTIALS_NAME = "demo-credentials.json"


def credentials_path(home: Path) -> Path:
    """Where the demo keeps its logins, readable for the owner only."""
    return home / CREDENTIALS_NAME


def welcome_text(installation: Installation, logs: LogFolder) -> str:
    url = installation.base_url
    lines = [
        f"  Customer chat   {url}/chat/",
        f"  Console         {url}/admin/",
        f"  API             {url}/api/docs",
        *([NOTICE] if installation.simulated_model else []),
        *_pages(installation),
        *_logins(installation),
        f"  Logs            {logs.folder}",
        f"  E-mails         {installation.home / 'mails'} (as long as no mail server is set)",
        "",
        "Ctrl-C stops everything.",
    ]
    return "\n".join(lines)


def _pages(installation: Installation) -> list[str]:
    addresses = addresses_read(installation.home) if installation.mlflow_ui else None
    return [f"  Traces          http://127.0.0.1:{addresses.mlflow_port}/ (in half a minute)"] if addresses else []


def _logins(installation: Installation) -> list[str]:
    file = credentials_path(installation.home)
    if not (installation.demo and file.exists()):
        return []
    kept = json.loads(file.read_text())
    return [
        "",
        f"  Demo login      {kept['admin_user']}  {kept['admin_password']}",
        f"  As consultant   {kept['consultant_user']}  {kept['consultant_password']}",
        f"  API client      {kept['client_id']}",
        f"  API secret      {kept['client_secret']}",
        "  The story       .venv/bin/python manage.py demo",
        "",
    ]

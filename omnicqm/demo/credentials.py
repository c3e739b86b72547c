"""The demo's logins, made once and kept for their owner's eyes in the data folder."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from omnicqm.processes.home import state_read
from omnicqm.processes.welcome import credentials_path


@dataclass(frozen=True)
class Credentials:
    """What scripts need to use a demo installation."""

    base_url: str
    client_id: str
    client_secret: str
    webhook_secret: str
    admin_user: str
    admin_password: str


@dataclass(frozen=True)
class KeptCredentials(Credentials):
    """What the file holds: the consultant's login as well."""

    consultant_user: str
    consultant_password: str

    def public(self) -> Credentials:
        """What scripts get."""
        return Credentials(**{name: getattr(self, name) for name in Credentials.__dataclass_fields__})


def new_password() -> str:
    return secrets.token_urlsafe(15)


def current_base_url() -> str:
    """Where the installation answers now: what the running supervisor says, else what settings say."""
    state = state_read(settings.OMNICQM_HOME)
    return state.url if state else settings.OMNICQM_BASE_URL


def credentials_read() -> KeptCredentials | None:
    """The kept logins with today's address; None before `demo_load` has ended once."""
    try:
        kept = json.loads(_path().read_text())
    except FileNotFoundError:
        return None
    return KeptCredentials(**{**kept, "base_url": current_base_url()})


def credentials_write(credentials: KeptCredentials) -> None:
    """Keep them, readable for the owner only; the file is never seen half written."""
    path = _path()
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(credentials), file, indent=1)
    draft.replace(path)


def _path() -> Path:
    return credentials_path(settings.OMNICQM_HOME)

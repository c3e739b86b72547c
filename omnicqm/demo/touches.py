"""What other systems told of the demo's customers, as written down in ``data/interactions.yaml``."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone
from django.utils.formats import date_format

from conversations.interactions.importing import ToldInteraction, interactions_import
from conversations.models import Interaction
from omnicqm.demo.company import ACTOR

_FILE = Path(__file__).parent / "data" / "interactions.yaml"
_DAY = re.compile(r"\{(\d+)\}")


def touches_load() -> int:
    """Hand them in as the interactions API would, dated from now back; how many were new. Twice adds nothing."""
    told = touches_read(timezone.now())
    return interactions_import(told=told, source=Interaction.Source.API, actor=ACTOR).accepted


def touches_read(now: datetime) -> list[ToldInteraction]:
    """In the order of the file. Known by an external id made of account and place."""
    return [
        _told(customer["account_number"], place, touch, now)
        for customer in yaml.safe_load(_FILE.read_text())
        for place, touch in enumerate(customer["touches"], start=1)
    ]


def _told(account_number: str, place: int, touch: dict[str, Any], now: datetime) -> ToldInteraction:
    def day(found: re.Match[str]) -> str:
        return date_format(now - timedelta(days=int(found[1])), "j F")

    return ToldInteraction(
        account_number=account_number,
        channel=touch["channel"],
        occurred_at=now - timedelta(days=touch["days_ago"]),
        intent=touch["intent"],
        detail=_DAY.sub(day, touch["detail"].strip()),
        external_id=f"demo-{account_number}-{place}",
    )

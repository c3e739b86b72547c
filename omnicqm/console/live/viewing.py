"""Who views which escalation. Each process knows its own pages; what the others have stands in Valkey.

An entry belongs to one page and says until when it holds; who put it there renews it. So those of a process that was
killed vanish by themselves. Without Valkey a process sees its own pages only.
"""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError

from omnicqm.common.logs import get_logger
from omnicqm.common.rates.connections import client_get
from omnicqm.console.live.standing import Person

log = get_logger(__name__)

KEY = "console:viewing"
HOLDS_SECONDS = 12.0
MOST_ENTRIES = 5000


Present = Mapping[Person, bool]  # who views an escalation, and whether they are typing


@dataclass(frozen=True)
class Viewer:
    """One page that shows one escalation; `typing` says that something is being written there."""

    escalation_id: str
    person: Person
    typing: bool = False


class Shared:
    """The entries of all processes."""

    def __init__(self) -> None:
        self._mine: set[str] = set()

    def exchange(self, mine: Mapping[str, Viewer]) -> list[Viewer]:
        """Say what this process's pages view, by a name of each page, and return what those of the others do."""
        if not settings.REDIS_URL:
            return []
        try:
            found = self._exchange(mine)
        except (RedisError, OSError) as error:
            log.warning("console_viewers_not_shared", error=type(error).__name__)
            return []
        now = time.time()
        entries = {name: _read(value) for name, value in found.items() if name not in mine}
        return [viewer for viewer, until in filter(None, entries.values()) if until > now]

    def _exchange(self, mine: Mapping[str, Viewer]) -> dict[str, str]:
        client, gone = client_get(), self._mine - mine.keys()
        until = time.time() + HOLDS_SECONDS
        pipeline = client.pipeline(transaction=False)
        if gone:
            pipeline.hdel(KEY, *gone)
        if mine:
            pipeline.hset(KEY, mapping={name: _write(viewer, until) for name, viewer in mine.items()})
            pipeline.expire(KEY, math.ceil(HOLDS_SECONDS * 2))
        pipeline.hgetall(KEY)
        found: dict[str, str] = pipeline.execute()[-1]
        self._mine = set(mine)
        if outdated := [name for name, value in found.items() if _is_over(value)]:
            client.hdel(KEY, *outdated[:MOST_ENTRIES])
        return found


def together(viewers: list[Viewer]) -> dict[str, Present]:
    """Who is there by escalation; who has it open in two tabs is one, and types when they do so in either."""
    found: dict[str, dict[Person, bool]] = {}
    for viewer in viewers[:MOST_ENTRIES]:
        people = found.setdefault(viewer.escalation_id, {})
        people[viewer.person] = people.get(viewer.person, False) or viewer.typing
    return dict(found)


def _write(viewer: Viewer, until: float) -> str:
    person = viewer.person
    return json.dumps([viewer.escalation_id, person.id, person.name, person.initials, viewer.typing, until])


def _read(value: str) -> tuple[Viewer, float] | None:
    """None for what nobody of this release has written."""
    try:
        escalation_id, user_id, name, initials, typing, until = json.loads(value)
        person = Person(int(user_id), str(name), str(initials))
        return Viewer(str(escalation_id), person, bool(typing)), float(until)
    except (ValueError, TypeError):
        return None


def _is_over(value: Any) -> bool:
    entry = _read(value)
    return entry is None or entry[1] <= time.time()

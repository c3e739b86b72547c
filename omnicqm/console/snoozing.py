"""Until when cases are put aside: the choices of the queue and of a case, and the moment each stands for."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from conversations.escalations.services.snoozing import MOST_DAYS
from omnicqm.common.errors import InvalidInput

MORNING = 9  # o'clock
SNOOZES: Mapping[str, str] = {
    "1h": "In an hour",
    "3h": "In 3 hours",
    "tomorrow": f"Tomorrow at {MORNING}:00",
    "monday": f"Next Monday at {MORNING}:00",
}


def snooze_until(chosen: str, *, now: datetime, param: str) -> datetime:
    """The moment of one of `SNOOZES`, or a local one as forms write it. `now` is in the time zone of the installation.

    Raises `InvalidInput` naming `param` for no moment, one that has passed, and one too far away.
    """
    match chosen:
        case "1h" | "3h":
            return now.astimezone(UTC) + timedelta(hours=int(chosen[0]))  # by the clock on the wall it may be one less
        case "tomorrow":
            return _morning(now, 1)
        case "monday":
            return _morning(now, 7 - now.weekday())
    until = _read(chosen)
    if until is None:
        raise InvalidInput("Choose until when it is to be put aside.", param=param)
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise InvalidInput(f"Choose a moment within the next {MOST_DAYS} days.", param=param)
    return until


def _morning(now: datetime, days: int) -> datetime:
    return (now + timedelta(days=days)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _read(written: str) -> datetime | None:
    try:
        moment = parse_datetime(written)
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment and timezone.is_naive(moment) else moment

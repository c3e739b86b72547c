"""How soon a customer is to be answered, and in which hours that counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from conversations.desk.hours import Calendar
from conversations.models import BusinessHours, ServiceTarget
from omnicqm.common.errors import InvalidInput
from omnicqm.common.logs import get_logger

log = get_logger(__name__)


@dataclass(frozen=True)
class Target:
    """Lengths of the three clocks in time that counts; `resolution` is None where there is no such clock, `calendar`
    where they run day and night."""

    first: timedelta
    next: timedelta
    resolution: timedelta | None = None
    calendar: Calendar | None = None

    def after(self, moment: datetime, length: timedelta) -> datetime:
        """The moment when a clock of `length` that starts at `moment` has run out."""
        if self.calendar is not None:
            try:
                return self.calendar.add(moment, length)
            except InvalidInput:  # closed for years: rather too early than never
                log.warning("business_hours_without_end")
        return moment + length

    def passed(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between two moments counts."""
        if self.calendar is not None:
            return self.calendar.between(start, end)
        return max(timedelta(0), end - start)


def target_for(*, category: str, service_level: str) -> Target:
    """The most specific target that fits; without one what the settings say, in the default business hours."""
    fitting = ServiceTarget.objects.filter(category__in={"", category}, service_level__in={"", service_level})
    rows = fitting.select_related("business_hours")
    best = max(rows, key=lambda row: (bool(row.category), bool(row.service_level)), default=None)
    if best is None:
        return _default(service_level)
    return Target(
        first=timedelta(minutes=best.first_minutes),
        next=timedelta(minutes=best.next_minutes),
        resolution=timedelta(minutes=best.resolution_minutes) if best.resolution_minutes else None,
        calendar=_calendar(best.business_hours),
    )


def _default(service_level: str) -> Target:
    hours = BusinessHours.objects.filter(is_default=True).first()
    length = timedelta(hours=settings.ESCALATION_DUE_HOURS[service_level])
    return Target(first=length, next=length, calendar=_calendar(hours))


def _calendar(hours: BusinessHours | None) -> Calendar | None:
    """Hours that nobody can read must not keep a customer from being handed to people: then the clock runs always."""
    try:
        return hours.calendar if hours else None
    except InvalidInput as error:
        log.warning("business_hours_unreadable", hours=hours.pk if hours else "", field=error.param)
        return None

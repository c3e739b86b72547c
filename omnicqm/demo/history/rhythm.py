"""When things happen at Oak & Ember Home: by day of the week, by hour, with one bad afternoon and one new prompt."""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 90
_CASES_A_DAY = (52, 47, 44, 43, 41, 27, 19)  # Monday to Sunday
_HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 16, 21, 23, 20, 15, 17, 19, 18, 16, 14, 13, 12, 10, 7, 4, 2)
_GROWTH = 0.25  # over the 90 days
INCIDENT_DAYS_AGO, INCIDENT_HOURS = 34, (11, 16)
NEW_PROMPT_DAYS_AGO = 41


@dataclass(frozen=True)
class Calendar:
    """The days before `now` in `zone`; the last one ends a day ago, where the demo's own conversations begin."""

    now: datetime
    zone: ZoneInfo

    @property
    def until(self) -> datetime:
        return self.now - timedelta(hours=24)

    @property
    def days(self) -> list[date]:
        today = self.now.astimezone(self.zone).date()
        return [today - timedelta(days=ago) for ago in range(DAYS, 0, -1)]

    def cases(self, day: date, chance: random.Random) -> int:
        """How many cases begin on `day`."""
        grown = 1 + _GROWTH * (DAYS - self.ago(day)) / DAYS
        return max(0, round(chance.gauss(_CASES_A_DAY[day.weekday()] * grown * 0.8, 4)))

    def moment(self, day: date, chance: random.Random) -> datetime:
        """Some moment of `day`, rather in the morning than at night."""
        [hour] = chance.choices(range(24), weights=_HOURS)
        local = datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), self.zone)
        return local + timedelta(milliseconds=chance.randrange(1000))

    def ago(self, day: date) -> int:
        return (self.now.astimezone(self.zone).date() - day).days

    def is_incident(self, at: datetime) -> bool:
        """The primary model times out."""
        local = at.astimezone(self.zone)
        first, last = INCIDENT_HOURS
        return self.ago(local.date()) == INCIDENT_DAYS_AGO and first <= local.hour < last

    def has_new_prompt(self, at: datetime) -> bool:
        return self.ago(at.astimezone(self.zone).date()) <= NEW_PROMPT_DAYS_AGO

"""α as the alert for its drop sees it."""

from dataclasses import dataclass
from datetime import datetime

from conversations.selectors import queries_counted


@dataclass(frozen=True)
class Alpha:
    """The share of queries that needed no person, in percent, of how many that were decided."""

    percent: float
    sample: int


def alpha_between(since: datetime, until: datetime) -> Alpha:
    """α of the queries that came in from `since` until before `until`. It is provisional: who comes back, comes back
    later."""
    alone, decided = queries_counted(since=since, until=until)
    return Alpha(100 * alone / decided if decided else 0.0, decided)

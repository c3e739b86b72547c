"""Everything on the queue's page, gathered in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from conversations.escalations.selectors import Tab
from omnicqm.console.queue.choices import Chip, Menu, chips, menus
from omnicqm.console.queue.filters import TABS, Filters
from omnicqm.console.queue.paging import page_slice
from omnicqm.console.queue.rows import Row, rows_make, rows_query

MOST_COUNTED = 1000  # beyond, a tab says "999+"


@dataclass(frozen=True)
class TabLink:
    name: str
    title: str
    count: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class QueuePage:
    """`after` is the place from which the next page goes on, `is_first` whether this is the first."""

    filters: Filters
    tabs: Sequence[TabLink]
    menus: Sequence[Menu]
    chips: Sequence[Chip]
    rows: Sequence[Row]
    after: str
    is_first: bool


def queue_page(filters: Filters, user: Any, *, after: str = "") -> QueuePage:
    """One page of the queue as `user` sees it."""
    found = page_slice(rows_query(filters.escalations(user)), after)
    return QueuePage(
        filters=filters,
        tabs=tabs_make(filters, user),
        menus=menus(filters),
        chips=chips(filters),
        rows=rows_make(found.rows, user),
        after=found.after,
        is_first=not after,
    )


def tabs_make(filters: Filters, user: Any) -> list[TabLink]:
    """How many each tab holds, whatever the filters."""
    counts = _counts(user)
    return [
        TabLink(name, title, _shown(counts[name]), filters.without(tab=name), name == filters.tab)
        for name, title in TABS.items()
    ]


def rows_of(filters: Filters, user: Any, escalation_ids: Sequence[str]) -> list[Row]:
    """Those of `escalation_ids` that the page would show somewhere, in its order."""
    return rows_make(rows_query(filters.escalations(user, among=escalation_ids)), user)


def _counts(user: Any) -> dict[Tab, int]:
    """Of each tab up to `MOST_COUNTED`, in one statement: nobody reads on, and counting on would cost as much as the
    page."""
    listed = [Filters(tab).escalations(user).order_by().values("pk")[:MOST_COUNTED] for tab in TABS]
    parts = [rows.query.sql_with_params() for rows in listed]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS listed)" for sql, _ in parts)  # noqa: S608 - our own SQL
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _, values in parts for value in values])
        return dict(zip(TABS, cursor.fetchone(), strict=True))


def _shown(count: int) -> str:
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)

"""Everything on the home page, for the index template of the admin."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone

from analytics.dashboards.views import PERMISSION as SEE_FIGURES
from conversations.desk.routing import is_present
from conversations.escalations.selectors import escalations_next
from conversations.models import Query
from omnicqm.console.alerts.open import alerts_open
from omnicqm.console.away import MAY_WORK
from omnicqm.console.home.system import system_parts
from omnicqm.console.home.tiles import SEE_ESCALATIONS, Tile, other_tiles, work_tiles
from omnicqm.console.home.trends import trends_read
from omnicqm.console.queue.rows import Row, rows_make, rows_query
from omnicqm.console.viewing import list_look

NEXT_UP = 5


def home_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Of what the product knows, what the user of `request` may see."""
    user: Any = request.user
    sees_work, sees_figures = user.has_perm(SEE_ESCALATIONS), user.has_perm(SEE_FIGURES)
    tiles = work_tiles(user) if sees_work else []
    others = other_tiles(request)
    context |= {
        "greeting": greeting(timezone.localtime().hour),
        "told": _told(tiles) if tiles else _last_day(),
        "tiles": tiles,
        "other_tiles": others,
        "may_claim": user.has_perm(MAY_WORK),
        "is_away": user.has_perm(MAY_WORK) and not is_present(user.pk),
        "sees_figures": sees_figures,
        "open_alerts": alerts_open(request),
        "nothing": not (tiles or others or sees_figures),
    }
    if sees_work:
        context |= {"next_up": _next_up(user), "unassigned": _value(tiles, "unassigned")}
    if sees_work or sees_figures:
        context |= {"trends": trends_read(), "system": system_parts()}
    return context


def greeting(hour: int) -> str:
    """By the hour of the day; the page puts it right by the reader's own clock."""
    if 5 <= hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"


def _value(tiles: Sequence[Tile], name: str) -> int:
    return next(tile.value for tile in tiles if tile.name == name)


def _told(tiles: Sequence[Tile]) -> str:
    """How many are the reader's own, and whether anything is late."""
    mine, overdue, soon = (_value(tiles, name) for name in ("mine", "overdue", "due_soon"))
    own = f"You have {mine} open case{'' if mine == 1 else 's'}." if mine else "You have no open cases."
    if overdue:
        return f"{own} {overdue} in the queue {'is' if overdue == 1 else 'are'} overdue."
    if soon:
        return f"{own} {soon} {'is' if soon == 1 else 'are'} due within the hour."
    return f"{own} Nothing is overdue."


def _next_up(user: AbstractBaseUser) -> list[Row]:
    """What "Take the next one" would take, first of all. Rows name customers and their matters: that is a look."""
    found = (rows_make(rows_query(waiting[:NEXT_UP]), user) for waiting in escalations_next(user))
    rows = next(filter(None, found), [])
    if rows:
        list_look(user=user, kind="escalation")
    return rows


def _last_day() -> str:
    """Queries of the last 24 hours: how many came, and how many of the finished ones needed no person."""
    since = timezone.now() - timedelta(days=1)
    count = Query.objects.filter(created_at__gte=since).aggregate(
        all=Count("pk"),
        alone=Count("pk", filter=Q(status__in=[Query.Status.ANSWERED, Query.Status.CLARIFICATION])),
        people=Count("pk", filter=Q(status=Query.Status.ESCALATED)),
    )
    if not count["all"]:
        return "No customer messages in the last 24 hours."
    came = f"{count['all']} customer message{'' if count['all'] == 1 else 's'} in the last 24 hours"
    decided = count["alone"] + count["people"]
    if not decided:
        return f"{came}."
    return f"{came}, {round(100 * count['alone'] / decided)}% of the finished ones answered without a person."

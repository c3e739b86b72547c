"""Open alerts, for the strip on the home page and the badge of the sidebar."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest

from analytics.alerts.signals import figure, title_of, unit_of
from analytics.models import Alert

MAY_SEE = "analytics.view_alert"


@dataclass(frozen=True)
class OpenAlert:
    """One that fires now, in words."""

    alert: Alert
    title: str
    told: str

    @property
    def is_taken(self) -> bool:
        return self.alert.acknowledged_at is not None


def alerts_open(request: HttpRequest) -> list[OpenAlert]:
    """Those that the user of `request` may see, the latest first."""
    if not request.user.has_perm(MAY_SEE):
        return []
    rows = _open().select_related("acknowledged_by").order_by("-fired_at")
    return [OpenAlert(alert, alert_title(alert), alert_told(alert)) for alert in rows]


def alerts_badge(request: HttpRequest) -> int | None:
    """How many fire; None, which shows no badge, when none does."""
    return _open().count() or None


def alert_title(alert: Alert) -> str:
    return title_of(alert.rule_id)


def alert_told(alert: Alert) -> str:
    """``7.5 %, bad above 5 %``."""
    unit = unit_of(alert.rule_id)
    return f"{figure(alert.value, unit)}, bad above {figure(alert.threshold, unit)}"


def _open() -> QuerySet[Alert]:
    return Alert.objects.filter(resolved_at=None)

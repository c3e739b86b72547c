"""Rows of analytics: rules of alerts, what came of them, who is told."""

from analytics.models.alerts import Alert, AlertNotice, AlertReceiver, AlertRule, AlertState

__all__ = ["Alert", "AlertNotice", "AlertReceiver", "AlertRule", "AlertState"]

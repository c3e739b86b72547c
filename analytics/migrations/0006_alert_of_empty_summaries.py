"""The rule about summaries without history gets the name of what it measures; its bars, its alerts and who is told of
them go along. The catalogue's "Summaries not helpful" gets a rule of its own, which the evaluation makes."""

from functools import partial
from typing import Any

from django.db import migrations
from django.utils import timezone

_OLD, _NEW = "summary_misses", "empty_summary_rate"


def rule_rename(apps: Any, schema_editor: Any, *, old: str, new: str) -> None:
    """Nothing where the rule has not been made yet. A worker that is ahead of us may have made the new one: what it
    fired meanwhile is over, and the rule that people have set holds."""
    rules, states, alerts, receivers = (
        apps.get_model("analytics", name).objects for name in ("AlertRule", "AlertState", "Alert", "AlertReceiver")
    )
    before = rules.filter(pk=old).first()
    if before is None:
        return
    set_by_people = ("enabled", "threshold", "clear_below", "window_minutes", "least_sample", "hits", "of_last")
    rules.update_or_create(pk=new, defaults={name: getattr(before, name) for name in set_by_people})
    alerts.filter(rule_id=new, resolved_at=None).update(resolved_at=timezone.now())
    alerts.filter(rule_id=old).update(rule_id=new)
    states.filter(pk=new).delete()
    states.filter(pk=old).update(rule_id=new)
    for receiver in receivers.filter(rules=old):
        receiver.rules.add(new)
        receiver.rules.remove(old)
    before.delete()


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0005_known_reasons_and_tries"),
    ]

    operations = [
        migrations.RunPython(partial(rule_rename, old=_OLD, new=_NEW), partial(rule_rename, old=_NEW, new=_OLD)),
    ]

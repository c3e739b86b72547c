"""What facts said until now and must not, or not so: free words of CRM agents in place of a reason, and replays and
other tries as replies."""

import re
from typing import Any

from django.db import migrations

MOST_TITLE = 120
KNOWN = ("wrong", "incomplete", "outdated", "unclear", "too_long", "other")
_LISTED = ", ".join(f"'{reason}'" for reason in ("", *KNOWN))
_SAME = "translate(lower(btrim(rating_reason)), ' -', '__')"  # as facts write it
_FACTS = f"""UPDATE analytics_insightfact
    SET rating_reason = CASE WHEN {_SAME} IN ({_LISTED}) THEN {_SAME} ELSE 'other' END
    WHERE rating_reason NOT IN ({_LISTED})"""
_VALUES = f"DELETE FROM analytics_dimensionvalue WHERE dimension = 'rating_reason' AND value NOT IN ({_LISTED})"
# A reply is what a run on a query wrote; calls of runs on nothing that can be answered are none.
_TRIES = "UPDATE analytics_attemptfact SET area = 'other' WHERE area = 'reply' AND query_id = '' AND NOT is_demo"


def pins_clean(apps: Any, schema_editor: Any) -> None:
    """Pins that keep such words as a filter keep "other" in their place, in their titles too."""
    for pin in apps.get_model("analytics", "Pin").objects.filter(spec__filters__contains=[{"dimension": "rating_reason"}]):
        words = _words_take_out(pin.spec)
        if not words:
            continue
        for word in sorted(words, key=len, reverse=True):  # one may be the beginning of another
            told = _known(word).replace("_", " ")
            whole = rf"(?<!\w){re.escape(word)}(?!\w)"
            pin.title = re.sub(whole, told, pin.title, flags=re.IGNORECASE)[:MOST_TITLE]
        pin.spec["text"] = ""
        pin.save(update_fields=["spec", "title"])


def _words_take_out(spec: dict[str, Any]) -> list[str]:
    """The free words among the reasons that `spec` filters by, now without them."""
    found = []
    for kept in spec["filters"]:
        if kept["dimension"] == "rating_reason":
            found += [value for value in kept["values"] if value and value not in KNOWN]
            kept["values"] = list(dict.fromkeys(map(_known, kept["values"])))
    return found


def _known(reason: str) -> str:
    same = re.sub(r"[ -]", "_", reason.strip().lower())
    return same if same in ("", *KNOWN) else "other"


class Migration(migrations.Migration):

    dependencies = [
        ("analytics", "0004_reasons_and_scopes"),
    ]

    operations = [
        migrations.RunSQL([_FACTS, _VALUES, _TRIES], migrations.RunSQL.noop),
        migrations.RunPython(pins_clean, migrations.RunPython.noop),
    ]

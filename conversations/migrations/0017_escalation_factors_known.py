"""What the packets of older rows tell. Apart from the column, so that nobody waits for it while packets are read."""

from typing import Any

from django.db import migrations

ROWS = 1000  # for each transaction
FILL = """
WITH batch AS (SELECT id FROM conversations_escalation WHERE id > %s ORDER BY id LIMIT %s),
filled AS (
  UPDATE conversations_escalation e SET factors = (
    SELECT coalesce(jsonb_agg(key), '[]') FROM jsonb_each(e.packet->'factors') WHERE value->'count' > '0'
  )
  FROM batch WHERE e.id = batch.id AND jsonb_typeof(e.packet->'factors') = 'object' AND e.factors = '[]'
)
SELECT max(id) FROM batch
"""


def factors_fill(apps: Any, schema_editor: Any) -> None:
    """Fill the column of rows that have none. Begun again it goes on."""
    last: str | None = ""
    while last is not None:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, [last, ROWS])
            [last] = cursor.fetchone()


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("conversations", "0016_escalation_factors"),
    ]

    operations = [
        migrations.RunPython(factors_fill, migrations.RunPython.noop),
    ]

"""How long the history of a customer with many interactions takes to read, among those of everybody else.

    python benchmarks/history.py [--rows 5000000] [--mine 10000]

Fills a throwaway PostgreSQL with interactions of 100,000 customers, one of whom has --mine of them, all over the table
and over two years, and reads this customer's history as insights do. Prints the milliseconds of a read, median and p95,
for the newest of 90 days, for one rare channel of all the time, and for the most there may be. The exit code is 1 when
the p95 of the first is above 20 ms.
"""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
TARGET_MS = 20
CUSTOMERS, READS, ACCOUNT = 100_000, 200, "AC-1"
ASKED: dict[str, dict[str, Any]] = {
    "newest": {"days": 90, "limit": 10},
    "rare channel": {"days": 730, "limit": 10, "channels": ("branch",)},
    "most": {"days": 3650, "limit": 100},
}
# Ids only have to be of their length and different.
FILL = [
    f"""
    INSERT INTO conversations_customer (id, display_name, service_level, language, profile, created_at, updated_at)
    SELECT 'cus_' || lpad(n::text, 26, '0'), '', 'standard', '', '{{}}', now(), now()
    FROM generate_series(1, {CUSTOMERS}) n
    """,
    f"""
    INSERT INTO conversations_identity (id, kind, value, source, created_at, customer_id)
    SELECT 'idn_' || lpad(n::text, 26, '0'), 'account', 'AC-' || n, '', now(), 'cus_' || lpad(n::text, 26, '0')
    FROM generate_series(1, {CUSTOMERS}) n
    """,
    """
    INSERT INTO conversations_interaction
        (id, source, channel, author, occurred_at, intent, detail, external_id, created_at, customer_id)
    SELECT 'itr_' || lpad(n::text, 26, '0'), 'api', CASE WHEN n / 500 %% 500 = 0 THEN 'branch' ELSE 'phone' END,
        'other', now() - random() * interval '730 days', 'billing',
        repeat('The customer asked about order ' || n || '. ', 6),
        'call-' || n, now(),
        'cus_' || lpad((CASE WHEN n %% %s = 0 THEN 1 ELSE 2 + n %% {others} END)::text, 26, '0')
    FROM generate_series(1, %s) n
    """.replace("{others}", str(CUSTOMERS - 1)),
]
# That a row's customer is there needs no check five million times.
FOREIGN_KEYS = """
    SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'conversations_interaction'::regclass
"""
# An index is built faster than it is kept: all but those of constraints are made after the rows.
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'conversations_interaction' AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""


def fill(rows: int, mine: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute(FOREIGN_KEYS)
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE conversations_interaction DROP CONSTRAINT {name}")
        for statement in FILL:
            cursor.execute(statement, [rows // mine, rows] if "%s" in statement else None)
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE")


def read_ms(options: dict[str, Any]) -> list[float]:
    from conversations.interactions.selectors import history_read

    took = []
    for _ in range(READS):
        started = time.perf_counter()
        history = history_read(account_number=ACCOUNT, **options)
        took.append((time.perf_counter() - started) * 1000)
        assert len(history.events) == options["limit"], "the customer has enough of them"
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000, help="interactions in all (default 5,000,000)")
    parser.add_argument("--mine", type=int, default=10_000, help="of the customer who is read (default 10,000)")
    options = parser.parse_args()
    database = Throwaway(ROOT)
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    try:
        return measure(options.rows, options.mine)
    finally:
        database.stop()


def measure(rows: int, mine: int) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    fill(rows, mine)
    print(f"{rows:,} interactions, {mine:,} of one customer, filled in {time.perf_counter() - started:.0f} s")
    worst = {}
    for name, options in ASKED.items():
        took = read_ms(options)
        worst[name] = statistics.quantiles(took, n=20)[-1]
        told = {"name": name, "p50_ms": round(statistics.median(took), 2), "p95_ms": round(worst[name], 2)}
        print(json.dumps(told))
    verdict = "met" if worst["newest"] <= TARGET_MS else "MISSED"
    print(f"a history within {TARGET_MS} ms (p95): {verdict}")
    return 0 if verdict == "met" else 1


if __name__ == "__main__":
    sys.exit(main())

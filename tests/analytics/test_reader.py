"""PostgreSQL itself keeps questions to the views: who asks may read them and do nothing else."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.utils import timezone

from analytics.catalogue.metrics import METRICS, VIEW_DIMENSIONS
from analytics.models import QueryFact
from analytics.querying import Compare, Period, QuerySpec, running, specs_run
from analytics.reporting import reading
from analytics.reporting.reading import rows_read
from analytics.reporting.schema import REMEDY, ROLE, before_migrating, reader_exists
from analytics.reporting.sums import daily_view
from analytics.reporting.views import SCHEMA, VIEWS
from omnicqm.common.errors import ServiceUnavailable
from tests.analytics.seeding import answered, asked, october

pytestmark = pytest.mark.django_db

TABLES = ("conversations_message", "conversations_customer", "auth_user", "analytics_queryfact", "common_attempt")


@pytest.mark.parametrize("table", TABLES)
def test_no_table_can_be_read(table: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows_read(f"SELECT * FROM public.{table} WHERE %(x)s", {"x": True})


def test_no_table_of_ours_is_readable_at_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v', 'm', 'S', 'p')"
            " AND has_table_privilege(%s, c.oid, 'SELECT')", [ROLE],
        )  # fmt: skip
        assert {name for (name,) in cursor.fetchall()} == {
            f"{SCHEMA}.{name}" for view in VIEWS for name in (view, daily_view(view))
        }


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO reporting.queries (at) VALUES (now()) RETURNING %(x)s",
        "UPDATE reporting.queries SET channel = %(x)s::text RETURNING 1",
        "DELETE FROM reporting.queries WHERE %(x)s::boolean RETURNING 1",
        "WITH gone AS (DELETE FROM public.analytics_queryfact RETURNING 1) SELECT %(x)s FROM gone",
        "SELECT nextval('public.django_migrations_id_seq'), %(x)s",
        "SELECT set_config('role', 'none', false), count(*) FROM public.auth_user WHERE %(x)s",
        "SELECT lo_create(0), %(x)s",
        "SELECT pg_read_file('/etc/passwd'), %(x)s",
        "CREATE TABLE reporting.mine (a int)",
        "TRUNCATE public.analytics_queryfact",
    ],
)
def test_nothing_can_be_written_or_reached(statement: str) -> None:
    answered(asked_now := asked(timezone.now()))
    with pytest.raises(psycopg.Error) as refused:
        rows_read(statement, {"x": True} if "%(x)s" in statement else {})
    assert refused.value.sqlstate[:2] in {"42", "25", "55", "0L"}, refused.value
    asked_now.refresh_from_db()
    assert asked_now.status == "answered"


def test_two_statements_are_never_one() -> None:
    with pytest.raises(psycopg.errors.SyntaxError):
        rows_read("SELECT %(x)s; SELECT 2", {"x": 1})


def test_who_takes_too_long_is_stopped(monkeypatch) -> None:
    monkeypatch.setattr(reading, "_BEGIN", ("SET LOCAL statement_timeout = 50", *reading._BEGIN[1:]))
    with pytest.raises(ServiceUnavailable, match="takes too long"):
        rows_read("SELECT count(*) FROM generate_series(1, 100000000) WHERE %(x)s", {"x": True})


def test_whoever_asked_before_is_oneself_again_afterwards() -> None:
    rows_read("SELECT count(*) FROM reporting.queries WHERE %(x)s", {"x": True})
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> %s, current_setting('transaction_read_only')", [ROLE])
        assert cursor.fetchone() == (True, "off")
    with pytest.raises(psycopg.Error):
        rows_read("SELECT nothing FROM reporting.queries WHERE %(x)s", {"x": True})
    QueryFact.objects.all().delete()  # the transaction around it goes on


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_around_it_nothing_stays_either() -> None:
    rows_read("SELECT count(*) FROM reporting.queries WHERE %(x)s", {"x": True})
    asked(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user <> %s, current_setting('statement_timeout')", [ROLE])
        assert cursor.fetchone() == (True, "0")


@pytest.mark.django_db(transaction=True)
def test_a_period_and_what_it_is_compared_with_are_read_at_the_same_time(monkeypatch) -> None:
    answered(asked(timezone.now()))
    answered(asked(timezone.now() - timedelta(days=7)))
    call_command("facts_rebuild", verbosity=0)
    both = Barrier(2)

    def meet(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        both.wait(10)
        return rows_read(sql, values)

    monkeypatch.setattr(running, "rows_read", meet)
    today = timezone.localdate()
    week = QuerySpec("queries", Period(today - timedelta(days=6), today), compare=Compare.PREVIOUS)
    [result] = specs_run([week])
    assert (result.total.value, result.total.compare) == (1, 1)


def test_views_show_no_text_of_a_customer_and_no_name() -> None:
    october()
    call_command("facts_rebuild", verbosity=0)
    for view in VIEWS:
        for row in rows_read(f"SELECT to_jsonb(v)::text FROM reporting.{view} v WHERE %(x)s", {"x": True}):
            for personal in ("How long may I keep it", "Thirty days", "Efua", "Owusu", "@example.com", "within thirty"):
                assert personal not in row[0]


def test_every_dimension_of_the_catalogue_is_a_column_of_its_views() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s", [SCHEMA]
        )
        columns = set(cursor.fetchall())
    for view, names in VIEW_DIMENSIONS.items():
        for name in names:
            assert (view, name) in columns or name in ("weekday", "hour_of_day"), (view, name)
    assert {metric.view for metric in METRICS.values()} == set(VIEWS) == set(VIEW_DIMENSIONS)


def test_a_missing_role_is_named_with_its_remedy(monkeypatch) -> None:
    begin = (*reading._BEGIN[:-1], "SET LOCAL ROLE omnicqm_nobody")
    monkeypatch.setattr(reading, "_BEGIN", begin)
    with pytest.raises(ServiceUnavailable, match="CREATE ROLE omnicqm_analyst") as refused:
        rows_read("SELECT 1 WHERE %(x)s", {"x": True})
    assert REMEDY in refused.value.message


def test_the_check_asks_for_the_role(monkeypatch) -> None:
    with connection.cursor() as cursor:
        assert reader_exists(cursor)
    call_command("check", databases=["default"], tags=["database"])
    with transaction.atomic(), connection.cursor() as cursor:
        before_migrating(plan=[(type("M", (), {"app_label": "analytics"}), False)], using="default")
        assert not reader_exists(cursor)
        transaction.set_rollback(True)


def test_migrating_makes_the_views_again_when_they_are_not_what_they_should_be() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP VIEW {SCHEMA}.queries CASCADE")
        cursor.execute(f"COMMENT ON SCHEMA {SCHEMA} IS 'of an earlier version'")
    with pytest.raises(psycopg.errors.UndefinedTable):
        rows_read("SELECT 1 FROM reporting.queries WHERE %(x)s", {"x": True})
    call_command("migrate", verbosity=0)
    assert rows_read("SELECT count(*) FROM reporting.queries WHERE %(x)s", {"x": True}) == [(0,)]


def test_the_role_cannot_be_logged_in_with() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = %s", [ROLE]
        )
        assert cursor.fetchone() == (False, False, False, False)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE ROLE another_role")

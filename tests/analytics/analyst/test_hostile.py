"""Whatever is asked, nothing but the views is read, nothing is written, and nothing that came along is executed."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from analytics.analyst.services import question_ask
from analytics.analyst.types import Asker
from analytics.errors import SpecInvalid
from analytics.facts.services import facts_rebuild
from analytics.querying import result_csv, spec_read, spec_run
from analytics.reporting import reading
from analytics.reporting.schema import ROLE
from conversations.models import Channel
from conversations.services.channels import channels_ensure_defaults
from tests.analytics.analyst.hostile import questions, specs
from tests.analytics.seeding import answered, asked

pytestmark = pytest.mark.django_db
ASKER = Asker("user:1")
VIEWS = {
    name for view in ("queries", "cases", "escalations", "attempts", "insights") for name in (view, f"{view}_daily")
}


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every statement that is sent to read figures, with what is bound."""
    sent: list[tuple[str, dict[str, Any]]] = []
    real = reading.rows_read

    def kept(sql: str, values: Any) -> Any:
        sent.append((sql, dict(values)))
        return real(sql, values)

    monkeypatch.setattr("analytics.querying.running.rows_read", kept)
    channels_ensure_defaults()
    answered(asked(datetime(2026, 11, 10, 9, tzinfo=UTC)))
    facts_rebuild()
    return sent


def test_there_are_two_hundred_of_them() -> None:
    assert len(list(specs())) + len(list(questions())) >= 200


def test_specs_are_refused_before_anything_is_read(statements: list) -> None:
    for spec in specs():
        with pytest.raises(SpecInvalid) as refused:
            spec_run(spec_read(spec))
        assert refused.value.param
        assert len(refused.value.message) < 2000
    assert statements == []


def test_questions_read_nothing_but_what_the_catalogue_says(statements: list) -> None:
    before = _rows()
    for question in questions():
        answer = question_ask(question=question, asker=ASKER)
        assert answer.text
        if answer.spec:  # understood in another sense, as a plain question of the catalogue
            assert spec_read(answer.dump()["query"]) == answer.spec
    assert _rows() == before
    for sql, values in statements:
        assert ";" not in sql
        assert {name for name in VIEWS if f"reporting.{name} " in sql}
        assert all(word not in sql.lower() for word in ("auth_", "conversations_", "pg_", "union", "drop", "delete"))
        assert {type(value) for value in values.values()} <= {str, list, date, datetime}


def test_the_role_that_reads_may_read_the_views_and_nothing_else() -> None:
    """Even a statement that got through could not do more: PostgreSQL itself says so."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
            " AND has_schema_privilege(%s, n.oid, 'USAGE') AND"
            " CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(%s, c.oid, 'USAGE, SELECT, UPDATE')"
            " ELSE has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') END",
            [ROLE, ROLE, ROLE],
        )
        assert {row[0] for row in cursor.fetchall()} == {f"reporting.{name}" for name in VIEWS}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM public.auth_user", "SELECT * FROM public.analytics_queryfact",
        "DELETE FROM public.analytics_queryfact", "DELETE FROM reporting.queries",
        "UPDATE reporting.queries SET channel = ''", "CREATE TABLE reporting.x (y int)", "CREATE TEMP TABLE x (y int)",
        "SELECT pg_read_file('/etc/passwd')", "COPY reporting.queries TO PROGRAM 'cat'", "SELECT lo_create(0)",
        "SELECT %(zone)s; SELECT 2", "SELECT rolpassword FROM pg_authid",
    ],
)  # fmt: skip
def test_a_statement_that_got_through_would_be_refused_by_postgresql(sql: str) -> None:
    import psycopg

    with pytest.raises((psycopg.Error, ProgrammingError)), transaction.atomic():
        reading.rows_read(sql, {"zone": "UTC"})  # every question binds values


def test_labels_are_data_in_a_csv_file(statements: list) -> None:
    for title in ('=HYPERLINK("https://evil.example")', "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "＝1"):
        Channel.objects.filter(pk="outlook").update(title=title)
        result = spec_run(spec_read({"metric": "queries", "dimensions": ["channel"],
                                     "period": {"from": "2026-11-01", "to": "2026-11-18"}}))  # fmt: skip
        rows = list(csv.reader(io.StringIO(result_csv(result))))
        assert rows[1][0] == f"'{title}"
        assert rows[1][1] == "1"


def _rows() -> list[int]:
    with connection.cursor() as cursor:
        counts = []
        for table in ("analytics_queryfact", "auth_user", "conversations_message", "common_auditevent"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts.append(cursor.fetchone()[0])
    return counts

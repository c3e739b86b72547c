"""deploy/warehouse: its tables, loads and views, run on PostgreSQL with what the product stores.

The loads and views run as they are. What Redshift has alone is translated here and nowhere else: how rows are spread
over machines and sorted (DISTKEY, SORTKEY), the name of its type for JSON (SUPER), and COPY from S3, in whose place the
lines of the stored objects are read.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.rows import dict_row

from conversations.insights.selectors import insight_record
from conversations.models import Insight
from feedback.selectors import rating_record
from feedback.services import rating_give
from feedback.targets import Target
from omnicqm.common.outbox.flush import outbox_flush
from omnicqm.common.outbox.services import outbox_add
from omnicqm.warehouse.tables import RATINGS, SUMMARIES, Kind
from tests.conversations.people import customer_make
from tests.feedback.people import insight_make
from tests.running import ROOT

pytestmark = pytest.mark.django_db

TYPES = {
    Kind.TEXT: "character varying",
    Kind.COUNT: "integer",
    Kind.FLAG: "boolean",
    Kind.DAY: "date",
    Kind.INSTANT: "timestamp with time zone",
    Kind.AMOUNT: "numeric",
    Kind.JSON: "jsonb",
    Kind.INTERACTIONS: "jsonb",
}


class Warehouse:
    """A schema of its own in the test's database, on a connection of its own: the loads begin and end transactions."""

    def __init__(self, database: psycopg.Connection[dict[str, Any]]) -> None:
        self._database = database

    def run(self, sql: str) -> None:
        self._database.execute(re.sub(r"\bSUPER\b", "JSONB", re.sub(r"^(DIST|SORT)KEY \(\w+\)", "", sql, flags=re.M)))

    def script(self, name: str) -> str:
        return (ROOT / "deploy" / "warehouse" / name).read_text()

    def load(self, name: str, objects: Path) -> None:
        """Run a load script with the lines of all objects below `objects` in the place of COPY."""
        before, copy, after = re.split(r"^(COPY [^;]*;)", self.script(name), flags=re.M)
        staging = copy.split()[1]
        self.run(before)
        for file in sorted(objects.rglob("*.jsonl")):
            for line in file.read_text().splitlines():
                row = f"SELECT (jsonb_populate_record(NULL::{staging}, %s::jsonb)).*"
                self._database.execute(f"INSERT INTO {staging} {row}", [line])
        self.run(after)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return self._database.execute(sql).fetchall()

    def columns(self, table: str) -> dict[str, str]:
        where = f"table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        found = self.rows(f"SELECT column_name, data_type FROM information_schema.columns WHERE {where}")
        return {row["column_name"]: row["data_type"] for row in found}


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    parameters = {**connection.get_connection_params(), "row_factory": dict_row, "cursor_factory": psycopg.Cursor}
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as database:
        database.execute("DROP SCHEMA IF EXISTS warehouse CASCADE")
        database.execute("CREATE SCHEMA warehouse")
        database.execute("SET search_path TO warehouse")
        database.execute("SET timezone TO 'UTC'")
        opened = Warehouse(database)
        opened.run(opened.script("tables.sql"))
        opened.run(opened.script("views.sql"))
        yield opened
        database.execute("DROP SCHEMA warehouse CASCADE")


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    backend = "omnicqm.common.outbox.stores.folder.FolderStore"
    settings.OBJECT_STORES = {"local": {"BACKEND": backend, "OPTIONS": {"folder": tmp_path}}}
    return tmp_path / "omni-channel"


def told(**fields: Any) -> Insight:
    """An answer that was given, with its record for the warehouse."""
    insight = insight_make(**fields)
    outbox_add(topic="omni-channel/processed", key=insight.pk, payload=insight_record(insight), at=insight.created_at)
    return insight


def rate(insight: Insight, feedback: str, rater: str = "client:crm") -> None:
    rating_give(target=Target(insight_id=insight.pk), rater=rater, feedback=feedback)


def event(channel: str) -> dict[str, Any]:
    return {
        "id": "itr_1",
        "at": "2026-11-01T10:00:00+00:00",
        "channel": channel,
        "author": "customer",
        "intent": "",
        "text": "Where is it?",
        "reference": "",
        "resolved": None,
        "external_id": "",
    }


@pytest.mark.parametrize("table", [SUMMARIES, RATINGS], ids=lambda table: table.name)
def test_tables_and_exports_have_the_same_columns(warehouse, table):
    assert list(warehouse.columns(table.name).items()) == [(name, TYPES[kind]) for name, kind in table.columns.items()]


def test_records_hold_every_column():
    insight = insight_make()
    rate(insight, "helpful")
    assert set(SUMMARIES.columns) <= set(insight_record(insight))
    assert set(RATINGS.columns) == set(rating_record(insight.ratings.get()))


def test_what_is_loaded_again_is_there_once_and_as_it_was_told_last(warehouse, folder):
    insight = told(interactions=[event("email")], usage={"input_tokens": 900, "cost_usd": "0.00012500"})
    rate(insight, "helpful")
    outbox_flush()
    twice = next(folder.rglob("processed/**/*.jsonl"))
    twice.write_text(twice.read_text() * 2)
    for _ in range(2):
        warehouse.load("load_summaries.sql", folder / "processed")
        warehouse.load("load_ratings.sql", folder / "feedback")
    [row] = warehouse.rows("SELECT * FROM omni_summaries")
    assert (row["request_id"], row["summary"]) == (insight.pk, insight.summary)
    assert (row["date_from"], row["input_tokens"], row["cost_usd"]) == (insight.date_from, 900, Decimal("0.000125"))
    assert row["interactions"] == [event("email")]
    assert abs((row["answered_at"] - insight.created_at).total_seconds()) < 0.001
    assert [row["feedback"] for row in warehouse.rows("SELECT * FROM omni_ratings")] == ["helpful"]


@pytest.fixture
def filled(warehouse, folder) -> Warehouse:
    customer = customer_make()
    first = told(customer=customer, interactions=[event("email"), event("email"), event("chat")], latency_ms=3000)
    fallen_back = {"model_used": "nova-2-lite", "provider": "bedrock", "fell_back": True, "latency_ms": 700}
    second = told(customer=customer, interactions=[event("chat")], contact_id="contact-2", **fallen_back)
    again = told(customer=customer, source=first, summary="", cache="result", latency_ms=20)
    told(customer=customer, summary="No interactions found.", model_used="none", prompt_version="none")
    rate(first, "helpful")
    rate(first, "not_helpful", rater="client:other")
    rate(second, "helpful")
    rate(second, "not_helpful")  # changed
    rate(again, "helpful")
    outbox_flush()
    warehouse.load("load_summaries.sql", folder / "processed")
    warehouse.load("load_ratings.sql", folder / "feedback")
    return warehouse


def test_effectiveness_counts_what_was_said_last(filled):
    by_model = {row["model_used"]: row for row in filled.rows("SELECT * FROM omni_effectiveness_by_model")}
    assert set(by_model) == {"local-extractive", "nova-2-lite"}
    local, nova = by_model["local-extractive"], by_model["nova-2-lite"]
    assert (local["summaries"], local["helpful"], local["not_helpful"]) == (2, 2, 1)
    assert round(local["helpful_share"], 4) == Decimal("0.6667")
    assert (nova["fell_back"], nova["helpful"], nova["not_helpful"], nova["latency_p50"]) == (1, 0, 1, 700)
    by_cache = filled.rows("SELECT cache, helpful_share FROM omni_effectiveness_by_cache ORDER BY cache")
    assert [(row["cache"], round(row["helpful_share"], 4)) for row in by_cache] == [
        ("none", Decimal("0.3333")),
        ("result", 1),
    ]
    bands = {row["latency_band"]: row["helpful"] for row in filled.rows("SELECT * FROM omni_effectiveness_by_latency")}
    assert bands == {"1: under 0.5 s": 1, "2: 0.5 to 2 s": 0, "3: 2 to 5 s": 1}
    [prompt] = filled.rows("SELECT * FROM omni_effectiveness_by_prompt_version")
    assert (prompt["prompt_version"], prompt["summaries"], prompt["not_helpful"]) == ("1", 3, 2)


def test_days_tell_speed_and_what_was_told_again(filled):
    days = filled.rows("SELECT * FROM omni_days")
    assert sum(day["answers"] for day in days) == 4
    assert sum(day["without_history"] for day in days) == sum(day["told_again"] for day in days) == 1
    assert max(day["latency_p99"] for day in days) > 2000


def test_journeys_lead_across_channels(filled):
    journeys = {row["channel_path"]: row for row in filled.rows("SELECT * FROM omni_journeys")}
    assert set(journeys) == {"email > chat", "chat"}
    assert (journeys["email > chat"]["contacts"], journeys["email > chat"]["customers"]) == (2, 1)
    contacts = filled.rows("SELECT * FROM omni_customer_contacts ORDER BY contact_number")
    assert [(row["contact_id"], row["answers"]) for row in contacts] == [("contact-1", 3), ("contact-2", 1)]
    assert contacts[1]["previous_at"] == contacts[0]["first_at"]

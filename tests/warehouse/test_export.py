"""``manage.py warehouse_export``: summaries and ratings of a period, in typed columns."""

import importlib
import json
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from feedback.services import rating_give
from feedback.targets import Target
from omnicqm.warehouse.management.commands import warehouse_export
from omnicqm.warehouse.parquet import parquet_schema
from omnicqm.warehouse.tables import TABLES
from tests.feedback.people import insight_make
from tests.warehouse.test_redshift import event

pytestmark = pytest.mark.django_db


def export(out: Path, **options: str) -> None:
    call_command("warehouse_export", "--from=2026-11-20", "--to=2026-11-21", str(out), **options)


@pytest.fixture
def insight():
    """One in the period, between others that are just outside."""
    for moment in (datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC)):
        insight_make(created_at=moment)
    return insight_make(
        created_at=datetime(2026, 11, 21, 23, 59, 59, 999000, tzinfo=UTC),
        channel_filter=["voice", "chat"],
        interactions=[event("voice")],
        usage={"input_tokens": 900, "cost_usd": "0.00012500"},
        fell_back=True,
    )


def test_a_parquet_file_has_a_type_for_each_column(tmp_path, insight, capsys):
    export(tmp_path / "new")
    table = arrow.parquet.read_table(tmp_path / "new" / "omni_summaries.parquet")
    assert table.schema.equals(parquet_schema(TABLES[0].columns))
    types = {str(field.type) for field in table.schema if not arrow.types.is_list(field.type)}
    assert types == {"string", "int32", "bool", "date32[day]", "timestamp[us, tz=UTC]", "decimal128(14, 8)"}
    [row] = table.to_pylist()
    assert (row["request_id"], row["answered_at"]) == (insight.pk, insight.created_at)
    assert (row["date_from"], row["cost_usd"], row["fell_back"]) == (date(2026, 11, 1), Decimal("0.000125"), True)
    assert (row["source_id"], json.loads(row["channel_filter"])) == (None, ["voice", "chat"])
    assert row["interactions"][0]["at"] == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert "omni_summaries.parquet: 1 rows" in capsys.readouterr().out
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == [
        "omni_ratings.parquet",
        "omni_summaries.parquet",
    ]


def test_ratings_are_exported_with_their_history(tmp_path, insight):
    for feedback in ("helpful", "not_helpful"):
        rating = rating_give(target=Target(insight_id=insight.pk), rater="client:crm", feedback=feedback)
    day = rating.created_at.astimezone(UTC).date().isoformat()
    call_command("warehouse_export", "--from", day, "--to", day, str(tmp_path))
    rows = arrow.parquet.read_table(tmp_path / "omni_ratings.parquet").to_pylist()
    assert [(row["request_id"], row["feedback"]) for row in rows] == [
        (insight.pk, "helpful"),
        (insight.pk, "not_helpful"),
    ]


def test_lines_are_those_of_the_store(tmp_path, insight, settings):
    settings.INSIGHT_TEXT_DAYS = 36_500  # the period of these tests is a fixed one
    export(tmp_path, format="jsonl")
    [line] = (tmp_path / "omni_summaries.jsonl").read_text().splitlines()
    assert json.loads(line)["request_id"] == insight.pk


def test_lines_of_what_was_forgotten_are_refused_for_the_warehouse_has_more(tmp_path, insight, settings):
    settings.INSIGHT_TEXT_DAYS = 7
    today = timezone.localdate(timezone=UTC)
    for days, refused in ((6, False), (7, True)):
        day = str(today - timedelta(days=days))
        arguments = ("--format=jsonl", f"--from={day}", f"--to={today}", str(tmp_path))
        with pytest.raises(CommandError, match=f"Begin with {today - timedelta(days=6)}") if refused else nullcontext():
            call_command("warehouse_export", *arguments)


def test_without_pyarrow_the_remedy_is_named(tmp_path, monkeypatch):
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")

    monkeypatch.setattr(warehouse_export, "import_module", missing)
    with pytest.raises(CommandError, match="pip install 'pyarrow"):
        export(tmp_path)
    monkeypatch.setattr(warehouse_export, "import_module", importlib.import_module)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from=2026-11-21", "--to=2026-11-20", "OUT"], "lies before"),
        (["--from=yesterday", "--to=2026-11-20", "OUT"], "--from: invalid"),
        (["--from=2026-11-20", "--to=2026-11-20", "/proc/nothing"], "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_told(arguments, told):
    with pytest.raises(CommandError, match=told):
        call_command("warehouse_export", *arguments)

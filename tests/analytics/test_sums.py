"""Daily sums say what the facts say, whoever wrote those, and questions are answered alike from both."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from analytics.catalogue.metrics import METRICS, metric_dimensions
from analytics.catalogue.summing import metric_summed, summed
from analytics.facts.services import facts_rebuild
from analytics.models import AttemptFact, QueryFact
from analytics.querying import Filter, Grain, Period, QuerySpec, running, specs_run
from analytics.querying.compiling import from_sums
from analytics.reporting.sums import KEPT_BY, SUMS, sums_columns
from tests.analytics.seeding import october

OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def call(number: int, at: datetime = NOON, cost: str = "0.01", **fields: object) -> AttemptFact:
    return AttemptFact(
        attempt_id=f"att_{number}", at=at, area="reply", purpose="compose", provider="primary", model="m",
        outcome="ok", latency_ms=1, cost_usd=Decimal(cost), **fields,
    )  # fmt: skip


def kept(view: str = "attempts") -> dict[date, int]:
    """How many facts each day's sums tell of."""
    column = sums_columns(view)["count(*)"]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT day, sum({column})::int FROM {SUMS}.{view} GROUP BY day")
        return dict(cursor.fetchall())


@pytest.mark.parametrize(
    ("sql", "aggregates"),
    [
        ("count(*)", ("count(*)",)),
        ("count(*) FILTER (WHERE (resolved) AND (involved))", ("count(*) FILTER (WHERE (resolved) AND (involved))",)),
        ("coalesce(sum(cost_usd), 0)", ("sum(cost_usd)",)),
        ("avg(score) FILTER (WHERE score IS NOT NULL)",
         ("sum(score) FILTER (WHERE score IS NOT NULL)", "count(score) FILTER (WHERE score IS NOT NULL)")),
    ],
)  # fmt: skip
def test_counts_sums_and_means_are_put_together_from_days(sql: str, aggregates: tuple[str, ...]) -> None:
    found = summed(sql)
    assert found
    assert found.kept == aggregates


def test_what_cannot_be_added_up_is_not() -> None:
    for name in ("customers", "adoption", "run_latency_p95", "overdue_escalations", "availability", "alpha_settled"):
        assert metric_summed(METRICS[name]) == (), name
    for name in ("queries", "alpha", "workload", "cost", "cost_per_call", "confidence", "tokens", "cached_token_rate"):
        assert metric_summed(METRICS[name]), name


@pytest.mark.django_db
@pytest.mark.parametrize("grain", [None, Grain.DAY, Grain.WEEK, Grain.MONTH])
def test_every_figure_is_the_same_from_sums_and_from_facts(
    monkeypatch: pytest.MonkeyPatch, grain: Grain | None
) -> None:
    october()
    facts_rebuild()
    specs = []
    for name, metric in METRICS.items():
        known = [one for one in metric_dimensions(metric) if one in (*KEPT_BY[metric.view], "weekday")]
        splits: list[tuple[str, ...]] = [(), *((one,) for one in known), tuple(known[:2])]
        specs += [QuerySpec(name, OCTOBER, split, grain) for split in splits]
        if "channel" in known:
            for negated in (False, True):
                only = Filter("channel", ("chat",), negated)
                specs.append(QuerySpec(name, OCTOBER, ("category",), grain, filters=(only,)))
    specs = [spec for spec in specs if from_sums(METRICS[spec.metric], spec)]
    assert len(specs) > 150
    fast = specs_run(specs)
    monkeypatch.setattr(running, "sums_are_kept", lambda: False)
    for one, other in zip(fast, specs_run(specs), strict=True):
        assert [(r.bucket, r.keys, r.n, r.provisional) for r in one.rows] == [
            (r.bucket, r.keys, r.n, r.provisional) for r in other.rows
        ], one.spec
        for row, same in zip([*one.rows, one.total], [*other.rows, other.total], strict=True):
            if isinstance(row.value, float):
                assert row.value == pytest.approx(same.value, abs=1e-12), one.spec
            else:
                assert row.value == same.value, one.spec
        assert one.notes == other.notes


@pytest.mark.django_db
def test_the_sums_follow_whatever_happens_to_facts() -> None:
    first, second = NOON.date(), NOON.date() + timedelta(days=1)
    AttemptFact.objects.bulk_create(call(number) for number in range(3))
    assert kept() == {first: 3}
    AttemptFact.objects.filter(pk="att_0").update(at=NOON + timedelta(days=1))  # both days are another's now
    assert kept() == {first: 2, second: 1}
    AttemptFact.objects.filter(pk="att_1").update(cost_usd=Decimal("5"))
    assert specs_run([QuerySpec("cost", OCTOBER)])[0].total.value == Decimal("5.02")
    AttemptFact.objects.filter(pk="att_2").delete()
    assert kept() == {first: 1, second: 1}
    with transaction.atomic():
        AttemptFact.objects.all().delete()
        transaction.set_rollback(True)
    assert kept() == {first: 1, second: 1}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE analytics_attemptfact")
    assert kept() == {}


@pytest.mark.django_db
def test_automatic_mail_is_not_in_the_sums_as_it_is_not_in_the_view() -> None:
    october()
    facts_rebuild()
    before = kept("queries")
    QueryFact.objects.filter(pk=QueryFact.objects.filter(is_automatic=False).first().pk).update(is_automatic=True)
    assert sum(kept("queries").values()) == sum(before.values()) - 1


@pytest.mark.django_db(transaction=True)
def test_two_who_write_facts_of_one_day_at_once_leave_the_sums_of_both() -> None:
    ready = Barrier(2)

    def write(number: int) -> None:
        try:
            with transaction.atomic():
                ready.wait(timeout=20)
                for place in range(5):
                    call(number * 100 + place).save(force_insert=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, (1, 2)))
    assert kept() == {NOON.date(): 10}


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_days_are_those_of_the_time_zone(settings, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Also on days with 23 and 25 hours, and those without a midnight. Until the sums are made for the zone, facts
    are read."""
    for month in (3, 4, 9, 10):
        for hour in range(0, 24 * 9, 5):
            moment = datetime(2026, month, 1 if month in (4, 9) else 23, tzinfo=UTC) + timedelta(hours=hour)
            call(month * 1000 + hour, moment).save(force_insert=True)
    settings.TIME_ZONE = zone
    spec = QuerySpec("attempts", Period(date(2026, 3, 1), date(2026, 11, 15)), grain=Grain.DAY)
    sent: list[str] = []
    real = running.rows_read
    monkeypatch.setattr(running, "rows_read", lambda sql, values: (sent.append(sql), real(sql, values))[1])
    [from_facts] = specs_run([spec])
    call_command("migrate", verbosity=0)
    [from_daily] = specs_run([spec])
    assert ["attempts_daily" in sql for sql in sent] == [False, True]
    assert [(row.bucket, row.value) for row in from_daily.rows] == [(row.bucket, row.value) for row in from_facts.rows]
    assert from_daily.total.value == AttemptFact.objects.count()
    AttemptFact.objects.filter(at__month=9).delete()
    assert specs_run([spec])[0].total.value == AttemptFact.objects.count()


@pytest.mark.django_db
def test_what_the_demo_invented_is_said_of_sums_as_well() -> None:
    call(1, is_demo=True).save(force_insert=True)
    [result] = specs_run([QuerySpec("cost", OCTOBER)])
    assert any("invented" in note for note in result.notes)

"""One place defines what is measured: it is complete, free of contradictions, and what the page says."""

from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from analytics.catalogue.definition import Direction
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.documentation import catalogue_document
from analytics.catalogue.metrics import GROUPS, METRICS, VIEW_DIMENSIONS, metric_define, metric_dimensions
from analytics.catalogue.values import dimension_values
from analytics.facts.services import facts_rebuild
from analytics.querying import Compare, Grain, Period, QuerySpec, running, spec_dump, spec_read, spec_run, specs_run
from tests.analytics.seeding import asked, escalated, october
from tests.running import ROOT

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def test_the_page_is_what_the_catalogue_says() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == catalogue_document(), "'make fix' renews it"


def test_a_name_means_one_thing() -> None:
    names = Counter(
        name.lower()
        for metric in METRICS.values()
        for name in {metric.name, metric.title.lower(), *(synonym.lower() for synonym in metric.synonyms)}
    )
    assert [name for name, count in names.items() if count > 1] == []
    of_dimensions = Counter(
        name.lower() for known in DIMENSIONS.values() for name in {known.name, known.title.lower(), *known.synonyms}
    )
    assert [name for name, count in of_dimensions.items() if count > 1] == []
    assert len(METRICS) == sum(map(len, GROUPS.values()))


def test_every_metric_says_how_it_is_computed() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    for metric in METRICS.values():
        told = metric_define(metric)
        assert told["formula"].startswith(metric.numerator), metric.name
        assert told["formula"].endswith(metric.denominator), metric.name
        assert f"`{told['formula']}`, {told['grain']}, at most 60 seconds old" in page, metric.name
        assert len(metric.description) > 40, metric.name
        assert metric.description.endswith("."), metric.name
        if metric.denominator or "percentile" in metric.numerator or "avg(" in metric.numerator:
            assert metric.sample, f"{metric.name} rests on a sample and does not say how large it is"
        if metric.target:
            good = Direction.UP if metric.target.least is not None else Direction.DOWN
            assert metric.direction is good, metric.name


@pytest.mark.django_db
def test_every_metric_can_be_asked_by_everything_it_is_known_by() -> None:
    october()
    facts_rebuild()
    for view, names in VIEW_DIMENSIONS.items():
        metrics = [metric for metric in METRICS.values() if metric.view == view]
        for name in names:
            for grain in (None, Grain.MONTH):
                specs = [QuerySpec(m.name, YEAR, (name,), grain, Compare.PREVIOUS, top=3) for m in metrics]
                for result in specs_run(specs):
                    assert result.rows
                    assert all(len(result.cells(row)) == len(result.columns) for row in result.rows)
                    assert result.definitions[0] == metric_define(result.metric)


@pytest.mark.django_db
def test_values_are_those_that_occur_and_those_that_have_a_title() -> None:
    escalated(asked(timezone.now(), channel="chat", category="returns"), "made_up_reason", prompt_version="v7")
    facts_rebuild()
    channels = dimension_values(DIMENSIONS["channel"])
    assert {"outlook", "chat", "api", ""} <= set(channels)
    assert channels[""] == "No channel"
    assert dimension_values(DIMENSIONS["category"])["returns"] == "Returns & refunds"
    reasons = dimension_values(DIMENSIONS["reason"])
    assert reasons["made_up_reason"] == "made_up_reason"
    assert reasons["asked_for_person"] == "The customer asked for a person"
    assert "v7" in dimension_values(DIMENSIONS["prompt_version"])
    assert dimension_values(DIMENSIONS["weekday"])["7"] == "Sunday"


@pytest.mark.django_db
def test_what_differs_in_the_metric_alone_is_read_together(monkeypatch) -> None:
    read, times = running.rows_read, []
    monkeypatch.setattr(running, "rows_read", lambda *given: times.append(1) or read(*given))
    october()
    facts_rebuild()
    names = ("alpha", "cases", "workload", "return_rate", "alpha")
    together = specs_run([QuerySpec(name, YEAR, grain=Grain.MONTH) for name in names])
    assert len(times) == 1
    assert together == [spec_run(QuerySpec(name, YEAR, grain=Grain.MONTH)) for name in names]


@pytest.mark.django_db
def test_a_spec_as_json_is_the_same_spec() -> None:
    asked(timezone.now(), channel="chat")
    facts_rebuild()
    data = {
        "metric": "alpha",
        "dimensions": ["channel", "category"],
        "grain": "week",
        "period": {"from": "2026-10-01", "to": "2026-10-31"},
        "compare": "previous_year",
        "filters": [{"dimension": "channel", "op": "not_in", "values": ["chat", ""]}],
        "top": 3,
        "text": "α by channel and category",
    }
    assert spec_dump(spec_read(data)) == data
    least = {"metric": "queries", "period": {"from": "2026-10-01", "to": "2026-10-01"}}
    assert spec_dump(spec_read(least)) == {
        **least, "dimensions": [], "grain": None, "compare": None, "filters": [], "top": None, "text": "",
    }  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "param", "message"),
    [
        ({"metric": "alfa"}, "metric", r"There is no metric 'alfa'. Did you mean alpha"),
        ({"metric": None}, "metric", "Known: queries, cases"),
        ({"dimensions": ["chanel"]}, "dimensions", r"no dimension 'chanel'. Did you mean channel\?"),
        ({"dimensions": ["reason"]}, "dimensions", "'Queries' is not known by reason. Use: channel, category"),
        ({"grain": "second"}, "grain", "'grain' is hour, day, week, month or null, not 'second'."),
        ({"compare": "last"}, "compare", "'compare' is previous_period, .*previous_year or null, not 'last'."),
        (
            {"filters": [{"dimension": "channel", "values": ["outlok"]}]},
            "filters",
            "No channel is called 'outlok'. Known: o",
        ),
        ({"period": {"from": "2026-10-31", "to": "2026-10-01"}}, "period", "ends .* before it begins .* Swap them."),
        ({"period": {"from": "2026-10-01"}}, "period", "'from' and 'to', two days such as 2026-11-30."),
        ({"period": {"from": "2016-10-01", "to": "2026-10-01"}}, "period", "at most 1,100 days. This one has 3,653."),
        ({"top": 0, "dimensions": ["channel"]}, "top", "whole number from 1 to 100"),
        ({"sql": "SELECT 1"}, "query", "There is no field 'sql'. Use: metric, dimensions"),
    ],
)
def test_a_wrong_spec_is_told_what_is_wrong_and_what_to_do(changed, param, message) -> None:
    asked(timezone.now())
    facts_rebuild()
    with pytest.raises(Exception, match=message) as refused:
        spec_read({"metric": "queries", "period": {"from": "2026-10-01", "to": "2026-10-31"}, **changed})
    assert (refused.value.param, refused.value.code, refused.value.status) == (param, "spec_invalid", 400)


@pytest.mark.django_db
def test_the_largest_groups_are_kept_and_the_total_is_over_all() -> None:
    now = timezone.now()
    for category, count in (("returns", 3), ("orders", 2), ("billing", 1)):
        for _ in range(count):
            asked(now, category=category)
    facts_rebuild()
    day = Period(now.date(), now.date())
    top = spec_run(QuerySpec("queries", day, dimensions=("category",), top=2))
    assert [(row.labels, row.value) for row in top.rows] == [(("Returns & refunds",), 3), (("Orders & delivery",), 2)]
    assert top.total.value == 6
    assert top.table == {
        "columns": [
            {"key": "category", "title": "Category", "kind": "dimension", "unit": ""},
            {"key": "value", "title": "Queries", "kind": "value", "unit": "count"},
        ],
        "rows": [["Returns & refunds", 3], ["Orders & delivery", 2]],
    }


@pytest.mark.django_db
def test_too_little_data_is_told() -> None:
    october()
    facts_rebuild()
    alone = spec_run(QuerySpec("alpha", Period(date(2026, 10, 1), date(2026, 10, 2))))
    assert not alone.total.enough
    assert alone.notes[0].startswith("Not enough data: it rests on ")
    nothing = spec_run(QuerySpec("alpha", Period(date(2025, 1, 1), date(2025, 1, 31)), grain=Grain.WEEK))
    assert nothing.total.value is None
    assert {row.value for row in nothing.rows} == {None}
    assert nothing.notes[0].startswith("Not enough data: there is nothing")
    none = spec_run(QuerySpec("queries", Period(date(2025, 1, 1), date(2025, 1, 2)), grain=Grain.DAY))
    assert [row.value for row in none.rows] == [0, 0]


@pytest.mark.django_db
def test_facts_that_were_never_built_say_so() -> None:
    assert any("have not been built yet" in note for note in spec_run(QuerySpec("queries", YEAR)).notes)


def test_dimensions_of_a_metric() -> None:
    assert set(metric_dimensions(METRICS["escalations"])) > {"reason", "category", "channel", "queue"}
    for names in VIEW_DIMENSIONS.values():
        assert set(names) <= set(DIMENSIONS)

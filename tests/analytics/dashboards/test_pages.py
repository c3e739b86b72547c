"""The dashboards as an analyst opens them."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from agents.models import Budget
from analytics.dashboards.asking import panel_specs, tile_spec
from analytics.dashboards.boards import DASHBOARDS
from analytics.dashboards.figures import figure
from analytics.dashboards.state import state_read
from analytics.dashboards.tables import Cell, Table
from analytics.models import CaseFact, QueryFact
from analytics.querying import spec_run
from analytics.reporting import reading
from omnicqm.common.errors import ServiceUnavailable
from tests.console.people import admin_make, consultant_make

NAMES = list(DASHBOARDS)
STATES = ["", "period=7d&compare=previous_period", "channel=chat&category=returns", "period=90d&model=nova"]


def page(client, name: str, query: str = "") -> HTMLParser:
    answer = client.get(f"/analytics/{name}/{f'?{query}' if query else ''}")
    assert answer.status_code == 200, answer.headers
    return HTMLParser(answer.content.decode())


def text(tree: HTMLParser, selector: str) -> str:
    node = tree.css_first(selector)
    assert node is not None, selector
    return " ".join(node.text().split())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("query", STATES)
def test_each_tile_is_what_the_catalogue_says(analyst, name: str, query: str) -> None:
    tree, state = page(analyst, name, query), state_read(QueryDict(query)).state
    for metric in DASHBOARDS[name].tiles:
        total = spec_run(tile_spec(metric, state))
        shown = text(tree, f"#tile-{metric} .an-value")
        if total.total.enough and total.total.value is not None:
            assert shown.startswith(" ".join(figure(total.total.value, total.metric.unit).split()))
        else:
            assert shown == "Not enough data"
            assert f"n = {total.total.n or 0}" in text(tree, f"#tile-{metric}")
        assert total.metric.description[:60] in text(tree, f"#about-{metric}")


@pytest.mark.parametrize("name", NAMES)
def test_each_file_holds_the_figures_of_the_table(analyst, name: str) -> None:
    query = "period=7d&compare=previous_period&channel=outlook"
    tree = page(analyst, name, query)
    for panel in DASHBOARDS[name].panels:
        answer = analyst.get(f"/analytics/{name}/{panel.name}.csv?{query}")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert f'filename="{name}-{panel.name}_' in answer["Content-Disposition"]
        head, *rows = csv.reader(io.StringIO(answer.content.decode()))
        twin = tree.css_first(f"#twin-{panel.name}")
        assert [one.text() for one in twin.css("thead th")] == [
            re.sub(r" \((0 to 1|s|ms|USD|points)\)$", "", t) for t in head
        ]
        shown = [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in twin.css("tbody tr")]
        if not rows:
            assert shown == [["Nothing happened in this period."]]
            continue
        assert len(shown) == len(rows)
        _same(panel, query, shown, rows)


def test_what_stands_in_a_table_is_text() -> None:
    hostile = "<script>alert(1)</script> & 'more'"
    cells = (Cell(hostile, href='?x="><b>'), Cell(hostile, enough=False, note=hostile, provisional=1))
    tree = HTMLParser(f"<table>{Table((), (cells,)).body}</table>")
    assert [one.tag for one in tree.css("tr *")] == ["th", "a", "td", "span", "span"]
    assert tree.css_first("th").text() == hostile
    assert tree.css_first("a").attributes["href"] == '?x="><b>'
    assert tree.css_first("td").text() == f"{hostile} {hostile} provisional"


def test_a_share_changes_by_points_on_the_page_and_in_its_file(analyst) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    query = f"period=custom&from={yesterday - timedelta(days=4)}&to={yesterday}&compare=previous_period"
    CaseFact.objects.filter(conversation_id="2-1").update(resolved=False)
    rows = page(analyst, "volume", query).css("#rows-alpha-by-channel tr")
    shown = [[" ".join(cell.text().split()) for cell in row.css("td")] for row in rows]
    assert shown[0] == ["70.0 % provisional", "75.0 %", "−5.0 points", "20"]
    file = analyst.get(f"/analytics/volume/alpha-by-channel.csv?{query}").content.decode()
    head, *written = csv.reader(io.StringIO(file))
    assert head[1:] == ["α (0 to 1)", "Period before (0 to 1)", "Change (points)", "n"]
    assert ["0.7", "0.75", "-5.0", "20"] in [row[1:] for row in written]


def _same(panel, query, shown, rows) -> None:
    results = [spec_run(spec) for spec in panel_specs(panel, state_read(QueryDict(query)).state)]
    if panel.by and panel.over_time:
        return  # groups across: compared by the chart's test
    unit = results[0].metric.unit
    for seen, written, row in zip(shown, rows, results[0].rows, strict=True):
        assert (float(written[1]) if written[1] else None) == (None if row.value is None else float(row.value))
        assert seen[1].startswith(" ".join(figure(row.value, unit).split()))


def test_the_chart_draws_what_the_table_says(analyst) -> None:
    answer = analyst.get("/analytics/volume/?period=7d")
    views = {view.panel.name: view for view in answer.context["page"].panels}
    for view in views.values():
        if view.chart is None:
            continue
        values = [column for column in range(len(view.table.columns)) if view.table.columns[column].kind == "value"]
        drawn = [series["values"] for series in view.chart["series"] if series["role"] == "value"]
        assert drawn == [[row[column].raw for row in view.table.rows] for column in values][: len(drawn)]
        assert view.chart["labels"] == [row[0].short for row in view.table.rows]
    assert views["escalations-by-reason"].chart["series"][0]["values"] == [6]
    assert views["queries"].chart["series"][0]["values"] == [6, 6, 6, 6, 6, 6, 0]


def test_figures_of_the_month(analyst) -> None:
    tree = page(analyst, "volume")
    assert text(tree, "#tile-queries .an-value") == "60"
    assert text(tree, "#tile-alpha .an-value") == "83.3 % provisional"
    assert "On target: at least 80.0 %" in text(tree, "#tile-alpha")
    assert text(tree, "#workload") == (
        "W = Q·(1−α) 60 cases × (1 − 83.3 %) = 10 left for people, with α over all inbound."
    )
    assert text(page(analyst, "cost"), "#tile-cost .an-value") == "$0.1200"
    assert "Provisional" in text(tree, "#notes-alpha")


def test_a_filter_changes_every_figure_that_knows_it(analyst) -> None:
    tree = page(analyst, "volume", "channel=chat")
    assert text(tree, "#tile-queries .an-value") == "20"
    assert text(tree, "#tile-escalations .an-value") == "0"
    assert "Channel: Chat" in text(tree, ".an-chips") or "Channel:" in text(tree, ".an-chips")
    summaries = page(analyst, "summaries", "channel=chat")
    assert text(summaries, "#tile-insights .an-value") == "30"
    assert "Not filtered by channel" in text(summaries, "#tile-insights")


def test_held_against_the_period_before(analyst) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    query = f"period=custom&from={yesterday - timedelta(days=4)}&to={yesterday}&compare=previous_period"
    QueryFact.objects.filter(query_id__startswith="10-").delete()
    tree = page(analyst, "volume", query)
    assert text(tree, "#tile-queries .an-change") == "+25 %"
    assert "24 in " in text(tree, "#tile-queries")
    heads = [one.text() for one in tree.css("#twin-queries thead th")]
    assert heads == ["Day", "Queries", "Period before", "Change"]


@pytest.mark.parametrize("compare", ["previous_week", "previous_month"])
def test_a_comparison_that_the_bar_does_not_offer_is_pointed_out(analyst, compare: str) -> None:
    tree = page(analyst, "volume", f"compare={compare}")
    assert f"There is no comparison “{compare}”" in text(tree, ".an-problem")
    assert [one.text() for one in tree.css("#twin-queries thead th")] == ["Day", "Queries"]
    assert analyst.get(f"/analytics/volume/queries.csv?compare={compare}").status_code == 200


def test_a_change_that_rounds_to_nothing_is_neither_better_nor_worse(analyst) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    query = f"period=custom&from={yesterday - timedelta(days=4)}&to={yesterday}&compare=previous_period"
    QueryFact.objects.filter(query_id="1-1").update(answer_seconds=2.001, run_ms=601)
    change = page(analyst, "performance", query).css_first("#tile-run_latency_p95 .an-change")
    assert " ".join(change.text().split()) == "±0 %"
    assert change.attributes["class"] == "an-change"


def test_too_little_is_said_instead_of_drawn(analyst) -> None:
    CaseFact.objects.exclude(conversation_id__startswith="3-").delete()
    tree = page(analyst, "volume")
    assert text(tree, "#tile-alpha .an-value") == "Not enough data"
    assert "n = 6, 20 needed" in text(tree, "#tile-alpha")
    panel = tree.css_first("[data-panel=alpha]")
    assert panel.css_first("canvas") is None
    assert "Not enough data" in panel.text()
    assert "It rests on 6, and below 20 chance decides." in panel.text()
    assert panel.css_first("table") is not None


def test_nothing_at_all_draws_no_axis(client, db) -> None:
    client.force_login(admin_make())
    for name in NAMES:
        tree = page(client, name)
        assert tree.css("canvas") == []
        assert len(tree.css(".an-panel .an-empty")) >= len(DASHBOARDS[name].panels)
        assert "The facts have not been built yet" in text(tree, "#page-notes")


def test_a_row_leads_to_the_same_for_itself_alone(analyst) -> None:
    tree = page(analyst, "volume", "compare=previous_period")
    assert tree.css_first("#rows-escalations-by-category a").attributes["href"] == (
        "?compare=previous_period&category=delivery"
    )
    day = tree.css_first("#rows-queries a").attributes["href"]
    assert re.fullmatch(r"\?period=custom&from=(\S{10})&to=\1&compare=previous_period", day)
    again = page(analyst, "volume", "category=delivery")
    assert again.css_first("#rows-escalations-by-category a").attributes["href"] == "?"


def test_a_longer_way_of_saying_it_leads_to_the_short_one(analyst) -> None:
    answer = analyst.get("/analytics/volume/?period=30d&from=2026-01-01&to=2026-01-02&compare=&channel=chat")
    assert (answer.status_code, answer["Location"]) == (302, "/analytics/volume/?channel=chat")
    chosen = analyst.get("/analytics/volume/?period=30d&from=2026-01-01&to=2026-01-02&period=custom&compare=")
    assert chosen["Location"] == "/analytics/volume/?period=custom&from=2026-01-01&to=2026-01-02"


def test_what_an_address_cannot_mean_is_pointed_out(analyst) -> None:
    tree = page(analyst, "volume", "period=never&channel=outlook")
    assert "There is no period “never”" in text(tree, ".an-problem")
    assert tree.css_first(".an-page").attributes["data-canonical"] == "?channel=outlook"
    assert text(tree, "#tile-queries .an-value") == "40"


def test_the_bar_goes_along_to_the_other_dashboards(analyst) -> None:
    tree = page(analyst, "volume", "period=7d&channel=chat")
    assert {link.attributes["href"] for link in tree.css(".an-tabs a")} == {
        f"/analytics/{name}/?period=7d&channel=chat" for name in (*NAMES, "pinned")
    }


def test_budgets_are_drawn_over_what_was_spent(analyst) -> None:
    Budget.objects.create(scope="", usd_per_day="0.012")
    Budget.objects.create(scope="channel:chat", usd_per_day="1")
    answer = analyst.get("/analytics/cost/")
    views = {view.panel.name: view for view in answer.context["page"].panels}
    assert views["cost"].chart["lines"] == [{"title": "Budget: $0.0120 a day", "value": 0.012}]
    rows = [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in
            HTMLParser(answer.content.decode()).css("[aria-labelledby=title-budgets] tbody tr")]  # fmt: skip
    assert rows[0][:2] == ["Everything", "$0.0120"]
    assert rows[0][3].startswith("$0.0120 100 %")
    assert [row[4] for row in rows] == ["10 days", "0 days"]
    by_chat = analyst.get("/analytics/cost/?channel=chat").context["page"].panels[0].chart["lines"]
    assert by_chat == [{"title": "Budget: $1.00 a day", "value": 1.0}]
    assert analyst.get("/analytics/cost/?model=nova").context["page"].panels[0].chart["lines"] == []


@pytest.mark.parametrize("address", [*(f"/analytics/{name}/" for name in NAMES), "/analytics/pinned/",
                                     "/analytics/volume/alpha.csv"])  # fmt: skip
def test_figures_are_for_those_who_may_see_them(client, db, address: str) -> None:
    stranger = client.get(address)
    assert stranger.status_code == 302
    assert stranger["Location"].startswith(reverse("admin:login"))
    client.force_login(User.objects.create_user("nobody", password="x"))
    assert client.get(address).status_code == 302
    client.force_login(consultant_make())
    assert client.get(address).status_code == 403
    assert "Analytics" not in client.get("/admin/").content.decode()


def test_the_sidebar_leads_there(analyst) -> None:
    tree = HTMLParser(analyst.get("/admin/").content.decode())
    links = {link.attributes.get("href") for link in tree.css("#nav-sidebar-apps a")}
    assert {f"/analytics/{name}/" for name in (*NAMES, "pinned")} <= links


def test_unknown_dashboards_and_panels_are_not_found(analyst) -> None:
    assert analyst.get("/analytics/weather/").status_code == 404
    assert analyst.get("/analytics/volume/weather.csv").status_code == 404
    assert analyst.post("/analytics/volume/").status_code == 405


@pytest.mark.parametrize("name", NAMES)
def test_ours_is_without_inline_script_and_style(analyst, name: str) -> None:
    answer = analyst.get(f"/analytics/{name}/?compare=previous_period").content.decode()
    assert HTMLParser(answer).css(".an-page [style]") == []
    assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", answer)


@pytest.mark.parametrize(("name", "most"), [("volume", 10), ("summaries", 7), ("performance", 6), ("cost", 8)])
def test_a_page_takes_few_questions(analyst, monkeypatch, name: str, most: int) -> None:
    asked = []
    monkeypatch.setattr(
        "analytics.querying.running.rows_read", lambda sql, values: asked.append(sql) or reading.rows_read(sql, values)
    )
    with CaptureQueriesContext(connection) as queries:
        page(analyst, name)
    assert len(asked) <= most
    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 40, statements


def test_too_slow_a_question_is_told(analyst, monkeypatch) -> None:
    def slow(specs):
        raise ServiceUnavailable("The question takes too long. Ask for a shorter period or a coarser grain.")

    monkeypatch.setattr("analytics.dashboards.reading.specs_run", slow)
    file = analyst.get("/analytics/volume/queries.csv")
    assert (file.status_code, file["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert "takes too long" in file.content.decode()
    answer = analyst.get("/analytics/volume/")
    assert answer.status_code == 503
    assert "takes too long" in answer.content.decode()
    assert "30 days" in answer.content.decode()  # the bar is there to ask for less

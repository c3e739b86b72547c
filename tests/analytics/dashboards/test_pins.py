"""Answers kept on the dashboard "Pinned"."""

import csv
import io
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from analytics.dashboards import pins
from analytics.dashboards.figures import period_figure
from analytics.dashboards.pins import pin_create, pin_move, pin_remove, pin_set, pins_of
from analytics.errors import SpecInvalid
from analytics.models import Pin
from analytics.querying import Period, QuerySpec, spec_dump, spec_read
from omnicqm.common.errors import Conflict, InvalidInput, NotAllowed, NotFound, ServiceUnavailable
from omnicqm.common.models import AuditEvent
from tests.analytics.dashboards.facts import analyst_make

pytestmark = pytest.mark.usefixtures("figures")


def spec(metric: str = "queries", **fields: object) -> QuerySpec:
    today = timezone.localdate()
    period = {"from": str(today - timedelta(days=3)), "to": str(today)}
    return spec_read({"metric": metric, "period": period, **fields})


def signed_in(client):
    user = analyst_make()
    client.force_login(user)
    return user


def test_a_pin_shows_its_answer_under_the_bar(client) -> None:
    user = signed_in(client)
    pin = pin_create(user=user, title="By channel", spec=spec(dimensions=["channel"]), chart="pie")
    answer = client.get("/analytics/pinned/")
    view = answer.context["pins"][0].view
    assert view.chart["kind"] == "pie"
    assert dict(zip(view.chart["labels"], view.chart["series"][0]["values"], strict=True)) == {
        view.chart["labels"][0]: 40, view.chart["labels"][1]: 20
    }  # fmt: skip
    assert "By channel" in answer.content.decode()
    narrow = client.get("/analytics/pinned/?period=7d&channel=chat").context["pins"][0].view
    assert narrow.chart["series"][0]["values"] == [12]
    rows = list(csv.reader(io.StringIO(client.get(f"/analytics/pinned/{pin.pk}.csv").content.decode())))
    assert [row[1] for row in rows] == ["Queries", "40", "20"]


def test_a_pin_that_keeps_its_days_does_so(client) -> None:
    user = signed_in(client)
    pin = pin_create(user=user, title="Three days", spec=spec(), chart="table", keeps_period=True)
    shown = client.get("/analytics/pinned/?period=90d")
    assert shown.context["pins"][0].view.table.rows[0][1].raw == 18
    assert "Always " in shown.content.decode()
    file = client.get(f"/analytics/pinned/{pin.pk}.csv?period=90d")["Content-Disposition"]
    assert f"{spec().period.first}_{spec().period.last}" in file


@pytest.mark.parametrize(
    ("chart", "fields", "drawn"),
    [
        ("lines", {"grain": "day"}, "lines"),
        ("columns", {"grain": "day", "dimensions": ["channel"]}, "columns"),
        ("bars", {"dimensions": ["channel"]}, "bars"),
        ("bars", {"grain": "day"}, "columns"),
        ("lines", {"dimensions": ["channel"]}, "bars"),
        ("lines", {}, None),
        ("table", {"dimensions": ["channel"]}, None),
    ],
)
def test_a_pin_is_drawn_as_its_answer_can_be(client, chart: str, fields: dict, drawn: str | None) -> None:
    pin_create(user=signed_in(client), title="Some figures", spec=spec(**fields), chart=chart)
    view = client.get("/analytics/pinned/").context["pins"][0].view
    assert (view.chart["kind"] if view.chart else None) == drawn
    assert view.table.rows


@pytest.mark.parametrize(
    ("compare", "words"), [("previous_week", "Week before"), ("previous_month", "Month before"), (None, None)]
)
def test_a_pin_is_held_against_what_it_was_asked_with(client, compare: str | None, words: str | None) -> None:
    pin = pin_create(user=signed_in(client), title="α", spec=spec("alpha", grain="day", compare=compare), chart="lines")
    view = client.get("/analytics/pinned/").context["pins"][0].view
    titles = [column.title for column in view.table.columns]
    assert titles == ["Day", "α", *([words, "Change"] if words else []), "n"]
    client.post(f"/analytics/pinned/{pin.pk}/", {"do": "remove"})
    assert not Pin.objects.exists()


def test_pins_are_ones_own_or_shared(client) -> None:
    ada, grace = analyst_make("ada"), analyst_make("grace")
    mine = pin_create(user=ada, title="Mine", spec=spec(), chart="table")
    shared = pin_create(user=grace, title="For all", spec=spec(), chart="table", is_shared=True)
    hidden = pin_create(user=grace, title="Not for Ada", spec=spec(), chart="table")
    assert [pin.title for pin in pins_of(ada)] == ["Mine", "For all"]
    client.force_login(ada)
    assert client.get(f"/analytics/pinned/{hidden.pk}.csv").status_code == 404
    with pytest.raises(NotAllowed):
        pin_remove(user=ada, pin_id=shared.pk)
    with pytest.raises(NotFound):
        pin_remove(user=ada, pin_id=hidden.pk)
    tree = HTMLParser(client.get("/analytics/pinned/").content.decode())
    assert len(tree.css(".an-pin form")) == 1
    answer = client.post(f"/analytics/pinned/{mine.pk}/?period=7d", {"do": "remove"})
    assert answer["Location"] == "/analytics/pinned/?period=7d"
    assert not Pin.objects.filter(pk=mine.pk).exists()
    assert AuditEvent.objects.filter(action="pin.removed", object_id=mine.pk).exists()


def test_pins_change_places(client) -> None:
    user = signed_in(client)
    first, second = (pin_create(user=user, title=title, spec=spec(), chart="table") for title in ("First", "Second"))
    client.post(f"/analytics/pinned/{second.pk}/", {"do": "up"})
    assert [pin.title for pin in pins_of(user)] == ["Second", "First"]
    pin_move(user=user, pin_id=first.pk, up=False)  # is the last already
    assert [pin.title for pin in pins_of(user)] == ["Second", "First"]
    assert client.post(f"/analytics/pinned/{first.pk}/", {"do": "explode"}).status_code == 302
    assert client.get(f"/analytics/pinned/{first.pk}/").status_code == 405


def test_bad_pins_are_refused(client, monkeypatch) -> None:
    user = signed_in(client)
    with pytest.raises(InvalidInput, match="title"):
        pin_create(user=user, title="  ", spec=spec(), chart="table")
    with pytest.raises(InvalidInput, match="chart"):
        pin_create(user=user, title="x", spec=spec(), chart="spaghetti")
    with pytest.raises(SpecInvalid):
        pin_create(user=user, title="x", spec=QuerySpec("weather", spec().period), chart="table")
    monkeypatch.setattr(pins, "MOST", 1)
    pin_create(user=user, title="x", spec=spec(), chart="table")
    with pytest.raises(Conflict):
        pin_create(user=user, title="y", spec=spec(), chart="table")


def test_a_question_that_is_not_known_any_more_says_so(client) -> None:
    user = signed_in(client)
    pin = pin_create(user=user, title="Old", spec=spec(), chart="table")
    Pin.objects.filter(pk=pin.pk).update(spec={**pin.spec, "metric": "gone"})
    shown = client.get("/analytics/pinned/")
    assert shown.status_code == 200
    assert "This cannot be answered" in shown.content.decode()
    assert "There is no metric" in shown.content.decode()


def test_an_empty_page_says_what_it_is_for(client) -> None:
    signed_in(client)
    assert "Nothing is pinned yet" in client.get("/analytics/pinned/").content.decode()


def test_what_the_analyst_answered_is_pinned_as_it_was_drawn(client) -> None:
    user = signed_in(client)
    ask, pin = reverse("analyst:answer"), reverse("analyst:pin")
    answer = client.post(ask, {"question": "queries by channel"}, content_type="application/json").json()
    kept = {"query": answer["query"], "chart": answer["chart_kind"], "title": "Where they come from"}
    told = client.post(pin, kept, content_type="application/json")
    assert told.json() == {"pinned": True, "href": reverse("dashboards:pinned")}
    [view] = client.get(told.json()["href"]).context["pins"]
    assert (view.pin.owner, view.pin.title, view.pin.chart) == (user, "Where they come from", "bars")
    assert view.pin.spec["metric"] == "queries"
    assert view.view is not None


def test_what_the_analyst_answered_keeps_the_days_it_was_asked_with(client) -> None:
    signed_in(client)
    post = partial(client.post, content_type="application/json")
    answer = post(reverse("analyst:answer"), {"question": "How many queries by channel yesterday?"}).json()
    assert answer["name"] == "Queries, by channel", "a title that no period makes wrong"
    post(reverse("analyst:pin"), {"query": answer["query"], "chart": "bar", "title": answer["name"]})
    [pinned] = client.get("/analytics/pinned/?period=90d").context["pins"]
    assert [row[1].raw for row in pinned.view.table.rows] == [row[1] for row in answer["table"]["rows"]] == [4, 2]
    assert pinned.period == period_figure(Period(*[timezone.localdate() - timedelta(days=1)] * 2))


def test_a_pin_follows_the_bar_when_its_owner_wants_that(client) -> None:
    pin = pin_create(user=signed_in(client), title="Queries", spec=spec(), chart="table", keeps_period=True)
    for do, total in (("follow", 60), ("follow", 60), ("keep", 18)):
        client.post(f"/analytics/pinned/{pin.pk}/?period=90d", {"do": do})
        [shown] = client.get("/analytics/pinned/?period=90d").context["pins"]
        assert shown.view.table.rows[0][1].raw == total
    changes = AuditEvent.objects.filter(action="pin.changed", object_id=pin.pk)
    assert changes.count() == 2, "what changes nothing is none"


def test_a_pin_is_shared_and_taken_back_by_its_owner_alone(client) -> None:
    ada, grace = analyst_make("ada"), analyst_make("grace")
    pin = pin_create(user=ada, title="For all", spec=spec(), chart="table")
    client.force_login(ada)
    assert 'value="share"' in client.get("/analytics/pinned/").content.decode()
    client.post(f"/analytics/pinned/{pin.pk}/", {"do": "share"})
    assert [one.title for one in pins_of(grace)] == ["For all"]
    assert 'value="unshare"' in client.get("/analytics/pinned/").content.decode()
    with pytest.raises(NotAllowed):
        pin_set(user=grace, pin_id=pin.pk, is_shared=False)
    client.post(f"/analytics/pinned/{pin.pk}/", {"do": "unshare"})
    assert pins_of(grace) == []


def test_a_pin_that_cannot_be_answered_leaves_the_others_their_places(client, monkeypatch) -> None:
    user = signed_in(client)
    pin_create(user=user, title="Fine", spec=spec(), chart="table")
    many = pin_create(user=user, title="Too many", spec=spec(grain="hour", dimensions=["channel"]), chart="table")
    monkeypatch.setattr("analytics.querying.running.MOST_ROWS", 10)
    answer = client.get("/analytics/pinned/?period=7d")
    fine, bad = answer.context["pins"]
    assert (answer.status_code, fine.view.table.rows[0][1].raw) == (200, 36)
    assert (bad.view, bad.problem[:26]) == (None, "That are too many rows. As")
    assert f'action="/analytics/pinned/{many.pk}/' in answer.content.decode(), "it can still be removed"
    file = client.get(f"/analytics/pinned/{many.pk}.csv?period=7d")
    assert (file.status_code, file["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert "too many rows" in file.content.decode()


def test_a_pin_that_takes_too_long_takes_no_other_with_it(client, monkeypatch) -> None:
    def slow(specs):
        if any(one.grain for one in specs):
            raise ServiceUnavailable("The question takes too long. Ask for a shorter period.")
        return specs_run(specs)

    user = signed_in(client)
    pin_create(user=user, title="Slow", spec=spec(grain="day"), chart="table")
    for title in ("First", "Second", "Third"):
        pin_create(user=user, title=title, spec=spec(), chart="table")
    specs_run = pins.specs_run
    monkeypatch.setattr(pins, "specs_run", slow)
    slow_one, *others = client.get("/analytics/pinned/").context["pins"]
    assert "takes too long" in slow_one.problem
    assert [one.problem for one in others] == [""] * 3
    assert all(one.view for one in others)


def test_a_page_takes_only_so_long_for_pins_one_by_one(client, monkeypatch) -> None:
    def slow(specs):
        asked.append(specs)
        raise ServiceUnavailable("The question takes too long. Ask for a shorter period.")

    asked: list = []
    user = signed_in(client)
    for title in ("First", "Second", "Third"):
        pin_create(user=user, title=title, spec=spec(), chart="table")
    monkeypatch.setattr(pins, "specs_run", slow)
    monkeypatch.setattr(pins, "spec_run", slow)
    monkeypatch.setattr(pins, "PATIENCE", -1)
    problems = [one.problem for one in client.get("/analytics/pinned/").context["pins"]]
    assert problems == ["The pins before took too long. Remove them, or choose a shorter period."] * 3
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("changed", "field"), [({"title": ""}, "title"), ({"chart": "3d"}, "chart"), ({"query": {"metric": "x"}}, "metric")]
)
def test_a_pin_of_nonsense_is_refused_with_the_field(client, changed, field) -> None:
    signed_in(client)
    kept = {"query": spec_dump(spec()), "chart": "bar", "title": "Queries"} | changed
    told = client.post(reverse("analyst:pin"), kept, content_type="application/json")
    assert (told.status_code, told.json()["param"]) == (400, field)
    assert not Pin.objects.exists()

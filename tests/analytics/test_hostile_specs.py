"""Whatever a spec says, it reads the views of the catalogue or is refused: hundreds of attempts at something else."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from analytics.errors import SpecInvalid
from analytics.facts.services import facts_rebuild
from analytics.querying import Filter, QuerySpec, running, spec_read, spec_run
from analytics.querying.validation import FIELDS
from tests.analytics.seeding import answered, asked, told
from tests.analytics.test_every_metric import OCTOBER

pytestmark = pytest.mark.django_db
A_MONDAY = datetime(2026, 10, 5, 9, tzinfo=UTC)

TEXTS = (
    # stacked statements
    "alpha; DROP TABLE analytics_queryfact",
    "alpha'; DELETE FROM auth_user; --",
    "1; UPDATE auth_user SET is_superuser = true; --",
    "day; COMMIT; BEGIN; DROP SCHEMA public CASCADE",
    "returns'); TRUNCATE conversations_message CASCADE; --",
    "$$; DROP ROLE omnicqm_analyst; $$",
    # functions
    "pg_sleep(60)",
    "alpha || pg_sleep(60)::text",
    "(SELECT pg_read_file('/etc/passwd'))",
    "lo_import('/etc/passwd')",
    "current_setting('is_superuser')",
    "set_config('role', 'none', false)",
    "query_to_xml('select * from auth_user', true, true, '')",
    "count(*)",
    # other tables
    "auth_user",
    "public.auth_user",
    "conversations_message",
    "reporting.queries",
    "pg_catalog.pg_shadow",
    "information_schema.tables",
    "alpha UNION SELECT password FROM auth_user",
    "channel FROM conversations_identity --",
    # relations and columns
    "customer__identities__value",
    "conversation__customer__display_name",
    "query__message__text",
    "message.raw_text",
    "customer_id",
    "is_demo",
    "part.contact",
    "{at}",
    "%(zone)s",
    # quotes and comments
    "alpha' OR '1'='1",
    'alpha" OR ""="',
    "alpha/**/",
    "alpha--",
    "alpha)",
    "\\'; SELECT 1",
    "outlook\\",
    # what is not seen
    "alpha\x00",
    "alpha\n",
    "al\u202epha",
    "alpha\u200b",
    "\ud800",
    "ａｌｐｈａ",
    "alphа",
    # too much
    "a" * 100_000,
    "9" * 5_000,
    "{" * 500,
)
ODDITIES: tuple[Any, ...] = (0, -999, 10**30, 1.5, float("nan"), True, {}, [], [[]], {"$ne": None}, ["alpha"], b"alpha")


def spec(**changed: Any) -> dict[str, Any]:
    return {"metric": "queries", "period": {"from": "2026-10-01", "to": "2026-10-31"}, **changed}


def period(**changed: Any) -> dict[str, Any]:
    return spec(period={"from": "2026-10-01", "to": "2026-10-31", **changed})


def kept(**changed: Any) -> dict[str, Any]:
    return spec(filters=[{"dimension": "channel", "op": "in", "values": ["outlook"], **changed}])


PLACES = {
    "metric": lambda bad: spec(metric=bad),
    "dimension": lambda bad: spec(dimensions=[bad]),
    "second dimension": lambda bad: spec(dimensions=["channel", bad]),
    "grain": lambda bad: spec(grain=bad),
    "compare": lambda bad: spec(compare=bad),
    "from": lambda bad: period(**{"from": bad}),
    "to": lambda bad: period(to=bad),
    "filtered dimension": lambda bad: kept(dimension=bad),
    "filtered value": lambda bad: kept(values=[bad]),
    "operator": lambda bad: kept(op=bad),
    "top": lambda bad: spec(dimensions=["channel"], top=-101 if bad == -1 else bad),  # below 0: the smallest
}
HOSTILE = [
    *(make(bad) for make, bad in itertools.product(PLACES.values(), (*TEXTS, *ODDITIES)) if make(bad) != spec()),
    *(spec(**{name: 1}) for name in TEXTS if isinstance(name, str)),
    *(kept(**{name[:50]: 1}) for name in TEXTS),
    *(period(**{name[:50]: "2026-10-01"}) for name in TEXTS),
]
HUGE = (
    period(**{"from": "0001-01-01", "to": "9999-12-31"}),
    period(**{"from": "2023-01-01"}),
    period(**{"from": "2026-11-01"}),
    period(to="2026-02-30"),
    {**period(**{"from": "2026-01-01"}), "grain": "hour"},
    spec(dimensions=["channel"] * 2),
    spec(dimensions=["channel", "category", "language"]),
    spec(dimensions=["channel"] * 100_000),
    kept(values=[]),
    kept(values=["outlook"] * 51),
    kept(values=["x"] * 1_000_000),
    spec(filters=[{"dimension": "channel", "values": ["outlook"]}] * 11),
    spec(dimensions=["channel"], top=101),
    spec(top=5),
    spec(text="x" * 501),
    spec(dimensions=["reason"]),
    kept(dimension="reason", values=["asked_for_person"]),
    [], None, "alpha", 7,
)  # fmt: skip


@pytest.fixture
def nothing_is_read(monkeypatch):
    def read(sql: str, values: object) -> list[Any]:
        raise AssertionError(f"it was run: {sql} {values}")

    monkeypatch.setattr(running, "rows_read", read)


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) + len(HUGE) > 600


def test_what_the_catalogue_does_not_know_is_refused_before_anything_is_read(nothing_is_read) -> None:
    answered(asked(A_MONDAY))
    facts_rebuild()
    for bad in (*HOSTILE, *HUGE):
        with pytest.raises(SpecInvalid) as refused:
            spec_run(spec_read(bad))
        told = refused.value.message
        assert refused.value.param in (*FIELDS, "query"), bad
        assert len(told) < 3_000
        assert told.isprintable(), repr(told)


def test_specs_made_in_code_are_checked_as_well(nothing_is_read) -> None:
    for bad in TEXTS:
        for made in (
            QuerySpec(bad, OCTOBER),
            QuerySpec("queries", OCTOBER, dimensions=(bad,)),
            QuerySpec("queries", OCTOBER, filters=(Filter(bad, ("outlook",)),)),
            QuerySpec("queries", OCTOBER, filters=(Filter("channel", (bad,)),)),
        ):
            with pytest.raises(SpecInvalid):
                spec_run(made)


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) <= 500])
def test_the_text_of_a_question_is_shown_and_never_run(text: str) -> None:
    facts_rebuild()
    result = spec_run(spec_read(spec(text=text)))
    assert result.total.value == 0
    assert result.spec.text.isprintable() or result.spec.text == ""


def test_labels_that_other_systems_made_up_are_data() -> None:
    """The reason of a call may read like SQL: it can be filtered by, and does nothing else."""
    labels = [text for text in TEXTS if 0 < len(text) <= 200 and text.isprintable() and "\ud800" not in text]
    for number, label in enumerate(labels):
        told(A_MONDAY, contact_id=f"call-{number}", ivr_intent=label)
    facts_rebuild()
    split = spec_run(QuerySpec("insights", OCTOBER, dimensions=("ivr_intent",)))
    assert {row.keys[0]: row.value for row in split.rows} == dict.fromkeys(labels, 1)
    assert {row.labels[0] for row in split.rows} == set(labels)
    for label in labels:
        only = spec_run(QuerySpec("insights", OCTOBER, filters=(Filter("ivr_intent", (label,)),)))
        others = spec_run(QuerySpec("insights", OCTOBER, filters=(Filter("ivr_intent", (label,), negated=True),)))
        assert (only.total.value, others.total.value) == (1, len(labels) - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM conversations_insight")
        assert cursor.fetchone() == (len(labels),)


def test_a_statement_has_nothing_in_it_that_came_from_outside(monkeypatch) -> None:
    told(A_MONDAY, ivr_intent="'; DROP TABLE auth_user; --")
    facts_rebuild()
    statements = []

    def read(sql: str, values: Any) -> list[Any]:
        statements.append(sql)
        return []

    monkeypatch.setattr(running, "rows_read", read)
    known = Filter("ivr_intent", ("'; DROP TABLE auth_user; --",))
    spec_run(QuerySpec("insights", OCTOBER, dimensions=("ivr_intent", "cache"), filters=(known,), text="'; DROP"))
    assert len(statements) == 1
    assert "DROP" not in statements[0]
    assert "2026" not in statements[0]

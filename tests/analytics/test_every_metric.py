"""Every metric equals SQL written by hand over the tables that people work with, not over facts or views."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from agents.models import Budget
from analytics.catalogue.definition import Unit
from analytics.catalogue.metrics import METRICS
from analytics.dashboards.asking import panel_specs
from analytics.dashboards.boards import DASHBOARDS
from analytics.dashboards.budgets import budgets_read
from analytics.dashboards.figures import figure
from analytics.dashboards.periods import CUSTOM
from analytics.dashboards.state import State
from analytics.facts.services import facts_rebuild
from analytics.querying import Period, QuerySpec, specs_run
from tests.analytics.seeding import october

pytestmark = pytest.mark.django_db
OCTOBER = Period(date(2026, 10, 1), date(2026, 10, 31))
NEITHER_AUTOMATIC = "NOT (q.status = 'ignored' AND q.run_id IS NULL)"
Q = f"""conversations_query q LEFT JOIN agents_run r ON r.id = q.run_id
        LEFT JOIN conversations_message reply ON reply.id = q.reply_id WHERE {NEITHER_AUTOMATIC}"""
ENDED = "q.status NOT IN ('received', 'working')"
# A query ends for good when its escalation, if it has one, is over.
FINAL = f"""{ENDED} AND NOT EXISTS
        (SELECT FROM conversations_escalation e WHERE e.query_id = q.id AND e.closed_at IS NULL)"""
E = "conversations_escalation e"
A = "common_attempt a"
I = "conversations_insight i"  # noqa: E741
READ = "a.input_tokens + a.cache_read_tokens + a.cache_write_tokens"
MADE = "i.model_used <> 'none' AND i.cache <> 'result'"
TRANSFER = """EXISTS (SELECT FROM conversations_insight b WHERE b.customer_id = i.customer_id
        AND b.contact_id <> i.contact_id
        AND b.created_at < i.created_at AND i.created_at - b.created_at <= interval '5 minutes')"""

CASE = f"""
  WITH c AS (
    SELECT c.*, last.status AS last_status, last.author AS last_author, last.replied_at, last.asked_at,
      (SELECT count(*) FROM conversations_query q WHERE q.conversation_id = c.id AND {NEITHER_AUTOMATIC}) AS queries,
      (SELECT min(q.created_at) FROM conversations_query q WHERE q.conversation_id = c.id) AS began,
      (SELECT min(reply.created_at) FROM conversations_query q JOIN conversations_message reply ON reply.id = q.reply_id
        WHERE q.conversation_id = c.id) AS first_replied_at,
      EXISTS (SELECT FROM conversations_escalation e WHERE e.conversation_id = c.id) AS escalated,
      EXISTS (SELECT FROM conversations_message m WHERE m.conversation_id = c.id AND m.author = 'consultant') AS spoke,
      EXISTS (SELECT FROM conversations_query late WHERE late.conversation_id = c.id AND (
        EXISTS (SELECT FROM conversations_query early JOIN conversations_message reply ON reply.id = early.reply_id
          WHERE early.conversation_id = c.id AND early.created_at < late.created_at
          AND late.created_at - reply.created_at > interval '1 day'
          AND late.created_at - reply.created_at <= interval '7 days')
        OR EXISTS (SELECT FROM common_auditevent s WHERE s.action = 'conversation.resolved' AND s.object_id = c.id
          AND late.created_at > s.at AND late.created_at - s.at <= interval '7 days'))) AS reopened,
      EXISTS (SELECT FROM conversations_query q JOIN conversations_conversation o ON o.id = q.conversation_id
        WHERE o.id <> c.id AND o.customer_id = c.customer_id AND o.category = c.category AND {NEITHER_AUTOMATIC}
        AND q.created_at > last.replied_at AND q.created_at - last.replied_at <= interval '7 days') AS back
    FROM conversations_conversation c JOIN LATERAL (
      SELECT q.status, q.created_at AS asked_at, m.author, m.created_at AS replied_at FROM conversations_query q
      LEFT JOIN conversations_message m ON m.id = q.reply_id
      WHERE q.conversation_id = c.id AND {NEITHER_AUTOMATIC} ORDER BY q.created_at DESC LIMIT 1) last ON true
  )"""
ALONE = "last_status = 'answered' AND last_author = 'assistant'"
RESOLVED = f"{ALONE} AND NOT (escalated OR spoke OR reopened OR back)"
RUNS_COST = """(SELECT sum(a.cost_usd) FROM common_attempt a JOIN agents_run r ON r.id = a.run_id
        JOIN conversations_query q ON q.id = r.origin)"""
EPOCH = "extract(epoch FROM"
# Of replies alone: what the agent asks back and what it drafts for people is judged too, and counted by no figure.
JUDGEMENTS = """feedback_judgement j WHERE j.kind = 'reply' AND j.state = 'judged'
        AND EXISTS (SELECT FROM conversations_query q JOIN conversations_message m ON m.id = q.reply_id
          WHERE q.run_id = j.run_id AND m.author = 'assistant')"""


def case(what: str, where: str = "true") -> str:
    return f"{CASE} SELECT {what} FROM c WHERE {where}"


def part(of: str, among: str = "true") -> str:
    """A share as people write it: how many, divided by how many."""
    return f"count(*) FILTER (WHERE {of})::float / count(*) FILTER (WHERE {among})"


def score(aspect: str) -> str:
    """The mean of what holds: what people said at last, else what the judge said."""
    said = f"""SELECT o.value FROM feedback_overruling o
        WHERE o.judgement_id = j.id AND o.aspect = '{aspect}' AND o.is_current"""
    return f"SELECT avg(coalesce(({said}), j.{aspect})) FROM {JUDGEMENTS}"


def rank(percent: int, value: str) -> str:
    return f"percentile_cont({percent / 100}) WITHIN GROUP (ORDER BY {value})"


SEVERAL = "(SELECT count(DISTINCT a.provider) FROM common_attempt a WHERE a.run_id = r.id) > 1"
ANSWER = f"{EPOCH} reply.created_at - q.created_at)"
BY_HAND = {
    "queries": f"SELECT count(*) FROM {Q}",
    "cases": case("count(*)"),
    "customers": f"""SELECT count(DISTINCT c.customer_id) FROM conversations_conversation c, {Q}
        AND q.conversation_id = c.id""",
    "answered_by_agent": f"SELECT count(*) FROM {Q} AND reply.author = 'assistant'",
    "auto_answer_rate": f"SELECT {part('reply.author = $$assistant$$')} FROM {Q} AND r.id IS NOT NULL AND {FINAL}",
    "clarification_rate": f"SELECT {part('q.status = $$clarification$$')} FROM {Q} AND r.id IS NOT NULL AND {FINAL}",
    "pending_queries": f"SELECT count(*) FROM {Q} AND NOT {ENDED}",
    "alpha": case(part(RESOLVED)),
    "alpha_inbound": case(part(RESOLVED)),
    "alpha_settled": case(part(RESOLVED, "true"), "greatest(replied_at, asked_at) + interval '7 days' <= now()"),
    "resolved_cases": case("count(*)", RESOLVED),
    "workload": case("count(*)", f"NOT ({RESOLVED})"),
    "reopened_rate": case(part("reopened"), "first_replied_at IS NOT NULL"),
    "return_rate": case(part("back"), ALONE),
    "queries_per_case": case("avg(queries)"),
    "escalations": f"SELECT count(*) FROM {E}",
    "escalation_rate": f"SELECT {part('EXISTS (SELECT FROM conversations_escalation e WHERE e.query_id = q.id)')}"
        f" FROM {Q}",
    "open_escalations": f"SELECT count(*) FROM {E} WHERE state IN ('open', 'assigned')",
    "overdue_escalations": f"SELECT count(*) FROM {E} WHERE coalesce(closed_at, now()) > due_at",
    "overdue_rate": f"SELECT {part('coalesce(closed_at, now()) > due_at')} FROM {E}",
    "draft_rate": f"SELECT {part('draft <> $$$$')} FROM {E}",
    # Sent as drafted, or with two words more: 13 words of which 13 are found again among 15 are 26/28 alike.
    "drafts_unchanged": f"""SELECT {part('m.text = e.draft')} FROM {E} JOIN conversations_message m ON m.id = e.reply_id
        WHERE e.draft <> ''""",
    "draft_acceptance": f"""SELECT {part('m.text LIKE e.draft || $$%%$$')} FROM {E}
        JOIN conversations_message m ON m.id = e.reply_id WHERE e.draft <> ''""",
    "thumbs_down_rate": """SELECT count(*) FILTER (WHERE feedback = 'not_helpful')::float / count(*)
        FROM feedback_rating WHERE query_id IS NOT NULL AND is_current""",
    "reply_ratings": "SELECT count(*) FROM feedback_rating WHERE query_id IS NOT NULL AND is_current",
    "judge_relevance": score("relevance"),
    "judge_accuracy": score("accuracy"),
    "judge_safety": score("safety"),
    "judged_rate": f"""SELECT (SELECT count(*)::float FROM {JUDGEMENTS}) / count(*) FROM {Q}
        AND reply.author = 'assistant' AND q.status = 'answered'""",
    "confidence": f"SELECT avg(r.score) FROM {Q}",
    "availability": f"SELECT {part('r.state = $$finished$$')} FROM {Q}",
    "insights": f"SELECT count(*) FROM {I}",
    "summary_helpfulness": """SELECT count(*) FILTER (WHERE feedback = 'helpful')::float / count(*) FROM feedback_rating
        WHERE insight_id IS NOT NULL AND is_current""",
    "summary_miss_rate": """SELECT count(*) FILTER (WHERE feedback = 'not_helpful')::float / count(*)
        FROM feedback_rating WHERE insight_id IS NOT NULL AND is_current""",
    "summaries_not_helpful": """SELECT count(*) FROM feedback_rating WHERE insight_id IS NOT NULL AND is_current
        AND feedback = 'not_helpful'""",
    "adoption": f"""SELECT count(DISTINCT i.contact_id) FILTER (WHERE EXISTS
        (SELECT FROM feedback_rating g WHERE g.insight_id = i.id))::float / count(DISTINCT i.contact_id) FROM {I}""",
    "empty_summary_rate": f"SELECT {part('i.model_used = $$none$$')} FROM {I}",
    "insight_fallback_rate": f"SELECT {part('i.fell_back')} FROM {I} WHERE {MADE}",
    "result_cache_hit_rate": f"SELECT {part('i.cache = $$result$$')} FROM {I} WHERE i.model_used <> 'none'",
    "prompt_cache_hit_rate": f"SELECT {part('i.cache = $$prompt$$')} FROM {I} WHERE {MADE}",
    "transfer_cache_hit_rate": f"SELECT {part('i.cache IN ($$prompt$$, $$result$$)')} FROM {I} WHERE {TRANSFER}",
    "run_error_rate": f"SELECT {part('r.state = $$failed$$')} FROM {Q} AND r.id IS NOT NULL",
    "failed_queries": f"SELECT count(*) FROM {Q} AND q.status = 'failed'",
    "fallback_rate": f"SELECT {part(SEVERAL)} FROM {Q} AND r.id IS NOT NULL",
    "attempts": f"SELECT count(*) FROM {A}",
    "call_error_rate": f"SELECT {part('a.outcome IN ($$error$$, $$timeout$$)')} FROM {A}",
    "timeouts": f"SELECT count(*) FROM {A} WHERE a.outcome = 'timeout'",
    "cached_token_rate": f"SELECT sum(a.cache_read_tokens)::float / sum({READ}) FROM {A}",
    "cost": f"SELECT sum(cost_usd) FROM {A}",
    "tokens": f"SELECT sum({READ} + a.output_tokens) FROM {A}",
    "input_tokens": f"SELECT sum({READ}) FROM {A}",
    "output_tokens": f"SELECT sum(a.output_tokens) FROM {A}",
    "cost_per_call": f"SELECT avg(cost_usd) FROM {A}",
    "cost_per_reply": f"SELECT {RUNS_COST} / count(*) FROM {Q} AND reply.author = 'assistant'",
    "cost_per_resolution": case(f"{RUNS_COST} / count(*)", RESOLVED),
    "cost_per_insight": f"""SELECT (SELECT sum(cost_usd) FROM common_attempt WHERE scope = 'insights') / count(*)
        FROM {I} WHERE i.model_used <> 'none'""",
    **{f"resolution_time_p{p}": case(rank(p, f"{EPOCH} replied_at - began)"), "last_status = 'answered'")
       for p in (50, 95)},
    **{f"first_answer_time_p{p}": case(rank(p, f"{EPOCH} first_replied_at - began)")) for p in (50, 95)},
    **{f"answer_time_p{p}": f"SELECT {rank(p, ANSWER)} FROM {Q}" for p in (50, 95)},
    **{f"handling_time_p{p}": f"SELECT {rank(p, f'{EPOCH} closed_at - created_at)')} FROM {E}" for p in (50, 95)},
    **{f"insight_latency_p{p}": f"SELECT {rank(p, 'i.latency_ms')} FROM {I}" for p in (50, 95, 99)},
    **{f"run_latency_p{p}": f"SELECT {rank(p, 'r.latency_ms')} FROM {Q}" for p in (50, 95, 99)},
    **{f"call_latency_p{p}": f"SELECT {rank(p, 'a.latency_ms')} FROM {A}" for p in (50, 95, 99)},
}  # fmt: skip


def by_hand(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("$$", "'").replace("%%", "%"))
        [(value,)] = cursor.fetchall()
        return value


def rows_by_hand(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("$$", "'"))
        return cursor.fetchall()


def test_no_metric_goes_without_sql_of_its_own() -> None:
    assert set(BY_HAND) == set(METRICS)


def test_every_figure_of_a_month_equals_what_is_counted_by_hand() -> None:
    october()
    facts_rebuild()
    results = specs_run([QuerySpec(name, OCTOBER) for name in METRICS])
    wrong = {}
    for result in results:
        name, value, expected = result.metric.name, result.total.value, by_hand(BY_HAND[result.metric.name])
        same = value == expected if value is None or expected is None else abs(float(value) - float(expected)) < 1e-9
        if not same:
            wrong[name] = (value, expected)
    assert wrong == {}
    told = {result.metric.name: result.total.value for result in results}
    assert told["cost"] == by_hand(BY_HAND["cost"]), "to the last of its eight decimals"
    assert isinstance(told["cost"], Decimal)
    # What everything above would agree on if nothing had been seeded.
    assert told["cases"] > 50
    assert 0.2 < told["alpha"] < 0.6
    for name in ("reopened_rate", "return_rate", "drafts_unchanged", "transfer_cache_hit_rate", "overdue_rate",
                 "judged_rate", "judge_relevance", "judge_accuracy", "judge_safety"):  # fmt: skip
        assert 0 < told[name] < 1, name


# By panel: its groups with their figures, of groups in which there is one.
FIRST_CHANNEL = """(SELECT q.channel_id FROM conversations_query q WHERE q.conversation_id = c.id
        ORDER BY q.created_at LIMIT 1)"""
E_OF = "conversations_escalation e JOIN conversations_query q ON q.id = e.query_id"
RATED = "feedback_rating g JOIN conversations_insight i ON i.id = g.insight_id WHERE g.is_current"
HELPFUL, MISSED = part("g.feedback = 'helpful'"), part("g.feedback = 'not_helpful'")
AREA = """CASE WHEN a.purpose = 'transcribe' THEN 'speech' WHEN a.scope = 'insights' THEN 'insight'
        WHEN a.scope LIKE 'channel:%' THEN 'reply' ELSE 'other' END"""
SPLITS = {
    "escalations-by-reason": f"SELECT e.reasons->>0, count(*) FROM {E} GROUP BY 1",
    "escalations-by-category": """SELECT c.category, count(*) FROM conversations_escalation e
        JOIN conversations_conversation c ON c.id = e.conversation_id GROUP BY 1""",
    "escalations-by-channel": f"SELECT q.channel_id, count(*) FROM {E_OF} GROUP BY 1",
    "queries-by-channel": f"SELECT q.channel_id, count(*) FROM {Q} GROUP BY 1",
    "alpha-by-category": f"{CASE} SELECT c.category, {part(RESOLVED)} FROM c GROUP BY 1",
    "alpha-by-channel": f"{CASE} SELECT {FIRST_CHANNEL}, {part(RESOLVED)} FROM c GROUP BY 1",
    "helpfulness-by-model": f"SELECT i.model_used, {HELPFUL} FROM {RATED} GROUP BY 1",
    "helpfulness-by-prompt": f"SELECT i.prompt_version, {HELPFUL} FROM {RATED} GROUP BY 1",
    "helpfulness-by-cache": f"SELECT i.cache, {HELPFUL} FROM {RATED} GROUP BY 1",
    "not-helpful-because": f"SELECT g.reason, count(*) FROM {RATED} AND g.feedback = 'not_helpful' GROUP BY 1",
    "miss-by-reason": f"SELECT i.ivr_intent, {MISSED} FROM {RATED} GROUP BY 1",
    "told-by-reason": f"SELECT i.ivr_intent, count(*) FROM {I} GROUP BY 1",
    "models": f"SELECT a.model, count(*) FROM {A} GROUP BY 1",
    "cost-by-model": f"SELECT a.model, sum(a.cost_usd) FROM {A} GROUP BY 1",
    "cost-by-purpose": f"SELECT a.purpose, sum(a.cost_usd) FROM {A} GROUP BY 1",
    "cost-by-channel": f"SELECT split_part(a.scope, 'channel:', 2), sum(a.cost_usd) FROM {A} GROUP BY 1",
    "cost-by-area": f"SELECT {AREA}, sum(a.cost_usd) FROM {A} GROUP BY 1",
}
PANELS = {panel.name: panel for board in DASHBOARDS.values() for panel in board.panels if panel.by}


def test_no_split_goes_without_sql_of_its_own() -> None:
    assert set(SPLITS) == set(PANELS)


def test_every_split_of_a_month_equals_what_is_counted_by_hand() -> None:
    october()
    facts_rebuild()
    for name, panel in PANELS.items():
        [result] = specs_run(panel_specs(panel, State(CUSTOM, OCTOBER)))
        nothing = (None, 0) if result.metric.is_additive else (None,)
        told = {row.keys[0]: float(row.value) for row in result.groups if row.value not in nothing}
        counted = {key: float(value) for key, value in rows_by_hand(SPLITS[name]) if value not in nothing}
        assert len(counted) > 1, name
        assert told == pytest.approx(counted), name


def test_budgets_are_held_against_what_the_ledger_says_of_each_day() -> None:
    october()
    facts_rebuild()
    amounts = {"": Decimal("0.01"), "channel:chat": Decimal("0.004"), "insights": Decimal("0.0045")}
    Budget.objects.bulk_create([Budget(scope=scope, usd_per_day=amount) for scope, amount in amounts.items()])
    uses = budgets_read(State(CUSTOM, OCTOBER)).uses
    for use, (scope, amount) in zip(uses, amounts.items(), strict=True):
        where = f"WHERE a.scope = '{scope}'" if scope else ""
        days = f"SELECT a.at::date AS day, sum(a.cost_usd) AS spent FROM {A} {where} GROUP BY 1"
        [(most, spent, over)] = rows_by_hand(f"SELECT max(spent), sum(spent), count(*) FILTER (WHERE spent >= {amount})"
                                             f" FROM ({days}) days")  # fmt: skip
        assert (use.most, use.days_over) == (figure(most, Unit.USD), over), scope
        assert (use.mean, use.percent) == (figure(spent / 31, Unit.USD), round(100 * most / amount)), scope
        assert 0 < use.days_over < 31, scope


def test_the_parts_of_a_split_add_up_to_the_whole() -> None:
    october()
    facts_rebuild()
    for name, metric in METRICS.items():
        if metric.is_additive and metric.view != "insights":
            for dimension in ("channel", "category", "prompt_version", "weekday", "hour_of_day"):
                [split] = specs_run([QuerySpec(name, OCTOBER, dimensions=(dimension,))])
                assert sum(row.value for row in split.rows) == split.total.value, (name, dimension)

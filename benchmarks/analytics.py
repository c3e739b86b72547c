"""How long figures take to compute, of a company with a million messages.

    python benchmarks/analytics.py [--messages 1000000] [--days 365] [--rounds 3] [--facts-too]

Fills a throwaway PostgreSQL with the facts of --messages messages (half of them queries) of the last --days days, by
SQL, and asks what people ask. A *dashboard* is one of the pages, read as the page does, over 7, 30 and 90 days, held
against the period before, and of one channel; a *page* is the same asked of its address by somebody signed in, without
the network. A *sentence* is what people write to the analyst, those the grammar was built with. A *group* is more than
any page shows: every metric of a group as a total against the period before, day by day, and by channel and category.
An analyst's *question* is one metric over 7, 30, 90 or 365 days, split by one of its dimensions or in steps of time,
with or without a filter. Prints median and p95 in milliseconds of each, and the slowest. With --facts-too the same is
asked once more without daily sums, in turn, and the ratio of both is told. Exit code 1 when a p95 misses its target:
500 ms a dashboard or page, 1,000 ms a question or sentence.
"""

import argparse
import json
import logging
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
DASHBOARD_MS, QUESTION_MS = 500, 1000
QUESTIONS = 300
SENTENCES = ROOT / "tests" / "analytics" / "analyst" / "development" / "questions.jsonl"
CALLS = 3  # a query
BARS = ("", "&compare=previous_period", "&channel=chat")  # beside the period
_AT = "now() - {days} * interval '1 day' * (1 - n::float8 / {rows}) - random() * interval '3 hours'"
_CHANNEL = "(array['outlook','chat','api','sms'])[1 + floor(random() ^ 1.5 * 4)::int]"
_CATEGORY = "(array['orders','returns','product','billing','account','technical','complaint'])[1 + n % 7]"
_MATTER = f"""{_CHANNEL}, {_CATEGORY}, (array['en','en','en','de','es'])[1 + n % 5],
    (array['standard','standard','gold','premium'])[1 + n % 4],
    (array['nova-2-lite','haiku-4-5'])[1 + (n % 20 = 0)::int], 'v' || (1 + (4 * n::float8 / {{rows}})::int)"""
_SHARED = "at, is_demo, channel, category, language, service_level, model, prompt_version"
FILL = {
    "queryfact": (1, f"""
        INSERT INTO analytics_queryfact (query_id, {_SHARED}, finished_at, customer_id, conversation_id, run_id, status,
            decision, answered_by, reason, is_automatic, is_covered, has_run, run_failed, fell_back, is_final, score,
            support, run_ms, answer_seconds, cost_usd, input_tokens, output_tokens, helpful, not_helpful, relevance,
            accuracy, safety)
        SELECT 'qry_' || n, {_AT}, false, {_MATTER}, now(), 'cus_' || (random() * {{rows}} / 5)::int,
            'cnv_' || n * 2 / 3,
            'run_' || n, 'answered', CASE WHEN n % 5 = 0 THEN 'escalate' ELSE 'auto_send' END,
            CASE WHEN n % 5 = 0 THEN 'consultant' ELSE 'agent' END, CASE WHEN n % 5 = 0 THEN 'no_support' ELSE '' END,
            n % 40 = 0, false, true, n % 500 = 0, n % 25 = 0, true, 60 + n % 41, random(), 500 + random() * 4000,
            1 + random() * 60, random() / 500, 4000 + n % 900, 300 + n % 90, (n % 6 = 0)::int, (n % 41 = 0)::int,
            random(), random(), 1
        FROM generate_series(1, {{rows}}) n"""),
    "casefact": (2 / 3, f"""
        INSERT INTO analytics_casefact (conversation_id, {_SHARED}, customer_id, queries, last_status, involved,
            escalated, person_spoke, answered_by_agent, reopened, came_back, resolved, is_provisional, asked_at,
            answered_at, window_until, first_answer_seconds, resolution_seconds, cost_usd)
        SELECT 'cnv_' || n, {_AT}, false, {_MATTER}, 'cus_' || (random() * {{rows}} / 3)::int, 1 + n % 3, 'answered',
            n % 30 > 0, n % 5 = 0, n % 5 = 0, n % 5 > 0, n % 33 = 0, n % 20 = 0,
            n % 5 > 0 AND n % 33 > 0 AND n % 20 > 0, n > {{rows}} * 0.98, now(), now(), now(), random() * 60,
            random() * 6000, random() / 300
        FROM generate_series(1, {{rows}}) n"""),
    "escalationfact": (1 / 5, f"""
        INSERT INTO analytics_escalationfact (escalation_id, {_SHARED}, query_id, conversation_id, queue, state, reason,
            reasons, score, due_at, closed_at, handling_seconds, has_draft, is_answered, draft_similarity)
        SELECT 'esc_' || n, {_AT}, false, {_MATTER}, 'qry_' || n, 'cnv_' || n, {_CATEGORY}, 'answered',
            (array['no_support','asked_for_person','account_matter','no_knowledge','urgency'])[1 + n % 5], '[]', 40,
            now(), now(), random() * 9000, n % 3 > 0, true, random()
        FROM generate_series(1, {{rows}}) n"""),
    "attemptfact": (CALLS, f"""
        INSERT INTO analytics_attemptfact (attempt_id, at, is_demo, query_id, area, scope, purpose, provider, model,
            channel, category, prompt_version, outcome, latency_ms, cost_usd, input_tokens, output_tokens,
            cache_read_tokens, cache_write_tokens)
        SELECT 'att_' || n, {_AT}, false, 'qry_' || n / {CALLS}, 'reply', 'channel:chat',
            (array['gather','assess','compose'])[1 + n % 3], (array['primary','secondary'])[1 + (n % 20 = 0)::int],
            (array['nova-2-lite','haiku-4-5'])[1 + (n % 20 = 0)::int], {_CHANNEL}, {_CATEGORY}, 'v3',
            CASE WHEN n % 70 = 0 THEN 'timeout' ELSE 'ok' END, 300 + random() * 3000, random() / 900, 900 + n % 900,
            100 + n % 90, n % 700, 0
        FROM generate_series(1, {{rows}}) n"""),
    "insightfact": (1 / 4, f"""
        INSERT INTO analytics_insightfact (insight_id, at, is_demo, customer_id, contact, client, ivr_intent, model,
            prompt_version, cache, is_empty, is_transfer, fell_back, latency_ms, model_ms, cost_usd, input_tokens,
            output_tokens, helpful, not_helpful)
        SELECT 'ins_' || n, {_AT}, false, 'cus_' || (random() * {{rows}})::int, md5((n / 2)::text), 'crm',
            (array['delivery_status','return','complaint','misc'])[1 + n % 4], 'nova-2-lite', 'v3',
            (array['none','none','prompt','result'])[1 + n % 4], n % 20 = 0, n % 8 = 0, n % 25 = 0,
            200 + random() * 5000, random() * 4000, random() / 500, 3000, 200, (n % 3 > 0)::int, (n % 11 = 0)::int
        FROM generate_series(1, {{rows}}) n"""),
}  # fmt: skip


def fill(queries: int, days: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from analytics.facts.values import values_note
    from analytics.models import FactsState

    with connection.cursor() as cursor:
        for name, (share, sql) in FILL.items():
            rows = round(queries * share)
            started = time.perf_counter()
            cursor.execute(sql.replace("{rows}", str(rows)).replace("{days}", str(days)))
            print(f"{rows:>10,} {name}s in {time.perf_counter() - started:.0f} s", flush=True)
        cursor.execute("VACUUM ANALYZE")
    values_note(None)
    FactsState.objects.create(pk=FactsState.ONLY, through=timezone.now(), looked_back_at=timezone.now())


def took_ms(ask: object) -> float:
    """What is refused for taking too long has taken that long."""
    from omnicqm.common.errors import ServiceUnavailable

    started = time.perf_counter()
    with suppress(ServiceUnavailable):
        ask()  # type: ignore[operator]
    return (time.perf_counter() - started) * 1000


def dashboards_ask(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of whole pages, by page and what the bar says."""
    from django.http import QueryDict

    from analytics.dashboards.boards import DASHBOARDS
    from analytics.dashboards.reading import page_read
    from analytics.dashboards.state import state_read

    took: dict[str, list[float]] = defaultdict(list)
    for days in (7, 30, 90):
        for more in BARS:
            state = state_read(QueryDict(f"period={days}d{more}")).state
            for name, board in DASHBOARDS.items():
                for _ in range(rounds):
                    took[f"{name}?{state.query}"].append(
                        took_ms(lambda board=board, state=state: page_read(board, state))
                    )
    return took


def pages_ask(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of whole pages through Django, by page and what the bar says."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from analytics.dashboards.boards import DASHBOARDS

    users = get_user_model().objects
    client = Client(headers={"host": "localhost"})
    reader = users.filter(username="reader").first() or users.create_superuser("reader")
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    took: dict[str, list[float]] = defaultdict(list)

    def page(address: str) -> None:
        answer = client.get(address, follow=True)  # what is usual leaves the address
        assert answer.status_code == 200, (address, answer.status_code)

    page("/analytics/volume/")  # templates are read once
    for days in (7, 30, 90):
        for more in BARS:
            for name in DASHBOARDS:
                address = f"/analytics/{name}/?period={days}d{more}"
                took[address] += [took_ms(lambda address=address: page(address)) for _ in range(rounds)]
    return took


def sentences_ask(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of what the analyst is asked in words, by sentence; each goes on from the one before it."""
    from analytics.analyst.services import question_ask
    from analytics.analyst.types import Asker

    took: dict[str, list[float]] = defaultdict(list)
    asker = Asker("benchmark")
    for number in range(rounds):
        for line in SENTENCES.read_text(encoding="utf-8").splitlines():
            dialogue = json.loads(line)
            for turn in dialogue["turns"]:
                words, name = turn["question"], f"{dialogue['id']}-{number}"
                ask = lambda words=words, name=name: question_ask(question=words, asker=asker, conversation=name)  # noqa: E731
                took[words].append(took_ms(ask))
    return took


def groups_ask(rounds: int) -> dict[str, list[float]]:
    """Milliseconds of everything about a group of metrics, by group and period."""
    from analytics.catalogue.metrics import GROUPS, metric_dimensions
    from analytics.querying import Compare, Grain, Period, QuerySpec, specs_run

    took: dict[str, list[float]] = defaultdict(list)
    today = date.today()
    for days in (7, 30, 90):
        period = Period(today - timedelta(days=days - 1), today)
        for group, metrics in GROUPS.items():
            specs = [QuerySpec(metric.name, period, compare=Compare.PREVIOUS) for metric in metrics]
            specs += [QuerySpec(metric.name, period, grain=Grain.DAY) for metric in metrics]
            for name in ("channel", "category"):
                specs += [QuerySpec(m.name, period, (name,)) for m in metrics[:4] if name in metric_dimensions(m)]
            for _ in range(rounds):
                took[f"{group}, {days} days"].append(took_ms(lambda specs=specs: specs_run(specs)))
    return took


def questions_ask() -> dict[str, list[float]]:
    """Milliseconds of single questions, by question."""
    from analytics.catalogue.metrics import METRICS, metric_dimensions
    from analytics.querying import Filter, Grain, Period, QuerySpec, spec_run

    took: dict[str, list[float]] = defaultdict(list)
    chance, today = random.Random(4), date.today()
    for _ in range(QUESTIONS):
        metric = chance.choice(list(METRICS.values()))
        days = chance.choice((7, 30, 90, 365))
        known = [name for name in metric_dimensions(metric) if name not in ("status", "decision")]
        spec = QuerySpec(
            metric.name,
            Period(today - timedelta(days=days - 1), today),
            (chance.choice(known),) if chance.random() < 0.6 else (),
            chance.choice((None, Grain.DAY, Grain.WEEK)),
            filters=(Filter("channel", ("chat",)),) if "channel" in known and chance.random() < 0.3 else (),
        )
        name = f"{spec.metric} by {', '.join(spec.dimensions) or 'nothing'}, {spec.grain or 'in all'}, {days} days"
        took[name].append(took_ms(lambda spec=spec: spec_run(spec)))
    return took


def told(kind: str, took: dict[str, list[float]], target: int) -> bool:
    everything = [ms for values in took.values() for ms in values]
    p95 = statistics.quantiles(everything, n=20)[-1]
    slowest = sorted(((round(max(values)), name) for name, values in took.items()), reverse=True)[:5]
    figures = {"p50_ms": round(statistics.median(everything)), "p95_ms": round(p95), "max_ms": round(max(everything))}
    print(json.dumps({"of": kind, "asked": len(everything), **figures, "slowest": slowest}))
    print(f"{kind} within {target} ms (p95): {'met' if p95 <= target else 'MISSED'}")
    return p95 <= target


def measure(messages: int, days: int, rounds: int, *, facts_too: bool) -> int:
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)  # a line for every page
    call_command("migrate", verbosity=0)
    print(f"{messages:,} messages in {days} days")
    fill(messages // 2, days)
    dashboards_ask(1)  # what is read for the first time comes from the disk
    met = []
    for kind, target, ask in (
        ("dashboards", DASHBOARD_MS, lambda: dashboards_ask(rounds)),
        ("pages", DASHBOARD_MS, lambda: pages_ask(rounds)),
        ("sentences", QUESTION_MS, lambda: sentences_ask(rounds)),
        ("groups", DASHBOARD_MS, lambda: groups_ask(1)),
        ("questions", QUESTION_MS, questions_ask),
    ):
        took = ask()
        met.append(told(kind, took, target) or kind == "groups")
        if facts_too:
            with patch("analytics.querying.running.sums_are_kept", lambda: False):
                before = ask()
            told(f"{kind} from facts alone", before, target)
            ratios = [statistics.median(before[name]) / statistics.median(took[name]) for name in took]
            print(
                f"{kind}: facts alone take {statistics.median(ratios):.1f} times as long (median of pairs)", flush=True
            )
    return 0 if all(met) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000_000, help="in all (default 1,000,000)")
    parser.add_argument("--days", type=int, default=365, help="that they are spread over (default 365)")
    parser.add_argument("--rounds", type=int, default=3, help="times every dashboard is asked (default 3)")
    parser.add_argument("--facts-too", action="store_true", help="measure without daily sums as well")
    options = parser.parse_args()
    database = Throwaway(ROOT)
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    try:
        return measure(options.messages, options.days, options.rounds, facts_too=options.facts_too)
    finally:
        database.stop()


if __name__ == "__main__":
    sys.exit(main())

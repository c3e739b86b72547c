"""The demo's 90 days: facts that were invented, so that dashboards have something to show.

They are written straight into the tables of `analytics`, marked `is_demo`. There are no messages and no customers
behind them, and runs only for what the gate saw: what an agent reads of a customer is the demo's own days alone.
"""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from agents.prompts import prompts_load
from analytics.facts.values import values_forget, values_note
from analytics.models import AttemptFact, CaseFact, EscalationFact, InsightFact, QueryFact
from conversations.insights.generation import prompt_version
from omnicqm.demo.history.cases import CaseHistory
from omnicqm.demo.history.copying import rows_copy
from omnicqm.demo.history.insights import insights_invent
from omnicqm.demo.history.rhythm import Calendar
from omnicqm.demo.history.runs import runs_invent, runs_invented

_SEED = 20_261
_TABLES = (QueryFact, CaseFact, EscalationFact, AttemptFact, InsightFact)


@transaction.atomic
def history_load(*, now: datetime | None = None) -> int:
    """Invent the 90 days before `now`, once; how many cases there are. The same day gets the same history."""
    if CaseFact.objects.filter(is_demo=True).exists():
        return CaseFact.objects.filter(is_demo=True).count()
    calendar = Calendar(now or timezone.now(), ZoneInfo(settings.TIME_ZONE))
    facts = CaseHistory(calendar, random.Random(_SEED), _prompt_versions()).invent()  # noqa: S311 - nothing secret
    told = list(insights_invent(calendar, random.Random(_SEED + 1), prompt_version()))  # noqa: S311
    rows_copy(facts.queries)
    rows_copy(runs_invent(facts.queries, random.Random(_SEED + 2)))  # noqa: S311
    rows_copy(facts.cases)
    rows_copy(facts.escalations)
    rows_copy(insight for insight, _ in told)
    rows_copy([*facts.attempts, *(call for _, calls in told for call in calls)])
    values_note(None)
    return len(facts.cases)


@transaction.atomic
def history_remove() -> int:
    """Take the invented history away; how many facts it had."""
    gone = sum(table.objects.filter(is_demo=True).delete()[0] for table in _TABLES)
    values_forget()
    return gone + runs_invented().delete()[0]


def _prompt_versions() -> tuple[str, str]:
    """An earlier one, and today's."""
    today = prompts_load().version
    earlier = "-".join(str(max(int(part) - 1, 1)) if part.isdigit() else part for part in today.split("-"))
    return (earlier if earlier != today else f"{today}-before")[:40], today[:40]

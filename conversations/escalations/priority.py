"""How urgent an escalation is, from 1 (urgent) to 4 (low), and what it is about in one line."""

from collections.abc import Sequence
from datetime import timedelta

from agents.types import Blocker, Factor, RunResult
from conversations.desk.targets import Target
from conversations.models import Customer, Escalation, Query
from conversations.models.escalations import SUMMARY_CHARS
from omnicqm.common.text import line_clean

Priority = Escalation.Priority
SHORT_TARGET = timedelta(hours=1)
_PRESSING = (Factor.URGENCY, Factor.ANGRY_FRUSTRATED_TONE, Factor.PREMIUM_COMPLAINTS)
_NO_HURRY = frozenset({"product", "other"})


def priority_for(*, customer: Customer, target: Target, result: RunResult | None, category: str) -> Priority:
    """Normal, and a step up for each of: a premium customer, a target of an hour or less, urgent words, an angry tone,
    a premium complaint. What concerns somebody's safety is urgent. A standard customer's question about products, with
    nothing pressing, is low."""
    if result is not None and Blocker.SAFETY in result.blockers:
        return Priority.URGENT
    pressing = [factor for factor in _PRESSING if result is not None and _is_seen(result, factor)]
    steps = len(pressing) + (customer.service_level == Customer.ServiceLevel.PREMIUM) + (target.first <= SHORT_TARGET)
    if not steps and category in _NO_HURRY and customer.service_level == Customer.ServiceLevel.STANDARD:
        return Priority.LOW
    return Priority(max(Priority.URGENT, Priority.NORMAL - steps))


def summary_line(queries: Sequence[Query], result: RunResult | None) -> str:
    """The agent's summary, else the subject, else how the customer's words begin; one line."""
    asked = queries[-1].message
    text = (result.summary if result else "") or asked.subject or asked.text
    line = line_clean(" ".join(text.split()))
    return line if len(line) <= SUMMARY_CHARS else f"{line[: SUMMARY_CHARS - 2].rstrip()} …"


def _is_seen(result: RunResult, factor: Factor) -> bool:
    finding = result.factors.get(factor)
    return finding is not None and finding.count > 0

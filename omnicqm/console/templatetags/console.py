"""Small words for the console's templates."""

import re
from typing import Any

from django import template
from django.conf.locale import LANG_INFO

from agents.models import Run
from omnicqm.console import costs, times
from omnicqm.console.explorer.difference import DECISION_WORDS
from omnicqm.console.people import customer_badge, customer_name, identity_value

register = template.Library()

register.filter("ago", times.ago)
register.filter("due", times.due)
register.filter("day", times.day)
register.filter("due_tone", times.due_tone)
register.filter("customer_badge", customer_badge)
register.filter("customer_name", customer_name)
register.filter("identity_value", identity_value)
register.filter("usd", costs.usd)
register.filter("tokens", costs.tokens)
register.filter("cached", costs.cached)


@register.filter
def decision_words(run: Run) -> str:
    """What became of a run: its decision, or its state where it has none."""
    return DECISION_WORDS.get(run.decision) or run.get_state_display()


@register.filter
def percent(share: float) -> str:
    """``0.934`` → ``93 %``."""
    return f"{round(100 * share)} %"


@register.filter
def initials(name: object) -> str:
    """``Ada Winter`` → ``AW``."""
    parts = re.findall(r"\w+", str(name))
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper() or "?"


@register.filter
def language_name(code: str) -> str:
    """``en`` → ``English``; an unknown code stays as it is."""
    info: Any = LANG_INFO.get(code.lower(), {})
    return info.get("name", code)


@register.filter
def words(name: str) -> str:
    """``SpendingProfile`` and ``favourite_store`` as people would write them."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.]+", " ", name)
    return spaced[:1].upper() + spaced[1:].lower()


@register.filter
def choices_of(changelist: Any, parameter: str) -> list[dict[str, Any]]:
    """The choices of the list filter with this parameter name; none when the list has no such filter."""
    filters = (spec for spec in changelist.filter_specs if getattr(spec, "parameter_name", "") == parameter)
    return [choice for spec in filters for choice in spec.choices(changelist)]

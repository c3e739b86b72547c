"""What the judge says of a run, wherever a template has its id: ``{% judgement_of run.pk %}``."""

from typing import Any

from django import template

from omnicqm.console.judging import VIEW, judgement_cards

register = template.Library()


@register.inclusion_tag("console/_judgement.html", takes_context=True)
def judgement_of(context: Any, run_id: str) -> dict[str, Any]:
    """Its verdict with the reasons; nothing for those who may not see judgements."""
    request = context.get("request")
    may = request is not None and request.user.has_perm(VIEW)
    return {"card": judgement_cards([run_id]).get(run_id) if may else None}

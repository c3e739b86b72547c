"""The analyst as a tool of the agent, for staff who write on a channel that settings.CHANNEL_TOOLS gives it to."""

from typing import Any

from django.contrib.auth import get_user_model

from agents.types import Tool
from analytics.analyst.services import MAX_QUESTION_CHARS, question_ask
from analytics.analyst.types import Asker
from analytics.analyst.views import PERMISSION
from conversations.answering.tools import ToolScene

NAME = "ask_analytics"
MOST_ROWS = 40  # that a model reads
_SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string", "minLength": 1, "maxLength": MAX_QUESTION_CHARS}},
    "required": ["question"],
    "additionalProperties": False,
}


def ask_tool(scene: ToolScene) -> Tool | None:
    """The tool, when the sender is verified as the e-mail address of staff who may see figures; else none."""
    user = _staff(scene.sender_email)
    if user is None:
        return None

    def ask(question: str) -> dict[str, Any]:
        asker = Asker(f"user:{user.pk}", scope=f"channel:{scene.channel_id}")
        answer = question_ask(question=question, asker=asker, conversation=scene.conversation.pk)
        table = answer.result.table if answer.result else None
        rows = table["rows"][:MOST_ROWS] if table else []
        told = {"answer": answer.text, "understood": answer.result is not None or bool(answer.definitions)}
        return {**told, "rows": rows, "suggestions": list(answer.suggestions)}

    return Tool(
        name=NAME,
        description="Figures about the service: how many queries, escalations, costs, times, shares, for any period, "
        "split by channel, category and more. Takes the question in plain English and returns a sentence with figures.",
        schema=_SCHEMA,
        call=ask,
        needs_verified=True,
        citable=True,
        title="Figures of the service",
    )


def _staff(email: str) -> Any:
    if not email:
        return None
    users = get_user_model().objects.filter(email__iexact=email, is_active=True, is_staff=True)[:2]
    found = list(users)
    return found[0] if len(found) == 1 and found[0].has_perm(PERMISSION) else None

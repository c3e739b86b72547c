"""open_follow_up: promise the customer that a person will do something by a day, and see to it that one does."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from agents.errors import ToolError
from agents.types import Tool, ToolCall
from conversations.answering.tools.scene import ToolScene
from conversations.errors import TooManyFollowUps
from conversations.follow_ups.services import MAX_WHAT_CHARS, follow_up_open
from conversations.models import FollowUp

MAX_DAYS = 30
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "what": {
            "type": "string",
            "minLength": 5,
            "maxLength": MAX_WHAT_CHARS,
            "description": "what a colleague will do, as the customer is told it: Call the customer about the refund",
        },
        "in_days": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_DAYS,
            "description": "done at the latest in … days",
        },
    },
    "required": ["what", "in_days"],
    "additionalProperties": False,
}


def follow_up_tool(scene: ToolScene) -> Tool:
    def open_follow_up(this: ToolCall, what: str, in_days: int) -> dict[str, Any]:
        try:
            task = follow_up_open(
                conversation=scene.conversation,
                what=what,
                due_on=scene.today + timedelta(days=in_days),
                key=this.key,
                run_id=this.run_id,
            )
        except TooManyFollowUps as error:
            raise ToolError(error.message) from error
        return _show(task)

    return Tool(
        name="open_follow_up",
        description="Put a task on the list of our colleagues, with the day it is due. Only then may it be promised.",
        schema=_SCHEMA,
        call=open_follow_up,
        effect="writes",
        takes_call=True,
        citable=True,
        title="Follow-up task",
    )


def _show(task: FollowUp) -> dict[str, Any]:
    """In the words of a reply: ``2026-11-23`` alone would bear out no Monday."""
    return {
        "status": "scheduled: a colleague will do it",
        "what": task.what,
        "due": f"{task.due_on:%A}, {task.due_on.day} {task.due_on:%B %Y} ({task.due_on.isoformat()})",
    }

"""A write happens at most once for each idempotency key, whoever calls again: a resumed run, or another on the matter.

The row is committed before the request leaves. If we die in between, or no answer comes, nobody knows whether it
happened: it is not sent again, and a person takes over.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents.errors import ToolCrashed
from agents.models.http_tools import HttpTool, HttpToolEffect
from agents.types import ToolCall

State = HttpToolEffect.State
KEPT = timedelta(days=90)  # far longer than anybody works on the message that made the call


class NotSent(Exception):
    """The other side surely did nothing: the call may be tried again. `cause` is what the model is told."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def effect_once(tool: HttpTool, call: ToolCall, send: Callable[[], Any]) -> Any:
    """The result of `send`, or of whoever sent it before under this key.

    `send` raises `NotSent` when nothing happened; whatever else it raises leaves the outcome open. Raises
    `ToolCrashed` when it was sent before and nobody knows what came of it.
    """
    row, is_new = HttpToolEffect.objects.get_or_create(key=call.key, defaults={"tool": tool, "run_id": call.run_id})
    if not is_new:
        return _earlier(tool, row)
    try:
        result = send()
    except NotSent as error:
        row.delete()
        raise error.cause from error
    with transaction.atomic():
        row.state, row.result = State.DONE, result
        row.save(update_fields=["state", "result"])
    return result


def effects_purge() -> None:
    """Delete what was written so long ago that nobody repeats it."""
    HttpToolEffect.objects.filter(created_at__lt=timezone.now() - KEPT).delete()


def _earlier(tool: HttpTool, row: HttpToolEffect) -> Any:
    if row.state == State.DONE:
        return row.result
    raise ToolCrashed(f"It is not known whether {tool.name} was carried out. A person has to look.")

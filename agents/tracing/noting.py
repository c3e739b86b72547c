"""That a trace is due, noted in the transaction in which its run ends or changes: one statement, no call elsewhere."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from agents.models import Run, RunTrace
from agents.privacy import Vault
from agents.providers.base import ContentBlock, ModelReply, ModelRequest, ToolUse
from agents.storable import text_storable
from agents.types import RunRequest

MAX_CHARS = 4_000
MAX_CALL_CHARS = 1_500  # of what a model was told, and of what it answered
MOST_CALLS = 30
_MARGIN = 200  # no single piece of personal data is longer
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


@dataclass
class Calls:
    """What models were told and answered in one run, by the ids of their attempts. In memory, until the run ends."""

    kept: dict[str, tuple[ModelRequest, ModelReply | None]] = field(default_factory=dict)

    def keep(self, attempt_id: str, request: ModelRequest, reply: ModelReply | None) -> None:
        """The first `MOST_CALLS`; `reply` is None where none was waited for."""
        if len(self.kept) < MOST_CALLS:
            self.kept[attempt_id] = (request, reply)

    def hidden(self, vault: Vault) -> dict[str, dict[str, Any]]:
        """By attempt: the last message it was told and, where it answered, text and tool calls, cut and without
        personal data."""
        return {attempt_id: _call_told(*call, vault) for attempt_id, call in list(self.kept.items())}


def trace_note(run: Run, request: RunRequest, vault: Vault, calls: Calls) -> None:
    """The trace of `run`, which ends now, is due. `vault` hides what is personal; nobody can afterwards."""
    if not settings.MLFLOW_TRACKING_URI:
        return
    question = f"{request.subject}\n\n{request.message}" if request.subject else request.message
    RunTrace.objects.create(
        run=run,
        session=request.session,
        subject=request.subject_id,
        question=_told(question, vault),
        reply=_told(run.reply_text, vault),
        calls=calls.hidden(vault),
    )


def trace_renew(*run_ids: str) -> None:
    """What these runs show has changed: their traces are written anew. Those to be deleted stay so."""
    shown = RunTrace.objects.filter(run__in=run_ids, state__in=[RunTrace.State.PENDING, RunTrace.State.EXPORTED])
    shown.update(state=RunTrace.State.PENDING, revision=F("revision") + 1, tries=0, due_at=timezone.now())


def _told(text: str, vault: Vault) -> str:
    return text_storable(vault.hide(text[: 2 * MAX_CHARS])[:MAX_CHARS])


def _call_told(request: ModelRequest, reply: ModelReply | None, vault: Vault) -> dict[str, Any]:
    last = request.messages[-1]
    told: dict[str, Any] = {"told": _cut("\n".join(_words(block) for block in last.content), vault)}
    if reply is not None:
        told["answered"] = _cut(reply.text, vault)
        if reply.tool_uses:
            told["tools"] = [_use_told(use, vault) for use in reply.tool_uses]
    return told


def _unescaped(escaped: re.Match[str]) -> str:
    """The letters: a model that writes JSON may write a name so that nobody knows it."""
    return bytes.fromhex(escaped[0].replace("\\u", "")).decode("utf-16-be", "replace")


def _use_told(use: ToolUse, vault: Vault) -> dict[str, str]:
    return {"name": _cut(use.name, vault), "arguments": _cut(_words(use), vault)}


def _words(block: ContentBlock) -> str:
    return json.dumps(dict(block.input), ensure_ascii=False, default=str) if isinstance(block, ToolUse) else block.text


def _cut(text: str, vault: Vault) -> str:
    """Its beginning. What the cut itself goes through could not be recognised, so that is left out as well."""
    text = _ESCAPED.sub(_unescaped, text)
    if len(text) <= MAX_CALL_CHARS:
        return text_storable(vault.hide(text))
    return text_storable(vault.hide(text[: MAX_CALL_CHARS + _MARGIN])[:-_MARGIN][:MAX_CALL_CHARS]) + "…"

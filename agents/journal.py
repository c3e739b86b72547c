"""The journal of a run: what was done is written down at once, and a resumed run reads it instead of doing it again.

Entries are found by what was asked, not by their place: a request to a model, or a call of a tool, that is the same to
the letter gets the stored outcome; anything else is done anew. So nothing of a changed matter is ever replayed.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from agents.models import Run, RunEntry
from agents.providers.base import ContentBlock, ModelMessage, ModelReply, ModelRequest, StopReason, Text, ToolUse, Usage
from agents.storable import storable
from agents.types import REPLAYS, RunRequest

RESUME_WITHIN = timedelta(minutes=10)  # after that the world may have changed
FORGET_AFTER = timedelta(days=1)  # of runs that never ended
REPLAY_WITHIN = timedelta(days=14)  # so long the results of tools are kept of a run that did
_MODEL, _TOOL = "model:", "tool:"
ABANDONED = "abandoned"


@dataclass
class Journal:
    """Entries of one run. Keys are made in the run's own thread; `keep` may be called from any.

    `resumed_from` is the id of the run that wrote `entries` before it was killed.
    """

    run: Run
    entries: dict[str, Any] = field(default_factory=dict)
    resumed_from: str = ""
    _made: Counter[str] = field(default_factory=Counter)

    def key(self, kind: str, content: Any) -> str:
        """The key of this content; a second time within a run it is another one."""
        digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
        self._made[digest] += 1
        return f"{kind}:{digest}:{self._made[digest]}"

    def find(self, key: str) -> Any:
        """What was kept before this run was resumed; None when there is nothing."""
        return self.entries.get(key)

    def keep(self, key: str, data: Mapping[str, Any]) -> None:
        """Write down the outcome (JSON-able, never empty) before anybody acts on it."""
        RunEntry.objects.create(run=self.run, key=key, data=storable(data))


def run_open(request: RunRequest, *, scope: str, prompt_version: str, prompt_hash: str) -> tuple[Run, Journal]:
    """A new run for `request`, with the journal of the run that a killed worker left, if nothing has changed since.

    The run that was left ends as abandoned. A worker that was only thought dead goes on writing to its own row.
    """
    fingerprint = _fingerprint(request, prompt_hash)
    run = Run.objects.create(
        scope=scope,
        origin=request.origin,
        fingerprint=fingerprint,
        prompt_version=prompt_version,
        prompt_hash=prompt_hash,
    )
    if not request.origin or scope == REPLAYS:  # which goes on from nothing, and nothing goes on from it
        return run, Journal(run)
    left = Run.objects.filter(origin=request.origin, state=Run.State.RUNNING).exclude(pk=run.pk)
    recent = left.filter(fingerprint=fingerprint, started_at__gt=timezone.now() - RESUME_WITHIN)
    resumed = recent.order_by("-started_at").first()
    journal = _take_over(resumed, run) if resumed else Journal(run)
    _abandon(left)
    return run, journal


def run_forget(run: Run) -> None:
    """The run has ended: nothing of it will be resumed. What its tools answered stays for a while, for replays."""
    over = run.entries.all()
    (over if run.scope == REPLAYS else over.filter(key__startswith=_MODEL)).delete()


def results_of(run: Run) -> list[dict[str, Any]]:
    """What the tools of `run` answered, in order: {call: [name, arguments], data, error}. Empty once it was purged."""
    rows = run.entries.filter(key__startswith=_TOOL).order_by("created_at", "id")
    return [data for data in rows.values_list("data", flat=True) if "call" in data]


def entries_purge() -> None:
    """Delete what runs left that died and were never resumed, and results that are too old for a replay."""
    now = timezone.now()
    RunEntry.objects.filter(created_at__lt=now - FORGET_AFTER, run__finished_at=None).delete()
    RunEntry.objects.filter(created_at__lt=now - REPLAY_WITHIN).delete()


def _take_over(resumed: Run, run: Run) -> Journal:
    resumed.entries.update(run=run)
    return Journal(run, dict(run.entries.values_list("key", "data")), resumed_from=resumed.pk)


def _abandon(left: QuerySet[Run]) -> None:
    RunEntry.objects.filter(run__in=left).delete()
    left.update(state=Run.State.FAILED, error_code=ABANDONED, finished_at=timezone.now())


def _fingerprint(request: RunRequest, prompt_hash: str) -> str:
    told = [request.subject, request.message, [asdict(turn) for turn in request.history], request.sender_verified]
    return hashlib.sha256(json.dumps([prompt_hash, *told]).encode()).hexdigest()


# --- Requests and replies of models as JSON ---------------------------------------------------------------------------
def request_content(request: ModelRequest) -> list[Any]:
    """What makes a request the same as another: everything the model reads."""
    tools = [asdict(tool) for tool in request.tools]
    output = asdict(request.output) if request.output else None
    return [request.purpose, request.system, [_message_dump(message) for message in request.messages], tools, output]


def reply_dump(reply: ModelReply) -> dict[str, Any]:
    content = [_block_dump(block) for block in reply.message.content]
    return {"content": content, "stop_reason": reply.stop_reason, "model": reply.model, "provider": reply.provider}


def reply_load(data: Mapping[str, Any]) -> ModelReply:
    """The reply again, without its usage: that is in the cost ledger already."""
    message = ModelMessage("assistant", tuple(_block_load(block) for block in data["content"]))
    return ModelReply(message, StopReason(data["stop_reason"]), Usage(), data["model"], data["provider"])


def _message_dump(message: ModelMessage) -> list[Any]:
    return [message.role, [_block_dump(block) for block in message.content]]


def _block_dump(block: ContentBlock) -> dict[str, Any]:
    return {"type": type(block).__name__, **asdict(block)}


def _block_load(data: Mapping[str, Any]) -> Text | ToolUse:
    if data["type"] == "Text":
        return Text(data["text"])
    return ToolUse(data["id"], data["name"], data["input"])

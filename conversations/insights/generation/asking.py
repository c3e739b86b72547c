"""What a model is asked: the prompts in their versions, the events in delimited blocks, what never changes first."""

import hashlib
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from agents.blocks import block_wrap, facts_wrap
from agents.prompts import PromptSet, prompts_load
from agents.providers.base import ModelMessage, ModelRequest, Purpose, Text
from agents.summary import SUMMARY_SCHEMA
from conversations.interactions.types import HistoryEvent

FOLDER = Path(__file__).parent / "prompts"
NAMES = ("system", "task", "repair")
MAX_TOKENS = 900
MAX_REASON_CHARS = 120
# How what models say becomes the text that is shown; raised when the same statements are put together otherwise.
TEXT_VERSION = "1"
_NO_REASON = frozenset({"", "misc", "miscellaneous", "other", "unknown", "none", "general", "default"})


def prompt_version() -> str:
    """The version of all that shapes a summary, e.g. ``1-1-1.1+5f0c2a9e``: of the prompts, of the text made from the
    answer, and a digest of the prompts, so that no edit is forgotten. No model is asked."""
    return version_of(summary_prompts())


def version_of(prompts: PromptSet) -> str:
    """Like `prompt_version`, with other prompts."""
    return _version(prompts.version, prompts.digest)


@cache
def _version(version: str, digest: str) -> str:
    schema = hashlib.sha256(f"{digest}{SUMMARY_SCHEMA.schema}".encode()).hexdigest()
    return f"{version}.{TEXT_VERSION}+{schema[:8]}"


def summary_prompts(folder: Path = FOLDER) -> PromptSet:
    """The prompts of summaries, by default those in use. Raises `PromptInvalid` for a folder without them."""
    return prompts_load(folder, NAMES)


def intent_key(intent: str) -> str:
    """What of an intent shapes the summary, for cache keys: nothing of "misc" and the like."""
    key = " ".join(intent.lower().replace("_", " ").split())[:MAX_REASON_CHARS]
    return "" if key in _NO_REASON else key


def request_make(
    events: tuple[HistoryEvent, ...], *, intent: str, today: date, deadline: float, prompts: PromptSet | None = None
) -> ModelRequest:
    """The first question about `events`, which are numbered from 1 by their place; with `prompts` in the place of those
    in use."""
    prompts = prompts or summary_prompts()
    history = "\n".join(_event_block(number, event) for number, event in enumerate(events, start=1))
    reason = intent_key(intent)
    task = prompts.fill(
        "task",
        facts=facts_wrap({"today": today.isoformat()}),
        reason=block_wrap("reason", reason) if reason else "",
    )
    return ModelRequest(
        purpose=Purpose.SUMMARISE,
        system=prompts.fill("system"),
        messages=(ModelMessage("user", (Text(history), Text(task))),),
        deadline=deadline,
        output=SUMMARY_SCHEMA,
        max_tokens=MAX_TOKENS,
    )


def repair_make(
    request: ModelRequest, reply: ModelMessage, problem: str, *, prompts: PromptSet | None = None
) -> ModelRequest:
    """`request` once more, with what is wrong about its `reply`."""
    again = ModelMessage("user", (Text((prompts or summary_prompts()).fill("repair", problem=problem)),))
    return replace(request, messages=(*request.messages, reply, again))


def _event_block(number: int, event: HistoryEvent) -> str:
    told = {"intent": event.intent, "reference": event.reference, "resolved": _RESOLVED[event.resolved]}
    return block_wrap(
        "event",
        event.text,
        n=str(number),
        at=event.at.isoformat(timespec="minutes"),
        channel=event.channel,
        author=event.author,
        **{name: value for name, value in told.items() if value},
    )


_RESOLVED = {True: "yes", False: "no", None: ""}

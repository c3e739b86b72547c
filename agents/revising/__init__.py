"""A draft made shorter, at the wish of the consultant who is about to send it.

The models of the route are asked one after the other, at last the embedded engine. What comes back may leave things
out and nothing else: a figure or a link that the draft does not have is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agents.blocks import block_wrap
from agents.errors import OutputInvalid
from agents.privacy import Vault
from agents.prompts import PromptSet, prompts_load
from agents.providers.base import ModelMessage, ModelReply, ModelRequest, Purpose, StopReason, Text
from agents.routing import model_open
from agents.words import numbers_in

FOLDER = Path(__file__).parent / "prompts"
NAMES = ("system", "shorten")
MAX_TOKENS = 1024
MAX_CHARS = 20_000  # of a draft
_LINK = re.compile(r"(?:https?://|mailto:|www\.)[^\s)>\]]+", re.IGNORECASE)


@dataclass(frozen=True)
class Shortened:
    text: str
    model_used: str


def draft_shorten(
    *,
    text: str,
    question: str,
    scope: str,
    run_id: str,
    deadline: float,
    personal: Mapping[str, tuple[str, ...]] | None = None,
) -> Shortened:
    """`text` (Markdown) with less of what does not answer `question`. Both are untrusted.

    `scope` and `run_id` go into the cost ledger, `deadline` is a `time.monotonic()` instant, `personal` is hidden from
    models elsewhere. Raises `OutputInvalid` when nobody makes it shorter without changing what it says, and the
    `AgentError` of the last model asked.
    """
    model = model_open(scope=scope, run_id=run_id, deadline=deadline, vault=Vault(personal or {}))
    request = _request(text[:MAX_CHARS], question[:MAX_CHARS], deadline)
    while True:
        try:
            reply = model.converse(request)
            return Shortened(_checked(reply, text), reply.model)
        except OutputInvalid:
            if not model.go_on():
                raise


def shorten_prompts() -> PromptSet:
    return prompts_load(FOLDER, NAMES)


def _request(text: str, question: str, deadline: float) -> ModelRequest:
    prompts = shorten_prompts()
    material = "\n".join((block_wrap("customer_message", question), block_wrap("draft", text)))
    return ModelRequest(
        purpose=Purpose.SHORTEN,
        system=prompts.fill("system"),
        messages=(ModelMessage("user", (Text(material), Text(prompts.fill("shorten")))),),
        deadline=deadline,
        max_tokens=MAX_TOKENS,
    )


def _checked(reply: ModelReply, draft: str) -> str:
    text = reply.text.strip()
    if reply.stop_reason is not StopReason.END_TURN or not text:
        raise OutputInvalid("It did not come to an end.")
    if len(text) >= len(draft.strip()):
        raise OutputInvalid("The draft is as short as it gets.")
    if not numbers_in(text) <= numbers_in(draft) or not set(_LINK.findall(text)) <= set(_LINK.findall(draft)):
        raise OutputInvalid("It says something that the draft does not say.")
    return text

"""Corrections as examples to fine-tune a model with, one JSON object a line, without personal data.

The formats are those of Amazon Bedrock's model customisation
(docs.aws.amazon.com/nova/latest/userguide/fine-tune-prepare-data-understanding.html and
docs.aws.amazon.com/bedrock/latest/userguide/preparing-text-data.html):

- ``nova``: ``{"schemaVersion": "bedrock-conversation-2024", "system": [{"text"}], "messages": [{"role", "content":
  [{"text"}]}]}``; the first turn is the user's and the last the assistant's, and no prompt begins with a reserved word
- ``claude``: ``{"system": "…", "messages": [{"role", "content": "…"}]}``
- ``prompt``: ``{"prompt": "…", "completion": "…"}``, for models that hold no conversation

What is left out, and why, is counted in the manifest.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone

from conversations.answering.answered import Answered, answered_get
from feedback.learning.cleaning import PLACEHOLDERS, personal_remove, with_names
from feedback.models import Correction

Format = Literal["nova", "claude", "prompt"]
FORMATS: tuple[Format, ...] = ("nova", "claude", "prompt")
SCHEMA = "bedrock-conversation-2024"
MOST = 20_000  # records that Bedrock takes in one data set
MAX_CHARS = 20_000  # of one record
SYSTEM = (
    "You answer customers of a company, politely and to the point, with what the company's own documents say. "
    "Placeholders such as [name] stand for personal data."
)
RESERVED = ("User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]")
_RESERVED = re.compile(rf"\A\s*(?:{'|'.join(map(re.escape, RESERVED))})", re.IGNORECASE)
_PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS.values())))


@dataclass(frozen=True)
class Choice:
    """Which corrections: those taken as they were (`as_is`), and those of which at least `least_edited` percent was
    changed, rewritten ones among them. `rejected` are replies written instead of a draft that was thrown away."""

    as_is: bool = True
    edited: bool = True
    least_edited: int = 10
    rejected: bool = True
    category: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass
class Manifest:
    """What a file holds, and what was left out."""

    format: Format
    choice: dict[str, Any]
    made_at: str
    written: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    personal_taken_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> str:
        return json.dumps(vars(self), indent=2, ensure_ascii=False, default=str) + "\n"


def manifest_open(form: Format, choice: Choice) -> Manifest:
    """The manifest of a file that is about to be written."""
    return Manifest(format=form, choice=asdict(choice), made_at=timezone.now().isoformat(timespec="seconds"))


def corrections_lines(manifest: Manifest, choice: Choice) -> Iterator[str]:
    """The lines of the file, each with its end; `manifest` is complete when the last one was read."""
    seen: set[str] = set()
    for correction in _chosen(choice).iterator(chunk_size=200):
        why_not, line = _line(manifest, correction, choice, seen)
        if why_not:
            manifest.left_out[why_not] += 1
        elif manifest.written >= MOST:
            manifest.left_out["more_than_bedrock_takes"] += 1
        else:
            manifest.written += 1
            manifest.kinds[correction.kind] += 1
            yield line


def _chosen(choice: Choice) -> QuerySet[Correction]:
    rows = Correction.objects.order_by("created_at", "pk")
    if choice.category:
        rows = rows.filter(category=choice.category)
    if choice.since:
        rows = rows.filter(created_at__gte=choice.since)
    if choice.until:
        rows = rows.filter(created_at__lt=choice.until)
    return rows


def _line(manifest: Manifest, correction: Correction, choice: Choice, seen: set[str]) -> tuple[str, str]:
    """Why it is left out, or the line."""
    if why_not := _unwanted(correction, choice):
        return why_not, ""
    answered = answered_get(message_id=correction.message_id or "")
    if answered is None or not answered.text.strip() or not answered.question.strip():
        return "erased", ""
    prompt, completion, taken = _texts(answered)
    if why_not := _unfit(prompt, completion):
        return why_not, ""
    line = json.dumps(_record(manifest.format, prompt, completion), ensure_ascii=False) + "\n"
    if line in seen:
        return "same_as_another", ""
    seen.add(line)
    manifest.personal_taken_out.update(taken)
    return "", line


def _unwanted(correction: Correction, choice: Choice) -> str:
    if correction.message_id is None:
        return "no_reply"
    match correction.kind:
        case Correction.Kind.AS_IS:
            return "" if choice.as_is else "as_it_was"
        case Correction.Kind.REJECTED:
            return "" if choice.rejected else "rejected"
    if not choice.edited:
        return "edited"
    return "" if correction.edited_percent >= choice.least_edited else "changed_too_little"


def _texts(answered: Answered) -> tuple[str, str, Mapping[str, int]]:
    personal = with_names(answered.personal, answered.consultant)
    asked = f"{answered.subject}\n\n{answered.question}" if answered.subject else answered.question
    prompt, completion = personal_remove(asked, personal), personal_remove(answered.text, personal)
    return prompt.text.strip(), completion.text.strip(), Counter(prompt.taken) + Counter(completion.taken)


def _unfit(prompt: str, completion: str) -> str:
    if len(prompt) + len(completion) > MAX_CHARS:
        return "too_long"
    if _RESERVED.match(prompt) or _RESERVED.match(completion):
        return "reserved_word"
    return "" if _PLACEHOLDER.sub("", completion).strip() else "nothing_left"


def _record(form: Format, prompt: str, completion: str) -> dict[str, Any]:
    if form == "prompt":
        return {"prompt": prompt, "completion": completion}
    turns = (("user", prompt), ("assistant", completion))
    if form == "claude":
        return {"system": SYSTEM, "messages": [{"role": role, "content": text} for role, text in turns]}
    return {
        "schemaVersion": SCHEMA,
        "system": [{"text": SYSTEM}],
        "messages": [{"role": role, "content": [{"text": text}]} for role, text in turns],
    }

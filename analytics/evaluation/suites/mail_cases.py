"""The cases of ``email_parsing`` and how what we read compares with what they expect."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conversations.mail.parts import mail_parts
from conversations.mail.reading import mail_text
from conversations.mail.signatures import signature_cut
from omnicqm.common.text import text_clean


@dataclass(frozen=True)
class Outcome:
    """One case read. `right` is the strict measure of the data's README. `allowing` also takes what differs where the
    sources disagree with each other or with us on purpose: a sign-off taken off though the case keeps it, a forwarded
    mail kept where nothing stands above it.
    """

    case: dict[str, Any]
    reading: str
    right: bool
    allowing: bool


def outcomes(folder: Path) -> Iterator[Outcome]:
    """The reading of every case under `folder` that expects one (match `fields` expects a parsed header instead)."""
    for line in (folder / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["match"] != "fields":
            reading = _reading(folder / case["file"], case["format"])
            yield Outcome(case, reading, _is_right(case, reading), _is_allowed(case, reading))


def _reading(path: Path, kind: str) -> str:
    if kind == "message/rfc822":
        parts = mail_parts(path.read_bytes())
        return mail_text(text=parts.text, html=parts.html)
    content = text_clean(path.read_text("utf-8"))
    return mail_text(text="", html=content) if kind == "text/html" else mail_text(text=content, html="")


def _is_right(case: dict[str, Any], reading: str) -> bool:
    if case["match"] == "contains":
        words = " ".join(reading.split())
        wanted = [" ".join(part.split()) for part in case["must_contain"]]
        unwanted = [" ".join(part.split()) for part in case["must_not_contain"]]
        return all(part in words for part in wanted) and not any(part in words for part in unwanted)
    return _squeezed(case, reading) == _squeezed(case, case["expected_reply"])


def _is_allowed(case: dict[str, Any], reading: str) -> bool:
    if _is_right(case, reading):
        return True
    if case["match"] == "contains":
        return False
    if not case["expected_reply"]:
        return case["kind"] == "forward" and bool(reading)
    unsigned = "\n".join(signature_cut(case["expected_reply"].split("\n")))
    return case["kind"] == "reply" and _squeezed(case, reading) == _squeezed(case, unsigned)


def _squeezed(case: dict[str, Any], text: str) -> str:
    return ("" if case["match"] == "nospace" else " ").join(text.split())

"""How often the reading of a mail is what the people who wrote five open-source reply parsers expect.

    python benchmarks/mail_reading.py [--data FOLDER] [--show WORD]

Prints the share of right readings per kind, source and language. `right` is the strict measure of the data's README.
`allowing` also counts as right what differs only where the suites disagree among themselves or with us on purpose: a
sign-off taken off although the case keeps it, and the forwarded mail kept where nothing stands above it.
--show lists cases that are not right and whose id, kind or source holds WORD ("" for all).
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conversations.mail.parts import mail_parts
from conversations.mail.reading import mail_text
from conversations.mail.signatures import signature_cut
from omnicqm.common.text import text_clean

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "email_parsing"


@dataclass(frozen=True)
class Outcome:
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


def _table(title: str, found: list[Outcome], group: Callable[[Outcome], str]) -> None:
    print(f"\n{title:32}{'cases':>6}{'right':>8}{'allowing':>10}")
    for name in [*sorted({group(outcome) for outcome in found}), "all"]:
        rows = [outcome for outcome in found if name in ("all", group(outcome))]
        right, allowing = (sum(getattr(row, field) for row in rows) / len(rows) for field in ("right", "allowing"))
        print(f"{name:32}{len(rows):6}{right:8.0%}{allowing:10.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", metavar="WORD")
    options = parser.parse_args()
    found = list(outcomes(options.data))
    for outcome in found:
        name = " ".join(outcome.case[field] for field in ("id", "kind", "source"))
        if options.show is not None and not outcome.right and options.show in name:
            print(f"{name}\n  expected {outcome.case['expected_reply']!r} {outcome.case['must_not_contain'] or ''}")
            print(f"  read     {outcome.reading!r}")
    _table("kind", found, lambda outcome: outcome.case["kind"])
    _table("source", found, lambda outcome: outcome.case["source"])
    _table("language", found, lambda outcome: outcome.case["lang"])


if __name__ == "__main__":
    main()

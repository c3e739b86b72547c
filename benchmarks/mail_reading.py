"""How often the reading of a mail is what the people who wrote five open-source reply parsers expect.

    python benchmarks/mail_reading.py [--data FOLDER] [--show WORD]

Prints the share of right readings per kind, source and language. `right` is the strict measure of the data's README.
`allowing` also counts as right what differs only where the suites disagree among themselves or with us on purpose: a
sign-off taken off although the case keeps it, and the forwarded mail kept where nothing stands above it.
Then how long the slowest of many hostile mails of 100,000 characters takes; above 2 s the exit code is 1.
--show lists cases that are not right and whose id, kind or source holds WORD ("" for all).
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analytics.evaluation.suites.mail_cases import Outcome, outcomes
from conversations.mail.reading import mail_text
from tests.conversations.mail.hostile import LONG_LINES, MARKUP_PIECES, TEXT_PIECES, repeated

MAX_SECONDS = 2.0
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "email_parsing"


def _table(title: str, found: list[Outcome], group: Callable[[Outcome], str]) -> None:
    print(f"\n{title:32}{'cases':>6}{'right':>8}{'allowing':>10}")
    for name in [*sorted({group(outcome) for outcome in found}), "all"]:
        rows = [outcome for outcome in found if name in ("all", group(outcome))]
        right, allowing = (sum(getattr(row, field) for row in rows) / len(rows) for field in ("right", "allowing"))
        print(f"{name:32}{len(rows):6}{right:8.0%}{allowing:10.0%}")


def _seconds(text: str, html: str) -> float:
    """Processor time of one reading: other programs may be busy."""
    started = time.process_time()
    mail_text(text=text, html=html)
    return time.process_time() - started


def _slowest() -> float:
    """Print and return the seconds of the slowest hostile mail."""
    times = {repr(piece): _seconds(repeated(piece), "") for piece in TEXT_PIECES}
    times |= {repr(piece): _seconds("", repeated(piece)) for piece in MARKUP_PIECES}
    times["long lines"] = _seconds(LONG_LINES, "")
    slowest = max(times, key=lambda name: times[name])
    print(f"\nslowest of {len(times)} hostile mails: {times[slowest]:.2f} s, {slowest} (target {MAX_SECONDS:.0f} s)")
    return times[slowest]


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
    if _slowest() > MAX_SECONDS:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""How often the reading of a mail is what the people who wrote five open-source reply parsers expect.

    python benchmarks/mail_reading.py [--data FOLDER] [--show WORD]

Prints the share of right readings per kind, source and language. `right` is the strict measure of the data's README.
`allowing` also counts as right what differs only where the suites disagree among themselves or with us on purpose: a
sign-off taken off although the case keeps it, and the forwarded mail kept where nothing stands above it.
--show lists cases that are not right and whose id, kind or source holds WORD ("" for all).
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.conversations.mail.cases import Outcome, outcomes

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "email_parsing"


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

"""Whether the checks of summaries hold back what is invented and let through what was said.

    python benchmarks/insights_checks.py DATA

DATA is the folder of the shared test data. Summaries written by hand (benchmarks/cases/insights_drafts.yaml) of the
conversations of insights_reading.py are checked against their own conversation and, all of them, against every other
one. Needs no network and no database.
"""

import itertools
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import yaml

from benchmarks.insights_reading import conversations_build

CASES = Path(__file__).parent / "cases" / "insights_drafts.yaml"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    evidence = _evidence(Path(sys.argv[1]))
    right: dict[str, Any] = {}
    for group, cases in yaml.safe_load(CASES.read_text(encoding="utf-8")).items():
        held = {name: _problems(told, evidence[name]) for name, told in cases["right"].items()}
        wrong = [(name, told) for case in cases["wrong"] for name, told in case.items()]
        passed = [f"{name}: {told[-1][1]}" for name, told in wrong if not _problems(told, evidence[name])]
        _tell(group, {name: found for name, found in held.items() if found}, len(held), passed, len(wrong))
        right |= cases["right"]
    pairs = [(one, other) for one, other in itertools.permutations(right, 2) if _thread(one) != _thread(other)]
    strangers = sum(not _problems(right[one], evidence[other]) for one, other in pairs)
    print(f"against another conversation {strangers} of {len(pairs)} pass")
    return 0


def _thread(name: str) -> str:
    """Some threads were answered by two models."""
    return name.removeprefix("h:").partition("<")[0]


def _evidence(data: Path) -> dict[str, Any]:
    from conversations.insights.comparing.samples import samples_read
    from conversations.insights.generation.checks import Evidence
    from conversations.insights.generation.cleaning import events_clean

    rows = list(conversations_build(data))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "conversations.jsonl"
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        samples = samples_read(file, count=len(rows))
    return {sample.id: Evidence(events_clean(sample.history.events).events) for sample in samples}


def _problems(told: list[Any], evidence: Any) -> list[str]:
    from agents.summary import summary_parse
    from conversations.insights.generation.checks import draft_check

    statements = [{"kind": kind, "text": text, "events": events} for kind, text, events in told]
    draft = summary_parse(json.dumps({"matters": [{"subject": "", "statements": statements}], "mood": "calm"}))
    return [problem.text for problem in draft_check(draft, evidence).problems]


def _tell(group: str, held: dict[str, list[str]], right: int, passed: list[str], wrong: int) -> None:
    print(f"{group}: {len(held)} of {right} right ones held back, {len(passed)} of {wrong} wrong ones passed")
    for name, problems in held.items():
        print(f"   held back {name}: {' '.join(problems)}")
    for text in passed:
        print(f"   passed {text}")


if __name__ == "__main__":
    sys.exit(main())

"""What the embedded engine reads out of messages, and what the agent then decides.

    python benchmarks/assessment.py [--data FOLDER]

Needs no network. Prints

- precision and recall of every flag on messages of our own writing (benchmarks/cases): those the cues were written
  with, and those written apart, measured and only then learned from;
- requests for a person in real bank utterances; attacks, abuse and harmless mails of public collections;
- the share of a bank's questions that is answered alone, by kind; and of public-service questions that are asked back;
- the time of a run in a warm process, as wall time and as time of this process.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
CASES = ROOT / "benchmarks" / "cases"
FACTOR_FLAGS = {
    "premium_complaints": "complaint",
    "angry_frustrated_tone": "anger",
    "urgency": "urgency",
    "unclear_info": "unclear",
}
OTHER_FLAGS = {"account_matter": "account", "asked_for_person": "person", "injection": "injection", "safety": "safety"}

Assess = Callable[..., dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    data = parser.parse_args().data
    if not data.is_dir():
        sys.exit(f"There is no test data at {data}. Name its folder with --data.")
    database = Throwaway(ROOT)
    try:
        _django_start(database)
        measure(data)
    finally:
        database.stop()


def _django_start(database: Throwaway) -> None:
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def measure(data: Path) -> None:
    assess = _assessor()
    for name, cases in yaml.safe_load((CASES / "assessment.yaml").read_text()).items():
        cases_measure(name, cases, assess)
    people_measure(_lines(data / "intents" / "nlupp_banking.jsonl"), assess)
    hostile_measure(data / "adversarial", assess)
    decisions_measure(data / "kb_bank")
    asking_back_measure(_lines(data / "kb_public" / "queries.jsonl"), assess)


def _assessor() -> Assess:
    """The engine's assessment of a message of which nothing is known."""
    from agents.providers.local.assessing import assessment_make
    from agents.providers.local.dossier import Dossier, EarlierTurn
    from agents.selectors import category_list

    facts, nothing = {"categories": category_list()}, frozenset()

    def assess(message: str, turns: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
        earlier = tuple(EarlierTurn(author, text) for author, text in turns)
        return assessment_make(Dossier("", message, "", earlier, facts, (), nothing, nothing))

    return assess


# --- Flags -----------------------------------------------------------------------------------------------------------
def cases_measure(name: str, cases: list[dict[str, Any]], assess: Assess) -> None:
    right, false, missed = Counter(), Counter(), Counter()
    topics = 0
    for case in cases:
        found = assess(case["text"])
        said, wanted = flags_of(found), set(case["says"])
        if "foreign" in wanted:
            said &= {"foreign"}  # nothing else can be read in it
        right.update(said & wanted)
        false.update(said - wanted)
        missed.update(wanted - said)
        topics += found["factors"]["multiple_topics"]["count"] + 1 == case.get("topics", 1)
    print(f"\n{name}: {len(cases)} messages; number of topics right in {topics}")
    for flag in sorted(right | false | missed):
        print(f"  {flag:<10} {_precision_recall(right[flag], false[flag], missed[flag])}")


def flags_of(found: dict[str, Any]) -> set[str]:
    said = {short for factor, short in FACTOR_FLAGS.items() if found["factors"][factor]["count"]}
    said |= {short for flag, short in OTHER_FLAGS.items() if found[flag]}
    said |= {found["smalltalk"]} - {""}
    return said | ({"foreign"} if found["language"] != "en" else set())


def _precision_recall(right: int, false: int, missed: int) -> str:
    precision = right / (right + false) if right + false else float("nan")
    recall = right / (right + missed) if right + missed else float("nan")
    return f"precision {precision:.2f}  recall {recall:.2f}  ({right} right, {false} false, {missed} missed)"


def people_measure(rows: list[dict[str, Any]], assess: Assess) -> None:
    pairs = Counter((assess(row["text"])["asked_for_person"], "handoff" in row["intents"]) for row in rows)
    print(f"\nasks for a person, {len(rows)} bank utterances")
    print(f"  {_precision_recall(pairs[True, True], pairs[True, False], pairs[False, True])}")


def hostile_measure(folder: Path, assess: Assess) -> None:
    print("\nhostile and harmless text, share flagged")
    for file, flag in (("prompts.jsonl", "injection"), ("abusive_text.jsonl", "safety")):
        rows = _lines(folder / file)
        for kind in sorted({row["kind"] for row in rows}):
            _share_print(f"{flag}: {kind}", [assess(row["text"])[flag] for row in rows if row["kind"] == kind])
    mails = [
        assess(f"{row['context']}\n{row['question']}") for row in _lines(folder / "email_injection_contexts.jsonl")
    ]
    for flag in ("injection", "safety"):
        _share_print(f"{flag}: harmless business mails", [mail[flag] for mail in mails])


def asking_back_measure(rows: list[dict[str, Any]], assess: Assess) -> None:
    print("\nasked back, public-service questions")
    for kind in sorted({row["answerability"] for row in rows}):
        unclear = [assess(row["text"], _turns(row))["underspecified"] for row in rows if row["answerability"] == kind]
        _share_print(kind, unclear)


def _turns(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [("customer" if turn["role"] == "customer" else "assistant", turn["text"]) for turn in row["history"]]


# --- Decisions -------------------------------------------------------------------------------------------------------
def decisions_measure(folder: Path) -> None:
    """Runs of a bank's questions over its pages, by verified senders who are not Premium."""
    _load(folder / "docs.jsonl")
    rows = _lines(folder / "queries.jsonl")
    _run(rows[0]["text"])  # whatever is loaded on first use
    decisions: dict[str, Counter[str]] = {}
    wall, own = [], []
    for row in rows:
        started, used = time.perf_counter(), time.process_time()
        decisions.setdefault(row["kind"], Counter())[_run(row["text"])] += 1
        wall.append((time.perf_counter() - started) * 1000)
        own.append((time.process_time() - used) * 1000)
    print("\ndecisions, bank questions")
    for kind, counts in decisions.items():
        print(f"  {kind:<16} {dict(counts)}")
    print(f"\na run: median {statistics.median(wall):.0f} ms, p95 {_p95(wall):.0f} ms on the clock;", end=" ")
    print(f"median {statistics.median(own):.0f} ms, p95 {_p95(own):.0f} ms of this process")


def _run(message: str) -> str:
    from agents.services import run_execute
    from agents.types import Factor, RunRequest

    standard = frozenset({Factor.PREMIUM_COMPLAINTS})
    request = RunRequest("benchmark", "", message, sender_verified=True, inapplicable_factors=standard)
    return run_execute(request).decision.value


def _load(file: Path) -> None:
    from knowledge.services import upload_create, versions_sweep

    upload_create(data=file.read_bytes(), name=file.name, source="benchmark", actor="system:benchmark")
    versions_sweep(seconds=600)


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def _share_print(name: str, flagged: list[bool]) -> None:
    print(f"  {name:<36} {sum(flagged)}/{len(flagged)}  {sum(flagged) / len(flagged):.2f}")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


if __name__ == "__main__":
    main()

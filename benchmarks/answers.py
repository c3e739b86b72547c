"""How well the embedded engine answers what customers of the demo's company ask, alone and within a thread.

    python benchmarks/answers.py

Needs no network and no test data. The cases are in benchmarks/cases; an answer is right when it holds what was asked
for and none of what was not. Prints the share that is right and the length of a reply for each group of cases; the
exit code is 1 when a group that the engine answers no longer is.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
ANSWERED = {"answered", "alone", "leaning"}


def main() -> int:
    database = Throwaway(ROOT)
    try:
        _django_start(database)
        return measure()
    finally:
        database.stop()


def _django_start(database: Throwaway) -> None:
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def measure() -> int:
    from knowledge.services import upload_create, versions_sweep
    from tests.agents.engine.cases import cases_read, customer_articles

    for name, data in customer_articles():
        upload_create(data=data, name=name, source="benchmark", actor="system:benchmark")
    versions_sweep(seconds=600)
    failed = 0
    for file in ("questions", "follow_ups"):
        for group, cases in cases_read(file).items():
            right = group_measure(f"{file}, {group}", cases)
            failed += group in ANSWERED and right < len(cases)
    return int(failed > 0)


def group_measure(name: str, cases: list) -> int:
    """Ask every case, print what is wrong and the figures; how many are right."""
    from tests.agents.engine.cases import case_run

    right, characters = 0, 0
    for case in cases:
        result = case_run(case, _run)
        wrong = case.wrong_in(result)
        right += not wrong
        characters += len(result.reply_text)
        if wrong:
            print(f"  {case} ({result.decision}): {'; '.join(wrong)}")
    print(f"{name:<24} right {right}/{len(cases)}, {characters // len(cases)} characters a reply")
    return right


def _run(message: str, **options):
    from agents.services import run_execute
    from agents.types import RunRequest

    return run_execute(RunRequest(scope="benchmark", subject="", message=message, **options))


if __name__ == "__main__":
    sys.exit(main())

"""What tracing adds to a run in its own process, measured in pairs.

    python benchmarks/tracing.py [--pairs 150]

Needs no network and no test data: the embedded engine answers questions about the demo's company on a throwaway
PostgreSQL. Each pair is the same question asked with tracing on and off, in turn first; what is compared is within a
pair. Prints the median and mean of what tracing adds (with a 95 % interval of the mean) and the run's own time. Then
writes all traces to a real MLflow database, and prints how long one takes, which is side work. The exit code is 1 when
the median, or the lower end of the interval, is above 3 ms.
"""

import argparse
import gc
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
TARGET_MS = 3.0
WARM_UP = 10
NAME = "omnicqm_mlflow"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairs", type=int, default=150)
    given = arguments.parse_args()
    database = Throwaway(ROOT)
    try:
        uri = _django_start(database)
        return measure(given.pairs, uri)
    finally:
        database.stop()


def _django_start(database: Throwaway) -> str:
    """The address of MLflow's database."""
    os.environ |= {"DATABASE_URL": database.url, "OMNICQM_HOME": database.home, "SECRET_KEY": "only-for-benchmarks"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return f"postgresql+psycopg{database.url.removeprefix('postgresql').rpartition('/')[0]}/{NAME}"


def measure(pairs: int, uri: str) -> int:
    from knowledge.services import upload_create, versions_sweep
    from tests.agents.engine.cases import cases_read, customer_articles

    for name, data in customer_articles():
        upload_create(data=data, name=name, source="benchmark", actor="system:benchmark")
    versions_sweep(seconds=600)
    questions = [case.ask for cases in cases_read("questions").values() for case in cases]
    for number in range(WARM_UP):
        _run_ms(questions[number % len(questions)], uri if number % 2 else "")
    gc.freeze()
    added, plain = [], []
    for number in range(pairs):
        question = questions[number % len(questions)]
        with_first = number % 2 == 0
        times = {on: _run_ms(question, uri if on else "") for on in (with_first, not with_first)}
        added.append(times[True] - times[False])
        plain.append(times[False])
    return _report(added, plain) | _export(uri)


def _run_ms(question: str, uri: str) -> float:
    from django.conf import settings

    from agents.services import run_execute
    from agents.types import RunRequest

    settings.MLFLOW_TRACKING_URI = uri
    request = RunRequest(
        scope="benchmark", subject="", message=question, session="cnv_1", subject_id="someone",
        personal={"NAME": ("Amelia Hart",), "ADDRESS": ("74 Any Street",), "ACCOUNT": ("OE-20671",)},
    )  # fmt: skip
    started = time.perf_counter()
    run_execute(request)
    return (time.perf_counter() - started) * 1000


def _report(added: list[float], plain: list[float]) -> int:
    median, mean = statistics.median(added), statistics.fmean(added)
    half = 1.96 * statistics.stdev(added) / len(added) ** 0.5
    print(f"{len(added)} pairs; a run without tracing: median {statistics.median(plain):.1f} ms")
    print(f"tracing adds: median {median:+.2f} ms, mean {mean:+.2f} ms (95 % {mean - half:+.2f} to {mean + half:+.2f})")
    return int(median > TARGET_MS or mean - half > TARGET_MS)


def _export(uri: str) -> int:
    from django.conf import settings

    from agents.models import RunTrace
    from agents.tracing.exporting import traces_export
    from agents.tracing.preparing import database_prepare

    settings.MLFLOW_TRACKING_URI, settings.MLFLOW_ARTIFACTS = uri, ""
    started = time.perf_counter()
    database_prepare(os.environ["DATABASE_URL"], uri)
    print(f"preparing MLflow's database, once: {time.perf_counter() - started:.1f} s")
    started, written = time.perf_counter(), 0
    while done := traces_export():
        written += done
    seconds = time.perf_counter() - started
    left = RunTrace.objects.filter(state="pending").count()
    print(f"written by the side worker: {written} traces, {seconds / max(1, written) * 1000:.0f} ms each; {left} left")
    return int(left > 0)


if __name__ == "__main__":
    sys.exit(main())

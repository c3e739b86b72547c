"""What tracing adds to a run in its own process, measured in pairs.

    python benchmarks/tracing.py [--pairs 150] [--mlflow stopped|hanging|full ...]

Needs no network and no test data: the embedded engine answers questions about the demo's company on a throwaway
PostgreSQL. Each pair is the same question asked with tracing on and off, in turn first; what is compared is within a
pair. Prints the median and mean of what tracing adds (with a 95 % interval of the mean) and the run's own time. Then
writes all traces to a real MLflow database, and prints how long one takes, which is side work. The exit code is 1 when
the median, or the lower end of the interval, is above 3 ms.

With --mlflow the same is measured while MLflow is away, once per word, with a side worker at work all the while in a
process of its own: *stopped*, nobody listens at its address; *hanging*, it takes connections and never answers; *full*,
so many traces wait that new ones are dropped. What counts then is the 95th percentile of what is added to a run, and of
the runs themselves: the exit code is 1 when either is more than 50 ms.
"""

import argparse
import gc
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.throwaway import Throwaway

ROOT = Path(__file__).resolve().parent.parent
TARGET_MS, AWAY_TARGET_MS = 3.0, 50.0
AWAY = ("stopped", "hanging", "full")
MOST_WAITING = 5  # traces, when it is to be full
SIDE_WORKER = """
import django; django.setup()
import time
from django.conf import settings
from agents.tracing import bounds
from agents.tracing.exporting import traces_export
bounds.MAX_PENDING = {most}
settings.MLFLOW_TRACKING_URI = {uri!r}
traces_export()  # its first one loads MLflow's client
print("ready", flush=True)
while True:
    traces_export()
    time.sleep(0.2)
"""
WARM_UP = 40
NAME = "omnicqm_mlflow"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pairs", type=int, default=150)
    arguments.add_argument("--mlflow", nargs="+", choices=AWAY, default=[], help="measure while it is away")
    given = arguments.parse_args()
    database = Throwaway(ROOT)
    try:
        uri = _django_start(database)
        return measure(given.pairs, uri, given.mlflow)
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


def measure(pairs: int, uri: str, away: list[str]) -> int:
    from knowledge.services import upload_create, versions_sweep
    from tests.agents.engine.cases import cases_read, customer_articles

    for name, data in customer_articles():
        upload_create(data=data, name=name, source="benchmark", actor="system:benchmark")
    versions_sweep(seconds=600)
    questions = [case.ask for cases in cases_read("questions").values() for case in cases]
    for number in range(WARM_UP):
        _run_ms(questions[number % len(questions)], uri if number % 2 else "")
    gc.freeze()
    if away:
        return max([_away(how, pairs, questions) for how in away])
    return _report(*_pairs(pairs, questions, uri)) | _export(uri)


def _pairs(pairs: int, questions: list[str], uri: str) -> tuple[list[float], list[float]]:
    """Milliseconds that tracing added, and of the runs without it."""
    added, plain = [], []
    for number in range(pairs):
        question = questions[number % len(questions)]
        with_first = number % 2 == 0
        times = {on: _run_ms(question, uri if on else "") for on in (with_first, not with_first)}
        added.append(times[True] - times[False])
        plain.append(times[False])
    return added, plain


def _until_ready(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout
    if not any(line == "ready\n" for line in worker.stdout):  # its log goes there too
        raise SystemExit("The side worker did not start.")
    threading.Thread(target=worker.stdout.read, daemon=True).start()  # nobody reads on, and a full pipe would stop it


def _away(how: str, pairs: int, questions: list[str]) -> int:
    """Measure while MLflow is away in this way."""
    from agents.models import RunTrace

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if how != "stopped":
            listener.listen(128)  # connections are taken and nobody ever answers
        uri = f"http://127.0.0.1:{listener.getsockname()[1]}"
        program = SIDE_WORKER.format(uri=uri, most=MOST_WAITING if how == "full" else 50_000)
        command = [sys.executable, "-c", program]
        worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            _until_ready(worker)
            added, plain = _pairs(pairs, questions, uri)
        finally:
            worker.kill()
            worker.wait()
    states = [RunTrace.objects.filter(state=state).count() for state in ("pending", "exported", "dropped")]
    ranks = [statistics.quantiles(times, n=20)[-1] for times in (added, plain)]
    with_it = statistics.quantiles([a + p for a, p in zip(added, plain, strict=True)], n=20)[-1]
    print(
        f"MLflow {how}: {pairs} pairs; added: median {statistics.median(added):+.2f} ms, p95 {ranks[0]:+.2f} ms;"
        f" p95 of runs: {ranks[1]:.1f} ms without, {with_it:.1f} ms with tracing ({with_it - ranks[1]:+.1f} ms);"
        f" traces pending, exported, dropped: {states}",
        flush=True,
    )
    RunTrace.objects.all().delete()
    return int(max(ranks[0], with_it - ranks[1]) > AWAY_TARGET_MS)


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

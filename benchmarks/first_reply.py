"""How long a customer waits: from the 202 of `POST /api/v1/query` to the answer at its status URL.

    python benchmarks/first_reply.py                          starts an installation of its own, with the demo data
    python benchmarks/first_reply.py --base-url http://localhost:8000 --client-id … --client-secret …

Prints median and p95 in milliseconds; the exit code is 1 when the median is not below the target.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.running import running

TARGET_MS = 1000
POLL_SECONDS = 0.01
PATIENCE_SECONDS = 60
QUESTIONS = (
    "How much does delivery cost for a parcel?",
    "How long do I have to send something back?",
    "Can I pick up my order in a store?",
    "What does the assembly service cost?",
    "How do I order a spare part?",
    "My table arrived damaged. What do I do?",
    "Do you take my old mattress back?",
    "How long is the warranty on a sofa?",
    "Can I pay in instalments?",
    "How do I check the balance of a gift card?",
    "Do you match the price of another shop?",
    "Can I still change my order?",
)


@dataclass(frozen=True)
class Reply:
    """One measured query: how it ended and the milliseconds from its 202 to its answer."""

    status: str
    milliseconds: float


class Caller:
    """A client of the API with a token."""

    def __init__(self, base_url: str, client_id: str, client_secret: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=30)
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        token = self._http.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def ask(self, question: str) -> Reply:
        """Send `question` as a new customer's mail and wait for its end."""
        sender = f"bench-{uuid.uuid4().hex[:12]}@example.com"
        body = {"channel_id": "outlook", "user_id": sender, "message": question, "external_id": f"<{sender}>"}
        accepted = self._http.post("/api/v1/query", json=body)
        started = time.perf_counter()
        if accepted.status_code != 202:
            raise SystemExit(f"The query was not accepted: {accepted.status_code} {accepted.text[:300]}")
        status = self._wait(f"/api/v1/queries/{accepted.json()['request_id']}", started + PATIENCE_SECONDS)
        return Reply(status, (time.perf_counter() - started) * 1000)

    def _wait(self, url: str, until: float) -> str:
        while time.perf_counter() < until:
            answer = self._http.get(url)
            if answer.status_code == 200:
                return str(answer.json()["status"])
            time.sleep(POLL_SECONDS)
        raise SystemExit(f"No answer within {PATIENCE_SECONDS} s.")


def measure(caller: Caller, count: int, at_once: int) -> list[Reply]:
    """`count` queries, `at_once` of them waiting at any time."""
    questions = [QUESTIONS[number % len(QUESTIONS)] for number in range(count)]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(caller.ask, questions))


def summary(name: str, replies: list[Reply]) -> dict[str, object]:
    times = sorted(reply.milliseconds for reply in replies)
    ends = [reply.status for reply in replies]
    return {
        "name": name,
        "queries": len(times),
        "median_ms": round(statistics.median(times)),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1]),
        "slowest_ms": round(times[-1]),
        "ended": {status: ends.count(status) for status in sorted(set(ends))},
    }


@contextmanager
def system(options: argparse.Namespace) -> Iterator[Caller]:
    """A caller of the system named on the command line, or of a fresh one."""
    if options.base_url:
        yield Caller(options.base_url, options.client_id, options.client_secret)
        return
    print("Starting an installation of its own …", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "var") as started:
        credentials = started.credentials
        yield Caller(started.base_url, credentials["client_id"], credentials["client_secret"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", help="a running system; without it one is started")
    parser.add_argument("--client-id", default="")
    parser.add_argument("--client-secret", default="")
    parser.add_argument("--count", type=int, default=60, help="queries a measurement (default 60)")
    options = parser.parse_args()
    with system(options) as caller:
        first = caller.ask(QUESTIONS[0])
        results = [
            {"name": "the very first", "milliseconds": round(first.milliseconds), "ended": first.status},
            summary("one after another", measure(caller, options.count, at_once=1)),
            summary("four at once", measure(caller, options.count, at_once=4)),
        ]
    for result in results:
        print(json.dumps(result))
    median = int(str(results[1]["median_ms"]))
    print(f"median {median} ms, target below {TARGET_MS} ms: {'met' if median < TARGET_MS else 'MISSED'}")
    return 0 if median < TARGET_MS else 1


if __name__ == "__main__":
    sys.exit(main())

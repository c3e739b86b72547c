"""How fast, and how surely, a message reaches a thousand open chats.

    python benchmarks/chat_sockets.py [--seconds 300] [--sockets 1000]

Everything is on one machine: `manage.py up` as it is (two web processes, worker, scheduler, PostgreSQL, Valkey), a
process that holds all pages open, and one that says something in every conversation once in five seconds: one message
in fifty by the service that stores what consultants say, the others in the same rows, told in the same way, but by the
dozen, because 200 people at work have other machines. So each page is pushed a message every five seconds; every
eleventh customer has a second page, in another tab or on another device. Of the pages 5 % a minute go away, half of
them without a word, and come back within five seconds; customers type a message every two seconds, each of which the
agent drafts an answer to for the consultant, writes a brief of and traces, on the same machine. Measured

- pushes: from the moment storing it began, and from its commit, until a page had the message;
- gaps, and messages sent twice to a page that was not just resuming; at the end every page has to show exactly what the
  database holds;
- accepted: from the moment a typed message was sent until the page was told that it is stored; while people speak this
  is only told, for the agents and those who speak take turns with it on the same cores;
- memory: by how much the web processes grew in between.

Afterwards, with all pages still open, newcomers ask a question each, one after the other, which a simulated model
answers at the pace of a model:

- accepted, as above, held to its target;
- first sentence: from the moment the model had written it until the page had it.

`busy` is the share of the machine, all its cores, that each part took. The exit code is 1 when a target is missed.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.chat_load.measured import Shown, milliseconds, quantile
from benchmarks.chat_load.system import Chatting, Process, chatting, pages_quiet, result_of
from benchmarks.first_reply import QUESTIONS
from benchmarks.insight_load.system import use_of

PUSH_P95_MS, ACCEPTED_P95_MS, SENTENCE_P95_MS, GROWTH_SHARE = 500, 150, 300, 0.05
EVERY_SECONDS, CHURN, TYPED, NEWCOMERS = 5.0, 0.05, 0.5, 40


class Bench:
    def __init__(self, running: Chatting) -> None:
        self._running = running
        self.missed: list[str] = []

    def measure(self, sockets: int, seconds: float) -> None:
        self._tell("makes visitors")
        visitors = self._running.visitors(sockets, NEWCOMERS)
        self._tell("opens pages")
        load = {**visitors, "churn": CHURN, "typed": TYPED, "questions": QUESTIONS}
        pages = self._running.pages_open(load)
        conversations = list(dict.fromkeys(conversation for _, conversation in visitors["pages"]))
        people = self._running.people_begin(
            {"conversations": conversations, "every": EVERY_SECONDS, "seconds": seconds}
        )
        self._tell("people speak")
        said, megabytes = self._watched(people, pages, seconds)
        pages_quiet(pages)
        self._tell("newcomers ask")
        told = result_of(pages)
        shown = Shown(told["pages"], said, self._running.messages(), megabytes)
        self._pushes_judge(shown, told["reconnects"])
        print(json.dumps({"name": f"accepted, {TYPED:g} typed a second", **milliseconds(told["accepted"])}), flush=True)
        self._sentences_judge(told["answers"])

    def _tell(self, what: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)

    def _watched(self, people: Process, pages: Process, seconds: float) -> tuple[list[Any], list[float]]:
        """What the people said, and the sizes of the web processes meanwhile."""
        time.sleep(4)  # until those who speak have loaded what they need
        parts = {**self._running.system.children, "pages": pages.pid, "people": people.pid}
        before, began, sizes, ended = use_of(parts), time.monotonic(), list[float](), threading.Event()
        watch = threading.Thread(target=self._sizes_watch, args=(sizes, ended))
        watch.start()
        if ended.wait(max(seconds - 4, 1)):  # its processes are counted while all of them live
            raise AssertionError
        used, passed = use_of(parts).since(before), time.monotonic() - began
        said = result_of(people)
        ended.set()
        watch.join()
        shares = {part: used[part] / passed / (psutil.cpu_count() or 1) for part in sorted(used)}
        print(json.dumps({"name": "busy", **{part: f"{share:.0%}" for part, share in shares.items()}}), flush=True)
        return said, sizes

    def _sizes_watch(self, sizes: list[float], ended: threading.Event) -> None:
        while not ended.wait(2):
            children = self._running.system.children
            megabytes = use_of({name: pid for name, pid in children.items() if name.startswith("web")}).megabytes
            sizes.append(sum(megabytes.values()))

    def _pushes_judge(self, shown: Shown, reconnects: int) -> None:
        pushes = shown.pushes(since=1)
        counts = {"pages": len(shown.pages), "said": len(shown.said), "pushes": len(pushes), "reconnects": reconnects}
        names = ("gaps", "twice", "again", "lost")
        counts |= {name: shown.total(name) for name in names} | {"unequal": shown.unequal}
        late = [called - due for _, _, due, called, _, _ in shown.said]
        stored = [committed - called for _, _, _, called, committed, by_service in shown.said if by_service]
        for name, values in (
            ("pushed since it was being stored", pushes),
            ("pushed since it was committed", shown.pushes(since=2)),
            ("stored by the service", stored),
            ("people late", late),
        ):
            print(json.dumps({"name": name, **milliseconds(values)}), flush=True)
        print(json.dumps({"name": "shown", **counts, "errors": shown.errors}), flush=True)
        self._judge("pushes: no gap, none twice", not (counts["gaps"] or counts["twice"]))
        self._judge("pushes: every page shows what the database holds", not counts["unequal"])
        self._judge(
            f"pushes: p95 at most {PUSH_P95_MS} ms since it was being stored",
            quantile(pushes, 95) * 1000 <= PUSH_P95_MS,
        )
        sizes = [round(size) for size in shown.megabytes]
        print(json.dumps({"name": "memory", "web_megabytes": sizes[:: max(len(sizes) // 12, 1)]}), flush=True)
        self._judge(f"memory: grew by {shown.growth:.1%}, at most {GROWTH_SHARE:.0%}", shown.growth <= GROWTH_SHARE)

    def _sentences_judge(self, answers: Sequence[Mapping[str, Any]]) -> None:
        written = self._running.model_moments()
        waited = [found for answer in answers if (found := _since_written(answer, written)) is not None]
        accepted = [answer["accepted"] for answer in answers]
        print(json.dumps({"name": "accepted, asked one after the other", **milliseconds(accepted)}), flush=True)
        self._judge(f"accepted: p95 at most {ACCEPTED_P95_MS} ms", quantile(accepted, 95) * 1000 <= ACCEPTED_P95_MS)
        told = {"questions": len(answers), "streamed": len(waited), **milliseconds(waited)}
        print(json.dumps({"name": "first sentence since written", **told}), flush=True)
        enough = len(waited) >= len(answers) / 2
        fast = enough and quantile(waited, 95) * 1000 <= SENTENCE_P95_MS
        self._judge(f"first sentence: p95 at most {SENTENCE_P95_MS} ms", fast)

    def _judge(self, what: str, met: bool) -> None:
        print(f"{what}: {'met' if met else 'MISSED'}", flush=True)
        self.missed += [] if met else [what]


def _since_written(answer: Mapping[str, Any], written: Sequence[float]) -> float | None:
    """Seconds from the model's first sentence to the page; None for a question that was not answered by it."""
    if answer["first_delta"] is None:
        return None
    moments = [moment for moment in written if answer["asked"] < moment <= answer["first_delta"]]
    return answer["first_delta"] - moments[0] if moments else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300, help="of pushes (default 300)")
    parser.add_argument("--sockets", type=int, default=1000, help="pages that are open (default 1000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chatting(Path(folder) / "var") as running:
        bench = Bench(running)
        bench.measure(options.sockets, options.seconds)
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())

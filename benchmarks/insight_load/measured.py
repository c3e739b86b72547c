"""What a load measured, and how it is told."""

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil

from benchmarks.insight_load.latency import marker_of, model_seconds

P95_SECONDS, P99_SECONDS, ERROR_SHARE = 5.0, 8.0, 0.005


@dataclass(frozen=True)
class Answer:
    """One answer: `at` seconds after the load began, `status` 0 when there was none."""

    at: float
    milliseconds: float
    status: int
    account: str
    model_used: str | None
    cached: bool
    server_ms: int | None
    retry_after: str | None

    @property
    def own_ms(self) -> float:
        """What was not the model's."""
        return self.milliseconds - model_seconds(marker_of(self.account)) * 1000

    @classmethod
    def read(cls, told: list[Any]) -> "Answer":
        """From what the generator prints."""
        at, ms, status, account, model, cached, server, retry = told
        return cls(at, ms, status, account, model, cached == "true", int(server) if server else None, retry)


@dataclass
class Measured:
    """The answers of one load, with the processor seconds that each part used. `megabytes` is the size of the web
    processes as time went by."""

    name: str
    answers: list[Answer]
    used: dict[str, float]
    megabytes: list[float] = field(default_factory=list)

    @property
    def good(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.status == 200]

    @property
    def error_share(self) -> float:
        return 1 - len(self.good) / len(self.answers)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.good) / self.seconds

    @property
    def seconds(self) -> float:
        return max(answer.at + answer.milliseconds / 1000 for answer in self.answers)

    @property
    def busy(self) -> dict[str, str]:
        """The share of the machine, all its cores, of those that took at least one percent."""
        shares = {part: used / self.seconds / (psutil.cpu_count() or 1) for part, used in sorted(self.used.items())}
        return {part: f"{share:.0%}" for part, share in shares.items() if share >= 0.005}

    @property
    def cpu_ms(self) -> float:
        """Of the product, for each request."""
        ours = sum(used for part, used in self.used.items() if part not in ("generator", "model"))
        return ours * 1000 / len(self.answers)

    @property
    def most_ms(self) -> float:
        return max(answer.milliseconds for answer in self.answers)

    @property
    def hit_share(self) -> float:
        return sum(answer.cached for answer in self.good) / max(len(self.good), 1)

    @property
    def is_fast(self) -> bool:
        in_time = self.quantile(95) < P95_SECONDS * 1000 and self.quantile(99) < P99_SECONDS * 1000
        return in_time and self.error_share < ERROR_SHARE

    @property
    def growth(self) -> float:
        """By which share the web processes were larger in the last third than in the first."""
        third = max(len(self.megabytes) // 3, 1)
        return statistics.median(self.megabytes[-third:]) / statistics.median(self.megabytes[:third]) - 1

    def quantile(self, percent: int, of: Callable[[Answer], float] = lambda answer: answer.milliseconds) -> float:
        return statistics.quantiles(map(of, self.good), n=100)[percent - 1] if len(self.good) > 1 else float("inf")

    def told(self) -> dict[str, Any]:
        times = {f"p{percent}_ms": round(self.quantile(percent)) for percent in (50, 95, 99)} if self.good else {}
        return {
            "name": self.name,
            "requests": len(self.answers),
            "a_second": round(self.rate, 1),
            **times,
            "most_ms": round(self.most_ms),
            "statuses": dict(sorted(Counter(answer.status for answer in self.answers).items())),
            "models": dict(Counter(str(answer.model_used).split(".")[-1][:24] for answer in self.answers)),
            "cached": f"{self.hit_share:.0%}",
            "busy": self.busy,
            "cpu_ms_a_request": round(self.cpu_ms, 1),
        }

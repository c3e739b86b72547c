"""The prompt cache: which prefix of a request is read from it, and which is written."""

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from tests.simulators.bedrock.blocks import Block, request_blocks
from tests.simulators.bedrock.models import CacheRules
from tests.simulators.bedrock.tokens import block_tokens

TTL_SECONDS = {"5m": 300.0, "1h": 3600.0}


@dataclass(frozen=True)
class Split:
    """The input tokens of a call. `written` holds those of each ttl."""

    uncached: int
    read: int
    written: Mapping[str, int]


class PromptCache:
    """Prefixes by model, each kept until its time to live has passed since it was last used. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._expires: dict[tuple[str, str], tuple[float, str]] = {}
        self._lock = threading.Lock()

    def split(self, model_id: str, body: Mapping[str, Any], rules: CacheRules) -> Split:
        """Account for one call and remember its prefixes."""
        row = _Row(list(request_blocks(body)))
        with self._lock:
            points = [index for index in row.points if _kept(row.tokens[index], rules)]
            read = self._longest_known(model_id, row, points, rules.look_back)
            written = self._write(model_id, row, points, row.tokens[read] if read is not None else 0)
        total, known = row.tokens[-1], row.tokens[read] if read is not None else 0
        return Split(total - known - sum(written.values()), known, written)

    def _longest_known(self, model_id: str, row: "_Row", points: Sequence[int], look_back: int) -> int | None:
        """The index of the block up to which the prefix is known. Its time to live begins anew."""
        now = self._clock()
        for point in reversed(points):
            for index in range(point, max(point - look_back, 0) - 1, -1):
                key = model_id, row.prefixes[index]
                until, ttl = self._expires.get(key, (0.0, "5m"))
                if until > now:
                    self._expires[key] = now + TTL_SECONDS[ttl], ttl
                    return index
        return None

    def _write(self, model_id: str, row: "_Row", points: Sequence[int], known: int) -> dict[str, int]:
        written: dict[str, int] = {}
        for point in points:
            if row.tokens[point] > known:
                ttl = row.blocks[point].ttl
                written[ttl] = written.get(ttl, 0) + row.tokens[point] - known
                known = row.tokens[point]
                self._expires[model_id, row.prefixes[point]] = self._clock() + TTL_SECONDS[ttl], ttl
        return written


class _Row:
    """The blocks of a request with, for each, the digest and the tokens of everything up to it."""

    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self.points = [index for index, block in enumerate(blocks) if block.is_cache_point]
        self.tokens = list(accumulate(block_tokens(block.data) for block in blocks))
        self.prefixes = list(_digests(blocks))


def _digests(blocks: list[Block]) -> list[str]:
    """Cache points themselves do not count: moving one leaves the prefix what it is."""
    digest, found = hashlib.sha256(), []
    for block in blocks:
        if not block.is_cache_point:
            digest.update(block.text.encode() + b"\0")
        found.append(digest.hexdigest())
    return found


def _kept(tokens: int, rules: CacheRules) -> bool:
    return rules.least_tokens <= tokens <= (rules.most_tokens or tokens)

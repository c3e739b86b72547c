"""How good a ranking of documents is, 0 to 1, when `gold` are those that should be found."""

import math
from collections.abc import Sequence


def recall(ranked: Sequence[str], gold: Sequence[str], at: int = 5) -> float:
    """The share of `gold` among the first `at`."""
    return len(set(ranked[:at]) & set(gold)) / len(gold)


def ndcg(ranked: Sequence[str], gold: Sequence[str], at: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `at`, every one of `gold` worth the same."""
    gained = sum(1 / math.log2(rank + 2) for rank, name in enumerate(ranked[:at]) if name in gold)
    return gained / sum(1 / math.log2(rank + 2) for rank in range(min(at, len(gold))))

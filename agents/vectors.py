"""The factor vector: what of a run is judged whatever weights and threshold say, and what the gate makes of it.

A run is decided by it, it is kept with the run, and whoever asks what another threshold or other weights would have
done asks the same function.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.factors import factors_weigh, score_compute
from agents.gate import Signals
from agents.types import Blocker, Factor

SETTLED_BY_ASKING = (Factor.UNCLEAR_INFO, Factor.NO_KNOWLEDGE)


@dataclass(frozen=True)
class Vector:
    """How often each factor was seen (the inapplicable left out), and what else the gate judges; see `Signals`.

    `blockers` are those of the message, without what a policy adds.
    """

    counts: Mapping[Factor, int] = field(default_factory=dict)
    support: float = 0.0
    blockers: frozenset[Blocker] = frozenset()
    clarifiable: bool = False
    unheard: bool = False
    needs_support: bool = True


def signals_of(vector: Vector, weights: Mapping[Factor, int]) -> Signals:
    """What the gate judges of `vector` under `weights`."""
    factors = factors_weigh({factor: (count, ()) for factor, count in vector.counts.items()}, weights)
    return Signals(
        score=score_compute(factors),
        score_if_clear=score_compute(factors, leave_out=SETTLED_BY_ASKING),
        support=vector.support,
        blockers=vector.blockers,
        clarifiable=vector.clarifiable,
        unheard=vector.unheard,
        needs_support=vector.needs_support,
    )


def vector_store(vector: Vector) -> dict[str, Any]:
    """`vector` as JSON, short: what is not there was not seen. Its support is a column of the run."""
    flags = [name for name in ("clarifiable", "unheard", "needs_support") if getattr(vector, name)]
    return {
        "counts": {factor.value: vector.counts[factor] for factor in Factor if vector.counts.get(factor)},
        "blockers": [blocker.value for blocker in Blocker if blocker in vector.blockers],
        "flags": flags,
    }


def vector_read(stored: Mapping[str, Any], *, support: float) -> Vector:
    """The vector that `vector_store` made JSON of. A factor or blocker that is no longer one of ours is left out."""
    flags = stored.get("flags", ())
    return Vector(
        counts={Factor(name): count for name, count in stored.get("counts", {}).items() if name in list(Factor)},
        support=support,
        blockers=frozenset(Blocker(name) for name in stored.get("blockers", ()) if name in list(Blocker)),
        clarifiable="clarifiable" in flags,
        unheard="unheard" in flags,
        needs_support="needs_support" in flags,
    )

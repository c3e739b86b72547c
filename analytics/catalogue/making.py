"""Short hands for the SQL of metrics."""

from typing import Any

from analytics.catalogue.definition import Direction, Metric, Target, Unit

COUNT, NUMBER, SHARE, SECONDS, MS = Unit.COUNT, Unit.NUMBER, Unit.SHARE, Unit.SECONDS, Unit.MILLISECONDS
USD, TOKENS, SCORE = Unit.USD, Unit.TOKENS, Unit.SCORE
UP, DOWN, NONE = Direction.UP, Direction.DOWN, Direction.NONE


def least(value: float) -> Target:
    return Target(least=value)


def most(value: float) -> Target:
    return Target(most=value)


def count(where: str = "") -> str:
    """How many rows."""
    return f"count(*) FILTER (WHERE {where})" if where else "count(*)"


def share(of: str, among: str = "") -> dict[str, Any]:
    """The rows that are `of` and `among`, of those `among` (all when empty)."""
    return {"numerator": count(f"({of}) AND ({among})" if among else of), "denominator": count(among),
            "sample": count(among)}  # fmt: skip


def mean(column: str, where: str = "") -> dict[str, Any]:
    """The mean of what is not null."""
    kept = f"{column} IS NOT NULL" + (f" AND ({where})" if where else "")
    return {"numerator": f"avg({column}) FILTER (WHERE {kept})", "sample": count(kept)}


def quantile(of: float, column: str, where: str = "") -> dict[str, Any]:
    """The interpolated quantile of what is not null."""
    kept = f"{column} IS NOT NULL" + (f" AND ({where})" if where else "")
    return {
        "numerator": f"percentile_cont({of}) WITHIN GROUP (ORDER BY {column}) FILTER (WHERE {kept})",
        "sample": count(kept),
    }


def quantiles(
    name: str, title: str, column: str, *, of: tuple[int, ...], where: str = "", **fields: Any
) -> list[Metric]:
    """A metric per percentile in `of`, named ``<name>_p95``. `fields` of the metric; its description gets the rank."""
    targets, description = fields.pop("targets", {}), fields.pop("description")
    synonyms = fields.pop("synonyms", ())
    return [
        Metric(
            name=f"{name}_p{rank}",
            title=f"{title}, {'median' if rank == 50 else f'p{rank}'}",
            description=f"{description} {_RANKS[rank]}",
            target=targets.get(rank),
            direction=DOWN,
            synonyms=tuple(f"{word} {synonym}".strip() for synonym in synonyms for word in _RANK_WORDS[rank]),
            **quantile(rank / 100, column, where),
            **fields,
        )
        for rank in of
    ]


_RANKS = {
    50: "The median: half took less.",
    95: "The 95th percentile: 95 of 100 took less.",
    99: "The 99th percentile: 99 of 100 took less.",
}
_RANK_WORDS: dict[int, tuple[str, ...]] = {
    50: ("", "median", "average", "typical", "p50"),
    95: ("p95", "95th percentile"),
    99: ("p99", "99th percentile"),
}

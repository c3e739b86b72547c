"""Rules of cache points: where a model takes them, how many, and how long they ask to live."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tests.simulators.bedrock.blocks import Block, request_blocks
from tests.simulators.bedrock.models import CacheRules
from tests.simulators.bedrock.refusals import invalid

MOST_POINTS = 4


def cache_points_check(body: Mapping[str, Any], rules: CacheRules) -> None:
    """Raises `Refusal` for cache points that the model does not take."""
    points = [block for block in request_blocks(body) if block.is_cache_point]
    for point in points:
        _point_check(point, rules)
    if len(points) > MOST_POINTS:
        raise invalid(f"A maximum of {MOST_POINTS} blocks with cachePoint may be provided. Found {len(points)}.")
    for before, after in pairwise(points):
        if before.ttl == "5m" and after.ttl == "1h":
            raise invalid("A cachePoint with ttl='1h' must not come after one with ttl='5m'.")


def _point_check(point: Block, rules: CacheRules) -> None:
    if point.place not in rules.places:
        raise invalid(
            f"Malformed input request: #{point.path}: extraneous key [cachePoint] is not permitted, please reformat "
            "your input and try again."
        )
    if point.ttl not in rules.ttls:
        raise invalid(f"Malformed input request: #{point.path}: this model does not support a ttl of {point.ttl}.")

"""The prompt cache: what is read from it, what is written to it, and when it forgets."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulators.bedrock.cache import PromptCache, Split
from tests.simulators.bedrock.models import CLAUDE_HAIKU_4_5, MODELS, NOVA_2_LITE
from tests.simulators.tests.asking import CACHE_POINT, HAIKU, NOVA, SEARCH, asked, user

NOVA_RULES, HAIKU_RULES = MODELS[NOVA_2_LITE].cache, MODELS[CLAUDE_HAIKU_4_5].cache
HOUR_POINT = {"cachePoint": {"type": "default", "ttl": "1h"}}


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> Iterator[PromptCache]:
    return PromptCache(clock)


def tokens(count: int, letter: str = "a") -> dict[str, str]:
    """A text block of `count` tokens."""
    return {"text": letter * 4 * count}


def system(*blocks: Any, ask: Any = None, **more: Any) -> dict[str, Any]:
    return asked(user(ask or tokens(10, "q")), system=list(blocks), **more)


def test_the_first_call_writes_and_the_next_reads(cache: PromptCache) -> None:
    body = system(tokens(1_500), CACHE_POINT)
    assert cache.split(NOVA, body, NOVA_RULES) == Split(10, 0, {"5m": 1_500})
    other_question = system(tokens(1_500), CACHE_POINT, ask=tokens(20, "r"))
    assert cache.split(NOVA, other_question, NOVA_RULES) == Split(20, 1_500, {})


def test_models_do_not_share(cache: PromptCache) -> None:
    body = system(tokens(5_000), CACHE_POINT)
    cache.split(NOVA, body, NOVA_RULES)
    assert cache.split(HAIKU, body, HAIKU_RULES).read == 0


def test_below_the_minimum_nothing_is_kept(cache: PromptCache) -> None:
    body = system(tokens(999), CACHE_POINT)
    assert [cache.split(NOVA, body, NOVA_RULES) for _ in range(2)] == [Split(1_009, 0, {})] * 2
    assert cache.split(HAIKU, system(tokens(4_095), CACHE_POINT), HAIKU_RULES).written == {}


def test_the_minimum_counts_the_whole_prefix(cache: PromptCache) -> None:
    body = system(tokens(600), tokens(600, "b"), CACHE_POINT)
    assert cache.split(NOVA, body, NOVA_RULES).written == {"5m": 1_200}


def test_any_changed_byte_before_the_point_is_another_prefix(cache: PromptCache) -> None:
    cache.split(NOVA, system(tokens(1_500), CACHE_POINT), NOVA_RULES)
    assert cache.split(NOVA, system(tokens(1_500, "b"), CACHE_POINT), NOVA_RULES).read == 0


def test_a_changed_tool_invalidates_what_follows(cache: PromptCache) -> None:
    with_tools = system(tokens(1_500), CACHE_POINT, toolConfig={"tools": [SEARCH]})
    cache.split(NOVA, with_tools, NOVA_RULES)
    assert cache.split(NOVA, with_tools, NOVA_RULES).read > 1_500
    assert cache.split(NOVA, system(tokens(1_500), CACHE_POINT), NOVA_RULES).read == 0


def test_it_forgets_after_five_minutes_without_use(cache: PromptCache, clock: Clock) -> None:
    body = system(tokens(1_500), CACHE_POINT)
    cache.split(NOVA, body, NOVA_RULES)
    for _ in range(3):  # each hit begins the time anew
        clock.now += 299
        assert cache.split(NOVA, body, NOVA_RULES).read == 1_500
    clock.now += 301
    assert cache.split(NOVA, body, NOVA_RULES) == Split(10, 0, {"5m": 1_500})


def test_an_hour_is_kept_for_an_hour_and_told_apart(cache: PromptCache, clock: Clock) -> None:
    body = asked(user(tokens(10)), system=[tokens(5_000), HOUR_POINT, tokens(500, "b"), CACHE_POINT], model=HAIKU)
    assert cache.split(HAIKU, body, HAIKU_RULES) == Split(10, 0, {"1h": 5_000, "5m": 500})
    clock.now += 3_599
    assert cache.split(HAIKU, body, HAIKU_RULES) == Split(10, 5_000, {"5m": 500})


def test_a_growing_conversation_reads_the_longest_known_prefix(cache: PromptCache) -> None:
    first = system(tokens(1_500), CACHE_POINT, ask=tokens(2_000, "q"))
    first["messages"][0]["content"].append(CACHE_POINT)
    assert cache.split(NOVA, first, NOVA_RULES) == Split(0, 0, {"5m": 3_500})
    assert cache.split(NOVA, first, NOVA_RULES) == Split(0, 3_500, {})
    shorter = system(tokens(1_500), CACHE_POINT, ask=tokens(7, "z"))
    assert cache.split(NOVA, shorter, NOVA_RULES) == Split(7, 1_500, {})


def test_claude_looks_back_from_a_moved_point(cache: PromptCache) -> None:
    """The point moves on with the conversation; what was kept at its earlier place is found."""
    before = asked(user(tokens(5_000), CACHE_POINT), model=HAIKU)
    after = asked(user(tokens(5_000), tokens(300, "b"), CACHE_POINT), model=HAIKU)
    cache.split(HAIKU, before, HAIKU_RULES)
    assert cache.split(HAIKU, after, HAIKU_RULES) == Split(0, 5_000, {"5m": 300})
    cache.split(NOVA, before, NOVA_RULES)
    assert cache.split(NOVA, after, NOVA_RULES).read == 0


def test_nova_keeps_no_more_than_its_limit(cache: PromptCache) -> None:
    assert cache.split(NOVA, system(tokens(20_001), CACHE_POINT), NOVA_RULES).written == {}


def test_without_points_all_is_uncached(cache: PromptCache) -> None:
    assert cache.split(NOVA, system(tokens(5_000)), NOVA_RULES) == Split(5_010, 0, {})


def test_usage_tells_it_to_the_client(bedrock: Any, client: Any) -> None:
    parameters = system(tokens(1_500), CACHE_POINT)
    first, second = (client.converse(**parameters)["usage"] for _ in range(2))
    assert (first["inputTokens"], first["cacheReadInputTokens"], first["cacheWriteInputTokens"]) == (10, 0, 1_500)
    assert first["cacheDetails"] == [{"ttl": "5m", "inputTokens": 1_500}]
    assert (second["inputTokens"], second["cacheReadInputTokens"], second["cacheWriteInputTokens"]) == (10, 1_500, 0)
    assert second["totalTokens"] == 1_510 + second["outputTokens"]

"""Whoever asks for the same at the same time gets the same text, made once: in one process, and in several."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from conversations.errors import InsightLate, InsightsBusy
from conversations.insights import answering, threads
from conversations.insights.answering import insight_answer
from conversations.insights.flights import LEAD
from conversations.insights.services import insight_begin, insight_generate
from conversations.insights.types import Generation, InsightRequest
from conversations.models import Insight, InsightFlight
from omnicqm.common.ids import new_id
from omnicqm.common.models import AuditEvent
from tests.conversations.insights.asking import ACCOUNT, PRIMARY, Caller
from tests.simulators.bedrock import LatencyProfile, Simulator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(bedrock: Simulator, settings: Any) -> Iterator[Simulator]:
    """A model that takes its time, asked from the product's own threads; one interaction to summarise."""
    settings.MODEL_ROUTE = ["primary", "local"]
    settings.BATCHING = True
    bedrock.latency(PRIMARY, LatencyProfile(first_byte=0.3))
    Caller.new().happened()
    yield bedrock
    threads._waiting().shutdown()  # what nobody waited for gives its connection back, too
    threads._waiting.cache_clear()


def request_make(**fields: Any) -> InsightRequest:
    told = {
        "request_id": new_id("ins"),
        "client": "crm",
        "arrived": time.monotonic(),
        "unique_process_id": new_id("prc"),
        "account_number": ACCOUNT,
        "contact_id": "call-1",
    }
    return InsightRequest(**told | fields)


def generation_make(**fields: Any) -> Generation:
    begun = insight_begin(request=request_make(**fields))
    assert isinstance(begun, Generation)
    return begun


def in_processes(*generations: Generation) -> list[Insight]:
    """Made at the same time by those who share nothing but the database, as processes do."""

    def make(generation: Generation) -> Insight:
        try:
            return insight_generate(generation=generation)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(generations)) as pool:
        return list(pool.map(make, generations))


class TestInOneProcess:
    async def test_many_who_ask_at_once_share_one_generation(self, model: Simulator) -> None:
        insights = await asyncio.gather(*(insight_answer(request_make(contact_id=f"call-{n}")) for n in range(12)))
        assert len(model.calls) == 1
        assert len({insight.pk for insight in insights}) == 12
        assert sorted(insight.cache for insight in insights) == ["none"] + ["result"] * 11
        assert len({insight.text for insight in insights}) == 1
        told = AuditEvent.objects.filter(action="insight.told").values_list("details__insight", flat=True)
        assert sorted(await threads.patiently(lambda: list(told))) == sorted(insight.pk for insight in insights)

    async def test_the_same_request_twice_at_once_is_one_answer(self, model: Simulator) -> None:
        requests = [request_make(unique_process_id="process-1") for _ in range(5)]
        insights = await asyncio.gather(*map(insight_answer, requests))
        assert len({insight.pk for insight in insights}) == 1
        assert await threads.patiently(Insight.objects.count) == 1

    async def test_who_leaves_leaves_the_text_to_the_others(self, model: Simulator) -> None:
        first = asyncio.create_task(insight_answer(request_make()))
        await _until(lambda: model.calls)
        second = asyncio.create_task(insight_answer(request_make()))
        first.cancel()
        insight = await second
        assert (insight.model_used, len(model.calls)) == (PRIMARY, 1)

    async def test_beyond_its_room_it_refuses_at_once(self, model: Simulator, settings: Any) -> None:
        settings.INSIGHTS_AT_ONCE = 3
        outcomes = await asyncio.gather(
            *(insight_answer(request_make(ivr_intent=f"reason {n}")) for n in range(5)), return_exceptions=True
        )
        assert [type(outcome).__name__ for outcome in outcomes] == ["Insight"] * 3 + ["InsightsBusy"] * 2
        assert InsightsBusy.status == 429
        assert InsightsBusy.retry_after > 0
        assert answering._room.taken == 0

    async def test_a_caller_who_left_keeps_its_place_until_its_model_is_done(
        self, model: Simulator, settings: Any
    ) -> None:
        settings.INSIGHTS_AT_ONCE = 1
        first = asyncio.create_task(insight_answer(request_make()))
        await _until(lambda: model.calls)
        first.cancel()
        with pytest.raises(InsightsBusy):
            await insight_answer(request_make())
        await _until(lambda: not answering._room.taken)
        assert (await insight_answer(request_make())).cache == "result"


async def _until(true: Any) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


class TestInSeveralProcesses:
    def test_one_makes_it_and_the_others_wait_for_it(self, model: Simulator) -> None:
        insights = in_processes(*(generation_make() for _ in range(4)))
        assert len(model.calls) == 1
        assert sorted(insight.cache for insight in insights) == ["none"] + ["result"] * 3
        assert not InsightFlight.objects.exists()

    def test_a_leader_that_died_is_waited_for_until_its_time_is_over(self, model: Simulator) -> None:
        generation = generation_make()
        flight = InsightFlight(result_key=generation.result_key, leader="ins_dead", until=timezone.now())
        flight.until += timedelta(seconds=0.3)
        flight.save()
        assert in_processes(generation)[0].cache == "none"
        assert len(model.calls) == 1

    def test_who_waited_too_long_for_it_makes_its_own(self, model: Simulator) -> None:
        generation = generation_make()
        InsightFlight.objects.create(result_key=generation.result_key, leader="ins_slow", until=timezone.now() + LEAD)
        late = replace(generation, request=replace(generation.request, arrived=time.monotonic() - 5.4))
        [insight] = in_processes(late)
        assert (insight.cache, insight.model_used) == ("none", PRIMARY)
        assert InsightFlight.objects.get().leader == "ins_slow"  # whose it still is

    def test_a_leader_that_fails_makes_room(self, model: Simulator) -> None:
        taken = generation_make(unique_process_id="process-1")
        in_processes(generation_make(unique_process_id="process-1", contact_id="another", ivr_intent="refund"))
        with ThreadPoolExecutor(1) as pool:
            failed = pool.submit(in_processes, taken).exception()
        assert type(failed).__name__ == "ProcessTaken"
        assert not InsightFlight.objects.exists()


async def test_nobody_waits_beyond_the_deadline(model: Simulator) -> None:
    with pytest.raises(InsightLate) as refusal:
        await insight_answer(request_make(arrived=time.monotonic() - 9))
    assert (refusal.value.status, refusal.value.transient) == (503, True)

"""Who works on what: one worker a conversation, whatever happens at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from conversations.errors import LeaseLost
from conversations.models import Query
from conversations.work.claims import (
    newer_query_exists,
    queries_alongside,
    query_claim,
    query_lock,
    query_release,
)
from tests.conversations.people import conversation_make, query_make

pytestmark = pytest.mark.django_db


def in_threads(count, work):
    """Run `work` in `count` threads that start at the same moment; their results."""
    barrier = Barrier(count)

    def one(_):
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.django_db(transaction=True)
def test_of_ten_workers_at_once_one_gets_the_query():
    query = query_make(conversation_make(), "Where is my card?")
    claims = in_threads(10, lambda: query_claim(query_id=query.pk))
    winners = [claim for claim in claims if claim]
    assert len(winners) == 1
    query.refresh_from_db()
    assert (query.status, query.tries, query.lease_token) == ("working", 1, winners[0].lease_token)


@pytest.mark.django_db(transaction=True)
def test_two_queries_of_one_conversation_are_never_worked_on_at_once():
    conversation = conversation_make()
    queries = [query_make(conversation, f"Message {number}") for number in range(6)]
    ids = iter(queries)
    claims = in_threads(6, lambda: query_claim(query_id=next(ids).pk))
    assert len([claim for claim in claims if claim]) == 1
    assert Query.objects.filter(status="working").count() == 1


def test_the_newest_query_is_claimed_and_the_earlier_ones_ride_along():
    conversation = conversation_make()
    first, second, third = (query_make(conversation, text) for text in ("One.", "Two.", "Three."))
    claim = query_claim(query_id=first.pk)
    assert claim == third
    assert list(queries_alongside(claim)) == [first, second]


def test_a_verified_customers_words_do_not_ride_along_with_an_unverified_senders():
    conversation = conversation_make()
    query_make(conversation, "My account number is 12.", verified=True)
    unverified = query_make(conversation, "What is my account number?", verified=False)
    claim = query_claim(query_id=unverified.pk)
    assert list(queries_alongside(claim)) == []


def test_a_message_that_arrives_during_the_work_is_noticed():
    conversation = conversation_make()
    claim = query_claim(query_id=query_make(conversation, "One.").pk)
    assert not newer_query_exists(claim)
    query_make(conversation, "Two.")
    assert newer_query_exists(claim)


def test_nothing_is_claimed_before_it_is_due():
    query = query_make(conversation_make(), "Later.", due_at=timezone.now() + timedelta(minutes=1))
    assert query_claim(query_id=query.pk) is None


def test_a_finished_query_is_not_claimed_again():
    query = query_make(conversation_make(), "Done.", status="ignored", finished_at=timezone.now())
    assert query_claim(query_id=query.pk) is None


def test_a_dead_workers_query_is_claimed_again_once_its_lease_is_over_and_the_dead_one_is_fenced_off():
    query = query_make(conversation_make(), "Hello?")
    dead = query_claim(query_id=query.pk)
    assert query_claim(query_id=query.pk) is None
    Query.objects.filter(pk=query.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    heir = query_claim(query_id=query.pk)
    assert heir.tries == 2
    assert query_lock(heir) == query
    with pytest.raises(LeaseLost):
        query_lock(dead)


def test_a_dead_workers_query_rides_along_with_a_newer_one():
    conversation = conversation_make()
    old = query_make(conversation, "One.")
    query_claim(query_id=old.pk)
    Query.objects.filter(pk=old.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    newest = query_make(conversation, "Two.")
    claim = query_claim(query_id=old.pk)
    assert claim == newest
    assert list(queries_alongside(claim)) == [old]


def test_a_released_query_comes_back_when_it_is_due_and_a_release_without_failure_is_no_try():
    query = query_make(conversation_make(), "Again.")
    soon = timezone.now() + timedelta(seconds=30)
    query_release(claim=query_claim(query_id=query.pk), due_at=timezone.now(), failed=False)
    query_release(claim=query_claim(query_id=query.pk), due_at=soon, failed=True)
    query.refresh_from_db()
    assert (query.status, query.tries, query.due_at) == ("received", 1, soon)


def test_a_lost_claim_releases_nothing():
    query = query_make(conversation_make(), "Mine.")
    claim = query_claim(query_id=query.pk)
    Query.objects.filter(pk=query.pk).update(lease_token="another")
    query_release(claim=claim, due_at=timezone.now(), failed=True)
    query.refresh_from_db()
    assert query.status == "working"

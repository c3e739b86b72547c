"""Several systems tell of the same touches of the same new accounts at the same moment; customers merge meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from conversations.identity import customer_merge
from conversations.interactions.importing import Imported, ToldInteraction, interactions_import
from conversations.models import Conversation, Customer, Identity, Interaction
from conversations.services.messages import message_append
from tests.conversations.people import channel_get, customer_make

AT = datetime(2026, 10, 2, 9, 14, tzinfo=UTC)


def tell(order: Callable[[list[int]], list[int]]) -> Imported:
    try:
        told = [ToldInteraction(f"A-{n}", "phone", AT, "", "Called.", str(n)) for n in order(list(range(40)))]
        return interactions_import(told=told, source=Interaction.Source.API, actor="system:test")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_each_touch_and_each_customer_is_there_once() -> None:
    with ThreadPoolExecutor(6) as pool:
        counts = list(pool.map(tell, [list, lambda numbers: numbers[::-1]] * 3))
    assert sum(one.accepted for one in counts) == 40
    assert sum(one.duplicates for one in counts) == 5 * 40
    assert Interaction.objects.count() == Identity.objects.count() == Customer.objects.count() == 40


@pytest.mark.django_db
def test_a_message_to_a_conversation_that_moved_meanwhile_belongs_to_who_has_it_now() -> None:
    customer, other = customer_make(), customer_make("other@example.com")
    loaded = Conversation.objects.create(customer=other)
    customer_merge(customer=customer, absorbed=other, actor="user:1")
    message_append(
        conversation=loaded, direction="outbound", author="assistant", channel=channel_get("outlook"), text="It comes."
    )
    assert Interaction.objects.get().customer == customer

"""The traces of a customer who has their data deleted go with it, whichever way a run is known to be theirs."""

import pytest

from agents.models import Run, RunTrace
from conversations.erasure import customer_erase
from omnicqm.common.pseudonyms import pseudonym
from tests.conversations.people import conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db


def trace_make(**options) -> str:
    run = Run.objects.create(scope="channel:outlook", origin=options.pop("origin", ""))
    return RunTrace.objects.create(run=run, state="exported", written=True, question="asked", **options).run_id


def test_by_message_by_conversation_and_by_pseudonym(settings):
    customer, other = customer_make("amelia@example.com"), customer_make("jonas@example.net")
    conversation = conversation_make(customer)
    query = query_make(conversation, "When do you open?")
    before = pseudonym(customer.pk)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert pseudonym(customer.pk) != before
    hers = {
        trace_make(origin=query.pk),
        trace_make(session=conversation.pk),
        trace_make(subject=pseudonym(customer.pk)),
        trace_make(subject=before),
    }
    his = trace_make(subject=pseudonym(other.pk), session="cnv_other")
    customer_erase(customer=customer, actor="customer:test")
    assert set(RunTrace.objects.filter(state="erasing", question="").values_list("run_id", flat=True)) == hers
    assert RunTrace.objects.get(run=his).state == "exported"

"""A message in, a trace noted: whose it is in MLflow is a pseudonym, and which conversation it belongs to its id."""

import pytest

from agents.models import RunTrace
from conversations.models import Query
from omnicqm.common.pseudonyms import pseudonym
from tests.api import ApiClient
from tests.conversations.people import channel_get

pytestmark = pytest.mark.django_db(transaction=True)

SENDER = "zaphyra.quill@example.com"


def test_the_trace_of_a_reply_knows_its_conversation_and_nobodys_name(settings):
    settings.MLFLOW_TRACKING_URI = "http://127.0.0.1:1"  # nothing is asked of it
    channel_get("outlook")
    body = {"channel_id": "outlook", "user_id": SENDER, "message": f"Do you open on Sundays? Write to {SENDER}."}
    assert ApiClient().post("/api/v1/query", body).status_code == 202
    query, row = Query.objects.get(), RunTrace.objects.get()
    assert row.run_id == query.run_id
    assert row.session == query.conversation_id
    assert row.subject == pseudonym(query.conversation.customer_id)
    assert row.question == "Do you open on Sundays? Write to ⟨EMAIL_1⟩."
    assert row.state == "pending"

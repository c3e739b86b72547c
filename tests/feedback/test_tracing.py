"""What the judge and people say of a reply stands beside its trace."""

import pytest
from django.contrib.auth.models import User

from agents.models import RunTrace
from feedback.judging.overruling import judgement_overrule
from feedback.judging.services import reply_judge
from feedback.models import Judgement
from feedback.tracing import judgements_tell
from tests.feedback.judged import answered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("after_replies")]


@pytest.fixture
def query():
    """A reply whose trace was written before anybody judged it."""
    query = answered()
    RunTrace.objects.create(run=query.run, state="exported", written=True)
    return query


def state_of(query) -> str:
    return RunTrace.objects.get(run=query.run_id).state


def test_a_judgement_has_the_trace_written_anew_with_its_scores(query):
    assert judgements_tell(query.run_id) == []
    judgement = reply_judge(message_id=query.reply_id)
    assert state_of(query) == "pending"
    told = {found.name: found for found in judgements_tell(query.run_id)}
    assert set(told) == {"verdict", "relevance", "accuracy", "safety"}
    assert (told["verdict"].value, told["accuracy"].value) == ("good", judgement.accuracy)
    assert {(found.source, found.source_id) for found in told.values()} == {("CODE", judgement.judge_version)}
    assert told["verdict"].started_at <= told["verdict"].ended_at == judgement.judged_at
    assert told["verdict"].details["claims_supported"] == 1


def test_a_person_who_overrules_is_told_beside_the_judge(query):
    judgement = reply_judge(message_id=query.reply_id)
    RunTrace.objects.update(state="exported")
    user = User.objects.create_user("consultant", "efua.consultant@example.com")
    judgement_overrule(judgement_id=judgement.pk, aspect="accuracy", value=0.2, reason="The price is old.", user=user)
    assert state_of(query) == "pending"
    accuracy = [found for found in judgements_tell(query.run_id) if found.name == "accuracy"]
    assert [(found.source, found.value) for found in accuracy] == [("CODE", judgement.accuracy), ("HUMAN", 0.2)]
    assert accuracy[1].source_id == "consultant"
    verdicts = [found for found in judgements_tell(query.run_id) if found.name == "verdict"]
    assert [(found.source, found.source_id, found.value) for found in verdicts] == [
        ("CODE", judgement.judge_version, "good"),
        ("HUMAN", "consultant", "bad"),
    ]
    assert verdicts[1].at == accuracy[1].at, "who said it, and when"
    assert verdicts[1].details == {}, "what the judge cost is not the consultant's"


def test_whose_reply_it_is_cannot_be_read_from_a_rationale(query):
    name = query.conversation.customer.display_name
    judgement = reply_judge(message_id=query.reply_id)
    Judgement.objects.filter(pk=judgement.pk).update(relevance_rationale=f"{name} (jo@example.org) asked for a price.")
    told = {found.name: found for found in judgements_tell(query.run_id)}
    assert told["relevance"].rationale == "⟨NAME_1⟩ (⟨EMAIL_1⟩) asked for a price."

"""In the shadow: the consultant sees no draft, and when they have answered both answers are compared."""

import pytest

from agents.models import Category
from agents.types import Autonomy
from conversations.answering import query_answer
from conversations.answering.written import runs_written, written_get
from conversations.models import Conversation, Escalation, Message
from feedback.autonomy.selectors import shadow_counts, shadow_worst
from feedback.autonomy.shadow import shadow_compare
from feedback.judging.services import run_judge
from feedback.learning.listening import answer_learn
from feedback.models import Correction, Judgement, ShadowComparison
from omnicqm.common.backends import backend_get
from tests.conversations.people import conversation_make, query_make
from tests.feedback.judged import QUOTE
from tests.feedback.learning.people import answer, case_make

pytestmark = pytest.mark.django_db

ASKED = "What does room delivery cost?"
SILENT = "Room delivery costs $59 and takes 5 to 10 working days [1]."
SAME = "Dear Marta,\n\nroom delivery costs $59, and it takes 5 to 10 working days.\n\nKind regards\n\nRobin Hale"
OTHER = "Dear Marta,\n\nwe cannot bring anything upstairs at the moment: our fitters are on strike until June."


def shadowed(text=SILENT, **run):
    return case_make(ASKED, text, shadow="auto_send", **run)


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_to_the_customer_and_no_draft_to_the_consultant(settings):
    settings.MODEL_ROUTE = ["scripted"]
    settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.conversations.scripted_model.ScriptedModel"}}
    backend_get("MODEL_PROVIDERS", "scripted").says = "thanks"
    for key in ("other", "product", "billing"):
        Category.objects.create(key=key, title=key, autonomy=Autonomy.SHADOW)
    conversation = conversation_make()
    query = query_make(conversation, "Thank you!")
    query_answer(query_id=query.pk)
    query.refresh_from_db()
    escalation = Escalation.objects.get()
    assert query.status == "escalated"
    assert query.run.shadow == "auto_send"
    assert query.run.reply_text, "it wrote an answer"
    assert (escalation.draft, escalation.draft_sources) == ("", [])
    assert query.run.reply_text not in str(escalation.packet)
    assert not Message.objects.filter(author=Message.Author.ASSISTANT).exists()


def test_its_text_is_told_to_nobody_until_a_person_has_answered():
    escalation = shadowed()
    run_id = escalation.query.run_id
    assert written_get(run_id=run_id) is None
    assert run_judge(run_id=run_id) is None, "a judgement would quote it"
    assert not Judgement.objects.exists()
    ended = {"since": escalation.created_at.replace(year=2000), "until": escalation.created_at.replace(year=2100)}
    assert list(runs_written(**ended)) == []
    answer(escalation, SAME)
    assert written_get(run_id=run_id).text == SILENT
    assert list(runs_written(**ended)) == [run_id]


def test_two_answers_that_say_the_same_agree():
    comparison = shadow_compare(message_id=answer(shadowed(), SAME).pk)
    assert comparison.agrees
    assert comparison.would == "auto_send"
    assert comparison.meaning > 0.8
    assert comparison.borne_out == 1.0
    assert (comparison.category, comparison.verdict) == ("product", "good")


def test_two_that_do_not_differ():
    comparison = shadow_compare(message_id=answer(shadowed(), OTHER).pk)
    assert not comparison.agrees
    assert comparison.meaning < 0.8
    assert comparison.borne_out == 0.0


def test_what_its_own_sources_do_not_bear_out_never_agrees():
    wrong = SILENT.replace("$59", "$12")
    same_mistake = SAME.replace("$59", "$12")
    assert "12" not in QUOTE
    comparison = shadow_compare(message_id=answer(shadowed(wrong), same_mistake).pk)
    assert (comparison.verdict, comparison.agrees) == ("bad", False)


def test_twice_is_once_and_elsewhere_never():
    message = answer(shadowed(), SAME)
    assert shadow_compare(message_id=message.pk) == shadow_compare(message_id=message.pk)
    assert shadow_compare(message_id=answer(case_make(), "We look into it.").pk) is None
    assert shadow_compare(message_id=answer(case_make(ASKED, "", shadow="escalate"), SAME).pk) is None
    assert ShadowComparison.objects.count() == 1


def test_an_answer_in_the_shadow_is_no_correction_of_a_draft_and_may_be_judged_now():
    message = answer(shadowed(), SAME)
    answer_learn(message_id=message.pk, draft="")
    assert not Correction.objects.exists()
    assert ShadowComparison.objects.count() == 1
    assert Judgement.objects.get().state == "judged"


def test_they_are_counted_by_category_and_the_worst_come_first():
    for text in (SAME, SAME, OTHER):
        shadow_compare(message_id=answer(shadowed(), text).pk)
    silent = case_make(ASKED, SILENT, shadow="escalate")
    shadow_compare(message_id=answer(silent, SAME).pk)
    count = shadow_counts()["product"]
    assert (count.n, count.agrees, count.would_send, count.would_send_agrees) == (4, 3, 3, 2)
    worst = list(shadow_worst("product"))
    assert [comparison.agrees for comparison in worst] == [False, True, True, True]
    assert Conversation.objects.count() == 4

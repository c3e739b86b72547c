"""A consultant replies: what became of the draft is noted once, feeds the figures, and goes with its customer."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from analytics.facts.services import facts_rebuild
from analytics.models import EscalationFact
from conversations.erasure.services import customer_erase
from conversations.escalations.services import escalation_close, escalation_open, escalation_reply
from conversations.escalations.taking_over import conversation_take_over
from conversations.models import Escalation, Message, Query
from conversations.services.messages import message_append
from feedback.learning.corrections import correction_note, draft_of, draft_reject
from feedback.learning.listening import escalation_learn, learning_sweep
from feedback.models import Correction
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import AuditEvent
from tests.console.people import result_make
from tests.conversations.people import query_make
from tests.feedback.judged import run_make
from tests.feedback.learning.people import DRAFT, answer, answered, case_make, consultant, suggestion_make

pytestmark = pytest.mark.django_db


def test_it_says_what_became_of_the_draft_and_who_and_what_made_it():
    message = answered(DRAFT.replace("five years", "ten years"))
    correction = correction_note(message_id=message.pk)
    assert correction.kind == "edited"
    assert correction.edited_percent == 6
    assert (correction.user, correction.category, correction.model, correction.prompt_version, correction.language) == (
        *(consultant(), "product", "local-extractive", "1-1", "en"),
    )
    assert correction.run_id == correction.escalation.query.run_id
    assert draft_of(correction) == DRAFT
    assert DRAFT not in str(correction.changes), "the text is not kept twice"


def test_twice_is_once():
    message = answered(DRAFT)
    first = correction_note(message_id=message.pk)
    assert correction_note(message_id=message.pk, draft="something else") == first
    assert Correction.objects.count() == 1
    assert first.kind == "as_is"


def test_what_the_consultant_was_shown_counts_before_what_the_case_has():
    message = answered("Bring it to Lakeview.")
    correction = correction_note(message_id=message.pk, draft="Bring it to Lakeview.")
    assert correction.kind == "as_is"


def test_the_draft_that_is_kept_with_the_reply_counts_though_nobody_tells_of_it():
    escalation = _drafted_again(case_make())
    correction = correction_note(message_id=answer(escalation, DRAFT, draft_key="0").pk)
    assert (correction.kind, correction.draft_key, draft_of(correction)) == ("as_is", "0", DRAFT)


def test_a_suggestion_asked_for_counts_when_it_was_taken():
    escalation = case_make()
    made = suggestion_make(escalation, "Bring it to Lakeview.")
    correction = correction_note(message_id=answer(escalation, made.text, draft_key=made.pk).pk)
    assert (correction.kind, correction.draft_key, draft_of(correction)) == ("as_is", made.pk, made.text)
    assert (correction.run_id, correction.model) == (None, "local-extractive"), "the run wrote another draft"


def test_a_suggestion_that_was_deleted_since_is_known_by_what_was_told():
    escalation = case_make()
    made = suggestion_make(escalation, "Bring it to Lakeview.")
    message = answer(escalation, made.text, draft_key=made.pk)
    key = made.pk
    made.delete()
    assert correction_note(message_id=message.pk) is None
    correction = correction_note(message_id=message.pk, draft="Bring it to Lakeview.")
    assert (correction.kind, correction.draft_key) == ("as_is", key)


def test_a_reply_to_which_nothing_was_shown_is_about_no_draft():
    escalation = _drafted_again(case_make())
    assert correction_note(message_id=answer(escalation, "Hello.", draft_key="none").pk) is None


def test_a_second_reply_is_not_about_the_same_draft():
    escalation = case_make()
    correction_note(message_id=answer(escalation, DRAFT).pk)
    later = _again(escalation, "Anything else?")
    assert correction_note(message_id=later.pk, draft=DRAFT) is None
    assert correction_note(message_id=later.pk) is None


def _again(escalation, text):
    return message_append(
        conversation=escalation.conversation,
        direction=Message.Direction.OUTBOUND,
        author=Message.Author.CONSULTANT,
        consultant_id=consultant().pk,
        channel=escalation.query.channel,
        text=text,
    )


@pytest.mark.parametrize("draft", ["", None])
def test_without_a_draft_there_is_nothing_to_correct(draft):
    message = answered("We look into it.", draft="")
    assert correction_note(message_id=message.pk, draft=draft) is None
    assert correction_note(message_id="msg_nothing") is None


class TestRejecting:
    def test_a_draft_is_thrown_away_for_a_reason(self):
        escalation = case_make()
        correction = draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
        assert (correction.kind, correction.reason, draft_of(correction)) == ("rejected", "Wrong product", DRAFT)
        assert AuditEvent.objects.filter(action="draft.rejected", actor=f"user:{consultant().pk}").count() == 1
        again = draft_reject(escalation_id=escalation.pk, reason="Another reason", user_id=consultant().pk)
        assert again == correction
        assert Correction.objects.get().reason == "Wrong product"

    def test_the_reply_written_instead_joins_it(self):
        escalation = case_make()
        rejected = draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
        correction = correction_note(message_id=answer(escalation, "Bring it to Lakeview, please.").pk)
        assert correction == rejected
        assert (correction.kind, correction.reason) == ("rejected", "Wrong product")
        assert correction.similarity < 0.5
        assert draft_of(correction) == DRAFT

    @pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
    def test_not_without_a_reason(self, reason):
        with pytest.raises(InvalidInput) as raised:
            draft_reject(escalation_id=case_make().pk, reason=reason, user_id=None)
        assert raised.value.param == "reason"

    def test_a_case_that_ends_without_a_reply_had_no_use_for_it(self):
        escalation = case_make()
        escalation_learn(escalation_id=escalation.pk, kind="claimed")
        assert not Correction.objects.exists()
        escalation_learn(escalation_id=escalation.pk, kind="closed")
        escalation_learn(escalation_id=escalation.pk, kind="closed")
        unused = Correction.objects.get()
        assert (unused.kind, unused.reason) == ("unused", ""), "nobody said anything against the draft"
        assert AuditEvent.objects.filter(action="draft.unused").count() == 1

    def test_the_reply_to_a_case_that_is_opened_again_is_not_about_it(self):
        escalation = case_make()
        escalation_close(escalation=escalation, user=consultant(), reason="A wrong click.")
        escalation_learn(escalation_id=escalation.pk, kind="closed")
        again = conversation_take_over(conversation=escalation.conversation, user=consultant())
        assert correction_note(message_id=answer(again, "I look into it.").pk) is None
        assert Correction.objects.get().message is None

    def test_each_draft_that_is_thrown_away_is_noted(self):
        escalation = case_make()
        draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
        _drafted_again(escalation)
        second = draft_reject(escalation_id=escalation.pk, reason="Too harsh", user_id=consultant().pk)
        assert (draft_of(second), second.reason) == (SECOND, "Too harsh")
        noted = Correction.objects.order_by("created_at").values_list("draft_key", "reason")
        assert list(noted) == [("0", "Wrong product"), ("1", "Too harsh")]

    def test_the_one_that_was_shown_is_thrown_away_and_not_one_that_came_since(self):
        escalation = case_make()
        _drafted_again(escalation)
        first = draft_reject(
            escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk, draft_key="0"
        )
        assert (draft_of(first), first.run_id) == (DRAFT, Query.objects.get(pk=escalation.query_id).run_id)

    def test_the_reply_joins_the_draft_that_was_thrown_away_last(self):
        escalation = _drafted_again(case_make())
        for key, reason in (("0", "Wrong product"), ("1", "Too harsh")):
            draft_reject(escalation_id=escalation.pk, reason=reason, user_id=consultant().pk, draft_key=key)
        reply = answer(escalation, "Bring it to Lakeview, please.", draft_key="none")
        assert correction_note(message_id=reply.pk).reason == "Too harsh"
        assert Correction.objects.get(draft_key="0").message is None

    def test_no_second_reply_joins_it(self):
        escalation = _drafted_again(case_make())
        draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk, draft_key="0")
        correction_note(message_id=answer(escalation, SECOND, draft_key="1", then="waiting").pk)
        later = answer(escalation, "Anything else?", draft_key="none")
        assert correction_note(message_id=later.pk) is None
        assert Correction.objects.get(draft_key="0").message is None

    def test_one_of_which_only_the_text_is_known_is_known_by_it(self):
        escalation = case_make()
        old = draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
        Correction.objects.update(draft_key="")  # as rows were noted once
        assert draft_reject(escalation_id=escalation.pk, reason="Another reason", user_id=None) == old
        assert correction_note(message_id=answer(escalation, "Bring it to Lakeview, please.").pk) == old

    def test_one_that_ends_with_a_reply_had(self):
        escalation = case_make()
        answer(escalation, DRAFT)
        escalation_learn(escalation_id=escalation.pk, kind="resolved")
        assert not Correction.objects.exists()


def test_what_nobody_told_of_is_found_later():
    message = answered(DRAFT)
    earlier = timezone.now() - timedelta(minutes=5)
    Message.objects.filter(pk=message.pk).update(created_at=earlier)
    Escalation.objects.update(created_at=earlier)
    learning_sweep()
    assert Correction.objects.get().message_id == message.pk


def test_figures_of_drafts_are_those_of_corrections():
    message = answered("Bring it to Lakeview.")
    correction_note(message_id=message.pk, draft="Bring it to Lakeview, please.")
    facts_rebuild()
    fact = EscalationFact.objects.get()
    assert fact.draft_similarity == pytest.approx(Correction.objects.get().similarity)
    assert fact.draft_similarity > 0.8, "the case's own draft is another text"


def test_a_second_reply_is_not_measured_by_a_draft_that_was_used():
    """What became of the draft is what the first one made of it."""
    escalation = case_make()
    correction_note(message_id=answer(escalation, DRAFT, then="waiting").pk)
    correction_note(message_id=answer(escalation, "Anything else?").pk)
    facts_rebuild()
    assert EscalationFact.objects.get().draft_similarity == 1.0


def test_cases_that_ended_without_a_reply_rejected_nothing_when_they_were_noted():
    """What the migration makes of rows from the time when both were one kind."""
    unused, rejected = case_make(), case_make()
    draft_reject(escalation_id=unused.pk, reason="Closed without a reply.", user_id=None)
    draft_reject(escalation_id=rejected.pk, reason="Wrong product", user_id=None)
    import_module("feedback.migrations.0004_corrections_by_draft").unused_tell(apps, None)
    kinds = Correction.objects.values_list("escalation", "kind", "reason")
    assert set(kinds) == {(unused.pk, "unused", ""), (rejected.pk, "rejected", "Wrong product")}


def test_it_goes_with_its_customer():
    message = answered(DRAFT.replace("five years", "ten years, Marta"))
    correction_note(message_id=message.pk)
    customer_erase(customer=message.conversation.customer, actor="customer:x")
    correction = Correction.objects.get()
    assert correction.changes == []
    assert correction.kind == "edited", "what was measured stays"


SECOND = "A mattress has ten years of warranty, which begin with its delivery. [1]"


def _drafted_again(escalation):
    """The customer writes once more, and the agent has another draft for it."""
    query = query_make(escalation.conversation, "And what of the mattress?")
    query.run = run_make(SECOND, decision="escalate", origin=query.pk, category="product", prompt_version="1-1")
    query.save()
    result = result_make(run_id=query.run_id, reply_text=SECOND, category="product", language="en")
    return escalation_open(conversation=escalation.conversation, queries=[query], result=result)


def test_a_draft_that_came_later_is_held_against_no_earlier_reply():
    escalation = case_make(draft="")
    seen = escalation.conversation.messages.count()
    reply = escalation_reply(
        escalation=escalation, user=consultant(), text="We look into it.", known_seq=seen, then="waiting"
    )
    escalation = _drafted_again(escalation)
    assert correction_note(message_id=reply.pk) is None
    correction = correction_note(message_id=answer(escalation, SECOND).pk)
    assert (correction.kind, draft_of(correction)) == ("as_is", SECOND)


def test_a_reply_made_of_another_draft_is_not_taken_for_the_one_written_instead():
    escalation = case_make()
    draft_reject(escalation_id=escalation.pk, reason="Wrong product", user_id=consultant().pk)
    escalation = _drafted_again(escalation)
    correction_note(message_id=answer(escalation, SECOND).pk)
    kinds = Correction.objects.order_by("created_at").values_list("kind", "message")
    assert [(kind, message is None) for kind, message in kinds] == [("rejected", True), ("as_is", False)]

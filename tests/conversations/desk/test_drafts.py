"""Which draft of a case is offered, and which one a consultant was shown."""

import pytest

from conversations.assisting.discarding import draft_discard
from conversations.assisting.suggestions import suggestion_request
from conversations.escalations.drafts import NO_DRAFT, draft_find, draft_offered
from conversations.escalations.services import escalation_hold_reply, escalation_open, escalation_reply
from conversations.escalations.taking_over import conversation_take_over
from conversations.models import Escalation, Message, Query, Suggestion
from conversations.selectors import query_document
from omnicqm.common.errors import InvalidInput
from tests.console.people import DRAFT, consultant_make, escalation_make, result_make, source_make
from tests.conversations.people import conversation_make, query_make

pytestmark = pytest.mark.django_db

LATER = "Dear Ms Raman,\n\nyour neighbour may take it. [1]"


@pytest.fixture
def robin():
    return consultant_make()


@pytest.fixture
def escalation():
    return escalation_make()


def joined(escalation, draft=LATER, text="May my neighbour take it?", **result):
    """The customer writes once more, and a run ends with `draft` for it."""
    query = query_make(escalation.conversation, text)
    result = {"sources": (source_make("Neighbours", chunk_id="chk_9"),), **result} if draft else {"sources": ()}
    found = result_make(reply_text=draft, **result)
    return fresh(escalation_open(conversation=escalation.conversation, queries=[query], result=found))


def fresh(escalation):
    return Escalation.objects.get(pk=escalation.pk)


def replied(escalation, user, text="Here you are.", then="waiting", **shown):
    seen = escalation.conversation.messages.order_by("-seq").first().seq
    return escalation_reply(escalation=escalation, user=user, text=text, known_seq=seen, then=then, **shown)


class TestOffering:
    def test_the_newest_is_offered_with_what_it_rests_on(self, escalation):
        first = draft_offered(escalation)
        assert (first.key, first.text, [source["chunk_id"] for source in first.sources]) == ("0", DRAFT, ["chk_1"])
        second = draft_offered(joined(escalation))
        assert (second.key, second.text, [source["chunk_id"] for source in second.sources]) == ("1", LATER, ["chk_9"])

    def test_a_follow_up_without_a_draft_leaves_the_earlier_one(self, escalation):
        assert draft_offered(joined(escalation, draft="")).key == "0"

    def test_nothing_is_offered_again_once_a_consultant_has_replied(self, escalation, robin):
        replied(escalation, robin)
        assert draft_offered(fresh(escalation)) == NO_DRAFT
        assert draft_offered(joined(escalation, draft="")) == NO_DRAFT

    def test_a_draft_for_what_the_customer_wrote_since_is(self, escalation, robin):
        joined(escalation)
        replied(escalation, robin)
        assert draft_offered(fresh(escalation)) == NO_DRAFT
        assert draft_offered(joined(escalation, draft="Any time.")).text == "Any time."

    def test_what_the_agent_was_writing_when_it_was_taken_over_is_offered_until_the_reply(self, robin):
        query = query_make(conversation_make(), "May my neighbour take it?")
        escalation = conversation_take_over(conversation=query.conversation, user=robin)
        assert draft_offered(fresh(escalation)) == NO_DRAFT
        escalation_open(conversation=query.conversation, queries=[query], result=result_make(reply_text=LATER))
        assert draft_offered(fresh(escalation)).text == LATER
        replied(escalation, robin, then="answered")
        again = conversation_take_over(conversation=query.conversation, user=robin)
        assert again == escalation
        assert draft_offered(fresh(again)) == NO_DRAFT

    def test_systems_that_sent_the_message_are_told_the_same(self, escalation, robin):
        replied(escalation, robin)
        joined(escalation, draft="")
        assert query_document(Query.objects.latest("created_at"))["reply"] is None
        joined(escalation)
        told = query_document(Query.objects.latest("created_at"))["reply"]
        assert (told["text"], [source["title"] for source in told["sources"]]) == (LATER, ["Neighbours"])


class TestDiscarding:
    def test_the_draft_that_was_shown_is_put_away_and_one_that_joined_meanwhile_is_offered(self, escalation, robin):
        joined(escalation)
        assert draft_discard(escalation=escalation, user=robin, reason="tone", draft_key="0").text == DRAFT
        assert draft_offered(fresh(escalation)).text == LATER

    def test_a_colleague_who_still_sees_an_earlier_one_brings_none_back(self, escalation, robin):
        joined(escalation)
        draft_discard(escalation=escalation, user=robin, reason="tone")
        draft_discard(escalation=escalation, user=robin, reason="tone", draft_key="0")
        assert draft_offered(fresh(escalation)) == NO_DRAFT

    @pytest.mark.parametrize("key", ["7", "none", "sug_" + "0" * 26, "0; drop", ""])
    def test_there_is_something_to_put_away(self, escalation, robin, key):
        with pytest.raises(InvalidInput) as raised:
            draft_discard(escalation=escalation, user=robin, reason="tone", draft_key=key)
        assert raised.value.param == "draft"


class TestShown:
    def test_the_message_keeps_which_draft_it_was_made_of(self, escalation, robin):
        joined(escalation)
        assert replied(escalation, robin, draft_key="0").metadata == {"draft": "0"}
        assert replied(escalation, robin, text="Hello?").metadata == {"draft": "none"}

    def test_unless_told_it_was_what_is_offered(self, escalation, robin):
        joined(escalation)
        assert replied(escalation, robin).metadata == {"draft": "1"}

    def test_a_held_reply_keeps_it_until_it_goes_out(self, escalation, robin):
        joined(escalation)
        seen = escalation.conversation.messages.order_by("-seq").first().seq
        held = escalation_hold_reply(escalation=escalation, user=robin, text="Hi.", known_seq=seen, draft_key="0")
        assert (held.draft_key, held.draft) == ("0", DRAFT)

    def test_a_draft_of_another_case_is_refused_and_nothing_is_sent(self, escalation, robin):
        other = escalation_make("ada@example.org")
        suggestion = suggestion_request(escalation=other, user=robin, kind="shorter", text=DRAFT)
        Suggestion.objects.filter(pk=suggestion.pk).update(text="Shorter.")
        for key in (suggestion.pk, "1"):
            with pytest.raises(InvalidInput, match="Try once more") as raised:
                replied(escalation, robin, draft_key=key)
            assert raised.value.param == "draft"
        assert not Message.objects.filter(author="consultant").exists()

    def test_what_is_made_shorter_rests_on_what_it_was_made_of(self, escalation, robin):
        escalation = joined(escalation)
        for key, chunk in (("0", "chk_1"), ("1", "chk_9"), (None, "chk_9")):
            made = suggestion_request(escalation=escalation, user=robin, kind="shorter", text=DRAFT, draft_key=key)
            Suggestion.objects.filter(pk=made.pk).update(text="Shorter.", state="failed", finished_at=made.created_at)
            assert [source["chunk_id"] for source in draft_find(escalation, made.pk).sources] == [chunk]
        own = suggestion_request(escalation=escalation, user=robin, kind="shorter", text=DRAFT, draft_key="none")
        assert own.sources == []

"""The editor and its draft: what is offered, what was shown when a reply was written, and what that rests on."""

import re

import pytest

from conversations.assisting.suggestions import suggestion_request
from conversations.escalations.drafts import draft_offered
from conversations.escalations.services import escalation_open
from conversations.models import Escalation, HeldReply, Message, Suggestion
from feedback.learning.corrections import correction_note
from feedback.models import Correction
from omnicqm.console.case.page import case_get, stamp_of
from tests.console.case.people import address, page, part_address, press, send_due, shown
from tests.console.people import DRAFT, consultant_make, escalation_make, result_make, source_make
from tests.conversations.people import query_make

pytestmark = pytest.mark.django_db

LATER = "Dear Ms Raman,\n\nyour neighbour may take it. [1]"
OPENING = DRAFT.split("\n")[2]


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


@pytest.fixture
def escalation():
    return escalation_make()


def joins(escalation, draft=LATER):
    """A run ends with a draft of its own for one more message."""
    query = query_make(escalation.conversation, "May my neighbour take it?")
    found = result_make(reply_text=draft, sources=(source_make("Neighbours", chunk_id="chk_9"),) if draft else ())
    escalation_open(conversation=escalation.conversation, queries=[query], result=found)


def suggested(escalation, user, text="Pick a new date under **My orders**.", **fields):
    made = suggestion_request(escalation=escalation, user=user, kind="again")
    Suggestion.objects.filter(pk=made.pk).update(text=text, state="done", finished_at=made.created_at, **fields)
    return made


def editor(text):
    """What stands in it, and the key of the draft that goes with the form."""
    written = re.search(r"<textarea id=\"reply-text\"[^>]*>(.*?)</textarea>", text)
    key = re.search(r'name="draft" value="([^"]*)" id="draft-key"', text)
    return written[1], key[1]


def basis(text):
    """What the text in the editor rests on."""
    return text[text.index('id="basis"') : text.index('class="cq-actions"')]


def learned(escalation):
    """What becomes of the draft once the reply is out."""
    return correction_note(message_id=send_due(escalation).pk)


def stamp_now(escalation):
    case = case_get(escalation.pk)
    return stamp_of(case, draft_offered(case))


class TestOffering:
    def test_an_answer_that_was_given_is_offered_no_more(self, client, robin, escalation):
        press(client, escalation, "send", text=DRAFT, then="waiting")
        send_due(escalation)
        joins(escalation, draft="")  # a person has it: the assistant writes nothing
        text = page(client, escalation)
        assert editor(text) == ("", "none")
        assert "the assistant has no suggestion for this one" in text

    def test_a_draft_that_joins_is_noticed(self, client, robin, escalation):
        before, state = stamp_now(escalation), client.get(part_address(escalation, "state")).json()
        joins(escalation)
        after, told = stamp_now(escalation), client.get(part_address(escalation, "state")).json()
        assert before != after
        assert (state["stamp"], told["stamp"]) == (before, after)
        assert (state["draft"], told["draft"]) == ("0", "1")
        assert f'data-stamp="{after}"' in page(client, escalation)

    def test_it_comes_with_its_own_sources(self, client, robin, escalation):
        assert "Delivery: options, costs and times" in basis(page(client, escalation))
        joins(escalation)
        text = page(client, escalation)
        assert "Neighbours" in basis(text)
        assert "Delivery: options, costs and times" not in basis(text)
        knowledge = text[text.index('id="knowledge-title"') :]
        assert knowledge.index("Neighbours") < knowledge.index("Number 1 in the suggested reply")

    def test_it_is_offered_beside_what_was_written_of_another_one(self, client, robin, escalation):
        joins(escalation)
        newest = escalation.conversation.messages.order_by("-seq").first().seq
        response = press(client, escalation, "send", text="My words", draft="0", known_seq=newest - 1)
        assert response.status_code == 409
        assert editor(shown(response)) == ("My words", "0")
        assert "Delivery: options, costs and times" in basis(shown(response))
        offered = shown(response)[shown(response).index('data-testid="offered"') :]
        assert 'href="?use=1"' in offered
        assert editor(page(client, escalation, "?use=1"))[1] == "1"


class TestShown:
    def test_the_difference_is_against_what_was_shown(self, client, robin, escalation):
        _, key = editor(page(client, escalation))
        joins(escalation)  # meanwhile, and nobody has read it
        press(client, escalation, "send", text=DRAFT, draft=key)
        correction = learned(escalation)
        assert (correction.kind, correction.draft_key) == ("as_is", "0")

    def test_where_nothing_was_shown_it_is_against_nothing(self, client, robin):
        escalation = escalation_make(reply_text="", sources=())
        _, key = editor(page(client, escalation))
        joins(escalation)
        press(client, escalation, "send", text="My words", draft=key)
        assert learned(escalation) is None

    def test_a_suggestion_that_was_taken_is_what_was_shown(self, client, robin, escalation):
        made = suggested(escalation, robin)
        text, key = editor(page(client, escalation, f"?use={made.pk}"))
        press(client, escalation, "send", text=text, draft=key)
        correction = learned(escalation)
        assert (key, correction.kind, correction.draft_key) == (made.pk, "as_is", made.pk)

    def test_the_button_that_takes_it_says_which_one_it_is(self, client, robin, escalation):
        made = suggested(escalation, robin, sources=[{"title": "Orders", "quote": "…"}])
        assert f'data-draft="{made.pk}"' in shown(client.get(part_address(escalation, "suggestion"), {"id": made.pk}))
        assert "Orders" in basis(page(client, escalation, f"?use={made.pk}"))

    def test_while_a_text_is_made_shorter_it_is_not_forgotten(self, client, robin, escalation):
        joins(escalation)
        response = press(client, escalation, "suggest", kind="shorter", text=f"{DRAFT} And more.", draft="0")
        assert editor(shown(response))[1] == "0"
        assert [source["chunk_id"] for source in Suggestion.objects.get().sources] == ["chk_1"]

    def test_a_reply_taken_back_is_still_made_of_it(self, client, robin, escalation):
        press(client, escalation, "send", text="Too early", draft="0")
        held = HeldReply.objects.get(escalation=escalation)
        joins(escalation)
        assert held.draft_key == "0"
        response = press(client, escalation, "undo")
        assert editor(shown(response)) == ("Too early", "0")
        assert 'data-testid="offered"' in shown(response)

    def test_what_was_typed_is_kept_though_the_address_names_a_suggestion(self, client, robin, escalation):
        made = suggested(escalation, robin)
        values = {"do": "send", "known_seq": "0", "text": "My words", "draft": made.pk}
        response = client.post(f"{address(escalation)}?use={made.pk}", values)
        assert response.status_code == 409
        assert editor(shown(response)) == ("My words", made.pk)

    @pytest.mark.parametrize("key", ["7", "sug_" + "0" * 26, "<script>"])
    def test_what_is_no_draft_of_this_case_is_refused_and_the_text_kept(self, client, robin, escalation, key):
        response = press(client, escalation, "send", text="My words", draft=key)
        assert response.status_code == 400
        [told] = response.context["messages"]
        assert "Try once more." in str(told)
        assert editor(shown(response)) == ("My words", "0")
        assert not HeldReply.objects.exists()

    def test_a_draft_of_another_case_is_none_of_this_one(self, client, robin, escalation):
        made = suggested(escalation_make("ada@example.org"), robin)
        assert press(client, escalation, "send", text="My words", draft=made.pk).status_code == 400
        assert OPENING in page(client, escalation, f"?use={made.pk}")
        assert not Message.objects.filter(author="consultant").exists()


class TestDiscarding:
    def test_the_one_on_the_page_is_rejected_and_the_one_that_joined_is_offered(self, client, robin, escalation):
        joins(escalation)
        response = press(client, escalation, "discard", discard_reason="wrong", draft="0")
        assert editor(shown(response))[1] == "1"
        assert Correction.objects.get().draft_key == "0"

    def test_the_second_reason_is_kept_like_the_first(self, client, robin, escalation):
        press(client, escalation, "discard", discard_reason="wrong", draft="0")
        joins(escalation)
        text = page(client, escalation)
        press(client, escalation, "discard", discard_reason="tone", draft=editor(text)[1])
        reasons = Correction.objects.order_by("created_at").values_list("reason", flat=True)
        assert list(reasons) == ["It says something wrong", "The tone does not fit"]
        assert editor(page(client, escalation)) == ("", "none")

    def test_pressed_twice_it_is_discarded_once(self, client, robin, escalation):
        for _ in range(2):
            assert press(client, escalation, "discard", discard_reason="wrong", draft="0").status_code == 200
        assert Correction.objects.count() == 1
        assert Escalation.objects.get().packet["discarded"]["follow_ups"] == 0

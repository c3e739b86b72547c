"""Briefs and suggestions: made by workers with the embedded engine, kept, and shown without being in anybody's way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.models import Category, Run, RunStep
from agents.types import Autonomy, Factor
from conversations import tasks
from conversations.assisting import briefs
from conversations.assisting.briefs import brief_request, brief_write, briefs_missing
from conversations.assisting.suggestions import suggestion_request, suggestion_work, suggestions_sweep
from conversations.erasure import customer_erase
from conversations.errors import EscalationOver, TooManySuggestions
from conversations.models import CaseBrief, Conversation, Escalation, Message, Suggestion
from omnicqm.common.errors import InvalidInput
from omnicqm.common.models import Attempt
from tests.console.case.people import page, part_address, press, shown
from tests.console.people import consultant_make, escalation_make
from tests.conversations.people import query_make

pytestmark = pytest.mark.django_db

LONG = (
    "Dear Ms Raman,\n\nthank you for your message. We are sorry that your dining table did not arrive. "
    "Our depot is a large building with many people in it. You can choose a new delivery date in your account under "
    "**My orders**, free of charge until 12 noon. We have been in business for a long time and are proud of it. "
    "It is always a pleasure to be of service.\n\nKind regards"
)


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


# --- Briefs -----------------------------------------------------------------------------------------------------------
def test_the_brief_is_made_of_the_thread_and_stored(client, robin):
    escalation = escalation_make()

    brief = brief_write(escalation_id=escalation.pk)

    assert "dining table did not arrive" in brief.problem
    assert brief.up_to_seq == escalation.query.message.seq  # the notice after it says nothing
    assert brief.model_used == "local-extractive"
    assert Attempt.objects.filter(run_id=brief.pk, purpose="summarise").exists()
    text = page(client, escalation)
    assert brief.problem[:60] in text
    assert "summed up just now" in text


def test_without_a_brief_the_handoff_speaks_and_nothing_is_made_up(client, robin):
    escalation = escalation_make()
    text = page(client, escalation)
    assert "A Premium customer complains that a dining table missed its third delivery date." in text
    assert "from the handoff" in text
    Escalation.objects.filter(pk=escalation.pk).update(packet={}, score=None)
    text = page(client, escalation)
    assert "Not known yet: read the message." in text
    assert "Mood unknown" in text


def test_a_calm_customer_is_not_called_angry(client, robin):
    assert ">Calm" in page(client, escalation_make(factors={}, score=100, blockers=("asked_for_person",)))
    angry = escalation_make("ada@example.org")
    assert Factor.ANGRY_FRUSTRATED_TONE in angry.packet["factors"]
    assert ">Angry" in page(client, angry)


def test_a_brief_says_what_it_does_not_know_and_is_written_anew(client, robin):
    escalation = escalation_make()
    brief_write(escalation_id=escalation.pk)
    query_make(escalation.conversation, "And where is the chair that I ordered with it?")
    assert "1 newer message not in it" in page(client, escalation)
    brief_write(escalation_id=escalation.pk)
    assert CaseBrief.objects.count() == 1
    assert "newer message" not in page(client, escalation)


def test_a_brief_that_knows_less_does_not_replace_one_that_knows_more():
    escalation = escalation_make()
    brief_write(escalation_id=escalation.pk)
    CaseBrief.objects.update(up_to_seq=99, problem="Knows more")
    assert brief_write(escalation_id=escalation.pk).problem == "Knows more"


def test_what_a_lost_task_left_undone_is_found():
    escalation = escalation_make()
    assert briefs_missing(within=timedelta(hours=1)) == [escalation.pk]
    brief_write(escalation_id=escalation.pk)
    assert briefs_missing(within=timedelta(hours=1)) == []


# --- Suggestions ------------------------------------------------------------------------------------------------------
def test_a_text_is_made_shorter_and_nothing_is_replaced(client, robin, django_capture_on_commit_callbacks):
    escalation = escalation_make()
    with django_capture_on_commit_callbacks():
        waiting = press(client, escalation, "suggest", part="suggestion", kind="shorter", text=LONG)
    assert "Being made shorter" in shown(waiting)
    suggestion = Suggestion.objects.get()

    suggestion_work(suggestion_id=suggestion.pk)

    suggestion.refresh_from_db()
    assert suggestion.state == "done"
    assert len(suggestion.text) < 0.8 * len(LONG)
    assert suggestion.text.startswith("Dear Ms Raman,")
    assert suggestion.text.endswith("Kind regards")
    assert "new delivery date" in suggestion.text
    assert "large building" not in suggestion.text
    offered = shown(client.get(part_address(escalation, "suggestion"), {"id": suggestion.pk}))
    assert "A shorter version" in offered
    assert "Use this" in offered
    escalation.refresh_from_db()
    assert escalation.draft != suggestion.text


def test_the_assistant_drafts_once_more_without_touching_anything(client, robin, know):
    know("# Delivery\n\nThe delivery of furniture takes 5 to 10 working days. Parcels arrive within 2 to 4 days.")
    escalation = escalation_make(text="How long does the delivery of furniture take?")
    before = Message.objects.count()
    suggestion = suggestion_request(escalation=escalation, user=robin, kind="again")

    suggestion_work(suggestion_id=suggestion.pk)

    suggestion.refresh_from_db()
    assert suggestion.state == "done", suggestion.reason
    assert "5 to 10 working days" in suggestion.text
    assert [source["title"] for source in suggestion.sources] == ["Delivery"]
    assert suggestion.model_used == "local-extractive"
    assert Message.objects.count() == before
    assert Escalation.objects.get().state == "open"


def test_a_suggestion_is_its_askers_alone(client, robin):
    suggestion = suggestion_request(escalation=escalation_make(), user=robin, kind="again")
    client.force_login(consultant_make("ida"))
    response = client.get(part_address(suggestion.escalation, "suggestion"), {"id": suggestion.pk})
    assert response.status_code == 404


def test_without_javascript_a_suggestion_is_taken_by_its_address(client, robin):
    escalation = escalation_make()
    suggestion = suggestion_request(escalation=escalation, user=robin, kind="shorter", text=LONG)
    suggestion_work(suggestion_id=suggestion.pk)
    suggestion.refresh_from_db()
    looked_at = page(client, escalation, f"?suggestion={suggestion.pk}")
    assert "large building" in looked_at  # what was typed is still in the editor
    taken = page(client, escalation, f"?use={suggestion.pk}")
    assert "large building" not in taken[taken.index('id="reply-text"') :]


@pytest.mark.parametrize(("kind", "text"), [("shorter", "Too short."), ("shorter", "x" * 30_000), ("longer", LONG)])
def test_what_cannot_be_suggested_is_refused(robin, kind, text):
    with pytest.raises(InvalidInput):
        suggestion_request(escalation=escalation_make(), user=robin, kind=kind, text=text)


def test_suggestions_are_limited(robin):
    escalation = escalation_make()
    for _ in range(3):
        suggestion_request(escalation=escalation, user=robin, kind="again")
    with pytest.raises(TooManySuggestions):
        suggestion_request(escalation=escalation, user=robin, kind="again")
    Suggestion.objects.update(state="failed", finished_at=timezone.now())
    Suggestion.objects.bulk_create(
        Suggestion(escalation=escalation, user=robin, kind="again", state="failed", finished_at=timezone.now())
        for _ in range(57)
    )
    with pytest.raises(TooManySuggestions):
        suggestion_request(escalation=escalation, user=robin, kind="again")


def test_nothing_is_suggested_for_what_is_over(client, robin):
    escalation = escalation_make()
    press(client, escalation, "close", reason="Called her.")
    escalation.refresh_from_db()
    with pytest.raises(EscalationOver):
        suggestion_request(escalation=escalation, user=robin, kind="again")


def test_what_a_worker_left_is_taken_up_again_and_what_is_too_old_is_given_up(robin):
    escalation = escalation_make()
    left = suggestion_request(escalation=escalation, user=robin, kind="again")
    old = suggestion_request(escalation=escalation, user=robin, kind="again")
    ancient = suggestion_request(escalation=escalation, user=robin, kind="again")
    now = timezone.now()
    Suggestion.objects.filter(pk=left.pk).update(
        state="working", lease_until=now - timedelta(seconds=1), created_at=now - timedelta(minutes=3)
    )
    Suggestion.objects.filter(pk=old.pk).update(created_at=now - timedelta(minutes=11))
    Suggestion.objects.filter(pk=ancient.pk).update(created_at=now - timedelta(days=8))

    assert suggestions_sweep() == [left.pk]

    old.refresh_from_db()
    assert old.state == "failed"
    assert "Ask for it again" in old.reason
    assert not Suggestion.objects.filter(pk=ancient.pk).exists()


def test_a_suggestion_given_up_meanwhile_stays_given_up(robin):
    escalation = escalation_make()
    suggestion = suggestion_request(escalation=escalation, user=robin, kind="shorter", text=LONG)
    suggestion_work(suggestion_id=suggestion.pk)
    done = Suggestion.objects.get()
    suggestion_work(suggestion_id=suggestion.pk)  # the task came twice
    assert Suggestion.objects.get().finished_at == done.finished_at


# --- The knowledge base -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("question", ["", "x", "x" * 501])
def test_a_question_to_the_knowledge_base_has_words(client, robin, question):
    response = client.get(part_address(escalation_make(), "knowledge"), {"q": question})
    assert response.status_code == 400


def test_what_the_knowledge_base_does_not_know_is_said(client, robin):
    response = client.get(part_address(escalation_make(), "knowledge"), {"q": "zebra crossing paint"})
    assert "Nothing is known about “zebra crossing paint”" in shown(response)


def test_one_case_without_a_brief_keeps_no_other_from_it(monkeypatch):
    escalation = escalation_make()
    monkeypatch.setattr(briefs, "briefs_missing", lambda **_: ["esc_" + "0" * 26, escalation.pk])
    tasks.assisting_sweep()
    assert CaseBrief.objects.filter(escalation=escalation).exists()


def test_a_brief_asked_for_five_times_is_written_once(monkeypatch):
    asked = []
    monkeypatch.setattr(briefs, "task_enqueue", lambda *args: asked.append(args))
    escalation = escalation_make()
    assert [brief_request(escalation=escalation) for _ in range(5)] == [True, *[False] * 4]
    assert len(asked) == 1
    Conversation.objects.filter(pk=escalation.conversation_id).update(last_seq=99)
    assert brief_request(escalation=escalation), "what was said since is not in it"


def test_in_the_shadow_the_assistant_suggests_nothing(robin, know):
    know("# Delivery\n\nThe delivery of furniture takes 5 to 10 working days. Parcels arrive within 2 to 4 days.")
    for key in ("other", "product", "billing", "orders", "delivery", "returns", "complaint", "account"):
        Category.objects.update_or_create(key=key, defaults={"title": key, "autonomy": Autonomy.SHADOW})
    escalation = escalation_make(text="How long does the delivery of furniture take?")
    suggestion = suggestion_request(escalation=escalation, user=robin, kind="again")
    suggestion_work(suggestion_id=suggestion.pk)
    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.text) == ("failed", "")


def test_what_was_drafted_once_more_goes_with_the_customers_data(robin, know):
    know("# Delivery\n\nThe delivery of furniture takes 5 to 10 working days. Parcels arrive within 2 to 4 days.")
    escalation = escalation_make(text="How long does the delivery of furniture take?")
    suggestion = suggestion_request(escalation=escalation, user=robin, kind="again")
    suggestion_work(suggestion_id=suggestion.pk)
    assert Run.objects.filter(scope="replay").exclude(reply_text="").exists()
    customer_erase(customer=escalation.conversation.customer, actor="customer:x")
    assert not Run.objects.exclude(reply_text="", intent="", explanation="").exists()
    assert not RunStep.objects.exclude(input={}, output={}).exists()

"""What the buttons of the case page do, and what they refuse."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from conversations.desk.services import guide_publish
from conversations.escalations.services import escalation_claim
from conversations.models import Customer, Escalation, GuideTick, HeldReply, Macro, Message
from feedback.models import Correction
from omnicqm.common.models import AuditEvent
from omnicqm.console.case.actions import ACTIONS
from tests.console.case.people import address, page, part_address, press, send_due, shown
from tests.console.people import DRAFT, admin_make, consultant_make, escalation_make
from tests.conversations.people import customer_make, query_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def told(response):
    return [str(message) for message in response.context["messages"]]


# --- Sending and taking back ------------------------------------------------------------------------------------------
def test_a_reply_taken_back_is_the_draft_again_and_nothing_was_sent(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="Too early")
    response = press(client, escalation, "undo")
    assert told(response) == ["Taken back. Nothing was sent."]
    assert ">Too early</textarea>" in shown(response)
    assert send_due(escalation) is None
    assert not Message.objects.filter(author="consultant").exists()


def test_what_is_sent_already_cannot_be_taken_back(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="Here you are.")
    send_due(escalation)
    response = press(client, escalation, "undo")
    assert response.status_code == 409
    assert told(response) == ["It has been sent."]


def test_pressing_send_twice_sends_once(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="Here you are.")
    press(client, escalation, "send", text="Here you are.")
    send_due(escalation)
    assert Message.objects.filter(author="consultant").count() == 1


def test_a_colleague_sees_that_a_reply_is_about_to_go_out_and_cannot_take_it_back(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="Here you are.")
    client.force_login(consultant_make("ida", first_name="Ida"))
    text = page(client, escalation)
    assert "The reply of Robin Hale" in text
    assert 'value="undo"' not in text
    assert press(client, escalation, "undo").status_code == 403


def test_a_held_reply_that_the_customer_overtook_comes_back_with_what_they_wrote(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="My careful answer")
    query_make(escalation.conversation, "Forget it, the table is here!")
    assert send_due(escalation) is None
    text = page(client, escalation)
    conflict = text[text.index('data-testid="conflict"') : text.index('id="thread"')]
    assert "The customer has written again" in conflict
    assert "Forget it, the table is here!" in conflict
    assert ">My careful answer</textarea>" in text


@pytest.mark.parametrize(("then", "state"), [("answered", "answered"), ("waiting", "waiting"), ("resolve", "answered")])
def test_what_comes_after_the_reply_is_chosen_with_it(client, robin, then, state):
    escalation = escalation_make()
    press(client, escalation, "send", text="Here you are.", then=then)
    send_due(escalation)
    escalation.refresh_from_db()
    assert escalation.state == state


# --- Two people -------------------------------------------------------------------------------------------------------
def test_a_second_consultant_overwrites_nothing_and_keeps_their_text(client, robin):
    escalation = escalation_make()
    seen = escalation.conversation.messages.count()
    press(client, escalation, "send", text="From Robin", known_seq=seen)

    client.force_login(consultant_make("ida", first_name="Ida", last_name="Moss"))
    response = press(client, escalation, "send", text="From Ida", known_seq=seen)
    assert response.status_code == 409
    assert "From Ida" in shown(response)
    assert "Robin Hale" in shown(response)

    send_due(escalation)
    response = press(client, escalation, "send", text="From Ida", known_seq=seen)
    assert response.status_code == 409
    conflict = shown(response)
    conflict = conflict[conflict.index('data-testid="conflict"') : conflict.index('id="thread"')]
    assert "From Robin" in conflict
    assert "From Ida" in conflict
    assert list(Message.objects.filter(author="consultant").values_list("text", flat=True)) == ["From Robin"]


def test_taking_over_names_the_colleague_first(client, robin):
    escalation = escalation_make()
    escalation_claim(escalation=escalation, user=consultant_make("ida", first_name="Ida", last_name="Moss"))
    text = page(client, escalation)
    assert "Take over from Ida" in text
    assert press(client, escalation, "claim").status_code == 409
    assert press(client, escalation, "take_over").status_code == 200
    escalation.refresh_from_db()
    assert escalation.assignee == robin


def test_what_is_given_back_is_nobodys(client, robin):
    escalation = escalation_make()
    press(client, escalation, "claim")
    assert told(press(client, escalation, "release"))[-1] == "Given back: colleagues may take it."
    escalation.refresh_from_db()
    assert (escalation.state, escalation.assignee) == ("open", None)


def test_the_state_tells_a_page_that_something_changed(client, robin):
    escalation = escalation_make()
    first = client.get(part_address(escalation, "state")).json()
    assert client.get(part_address(escalation, "state")).json() == first
    press(client, escalation, "claim")
    second = client.get(part_address(escalation, "state")).json()
    assert second["stamp"] != first["stamp"]
    assert (second["assignee"], second["mine"], second["newest"]) == ("Robin Hale", True, first["newest"])


# --- Later, over ------------------------------------------------------------------------------------------------------
def test_snoozed_and_woken(client, robin):
    escalation = escalation_make()
    press(client, escalation, "snooze", snooze="1h")
    escalation.refresh_from_db()
    assert timedelta(minutes=59) < escalation.snoozed_until - timezone.now() <= timedelta(hours=1)
    assert "Wake up" in page(client, escalation)
    press(client, escalation, "unsnooze")
    escalation.refresh_from_db()
    assert escalation.snoozed_until is None


def test_snoozed_until_a_moment_that_is_written(client, robin):
    escalation = escalation_make()
    in_a_week = (timezone.localtime() + timedelta(days=7)).replace(second=0, microsecond=0)
    press(client, escalation, "snooze", snooze_until=f"{in_a_week:%Y-%m-%dT%H:%M}")
    escalation.refresh_from_db()
    assert escalation.snoozed_until == in_a_week
    assert press(client, escalation, "snooze", snooze_until="soon").status_code == 400


def test_resolved_with_a_reason_and_without_a_reply(client, robin):
    escalation = escalation_make()
    response = press(client, escalation, "resolve", resolution="duplicate", resolution_note="Same as CQ-1")
    assert told(response) == ["Resolved."]
    escalation.refresh_from_db()
    assert (escalation.state, escalation.resolution) == ("closed", "duplicate")
    assert "Duplicate of another case" in shown(response)


@pytest.mark.parametrize("resolution", ["", "because"])
def test_resolving_needs_a_reason_we_know(client, robin, resolution):
    escalation = escalation_make()
    assert press(client, escalation, "resolve", resolution=resolution).status_code == 400
    escalation.refresh_from_db()
    assert escalation.state == "open"


# --- Guide and macros -------------------------------------------------------------------------------------------------
def test_a_step_is_ticked_off_with_name_and_time_and_the_next_one_is_shown(client, robin):
    escalation = escalation_make()
    guide = guide_publish(
        category="delivery",
        title="Late furniture",
        steps=[("Call the depot", "Extension 12"), ("Offer a new date", "")],
        actor=robin,
    )
    assert "<dd>Call the depot</dd>" in page(client, escalation)  # the next step of the summary
    first = guide.steps.first()

    response = press(client, escalation, "tick", part="guide", step=first.pk)

    assert "1 of 2 done" in shown(response)
    assert "Robin Hale, just now" in shown(response)
    tick = GuideTick.objects.get()
    assert (tick.step, tick.user) == (first, robin)
    assert "<dd>Offer a new date</dd>" in page(client, escalation)
    press(client, escalation, "untick", part="guide", step=first.pk)
    assert not GuideTick.objects.exists()


def test_a_step_that_is_none_is_a_plain_message(client, robin):
    response = press(client, escalation_make(), "tick", part="guide", step="gst_nope")
    assert response.status_code == 404
    assert "Load the page again" in response.content.decode()


def test_macros_are_offered_as_they_would_be_said_here(client, robin):
    Macro.objects.create(title="Greeting", text="Dear {customer_name},\n\n{reference}\n\n{consultant_name}")
    Macro.objects.create(title="Old", text="No more", is_active=False)
    escalation = escalation_make()
    text = page(client, escalation)
    assert f'data-insert="Dear Priya Raman, {escalation.conversation.reference} Robin Hale"' in text
    assert "No more" not in text


# --- The draft --------------------------------------------------------------------------------------------------------
def test_a_discarded_draft_is_offered_no_more_and_the_reason_is_kept(client, robin):
    escalation = escalation_make()
    response = press(client, escalation, "discard", discard_reason="wrong")
    assert "the suggestion was discarded" in shown(response)
    assert DRAFT.split("\n")[0] not in shown(response)
    escalation.refresh_from_db()
    assert escalation.draft == DRAFT  # there is something to learn from it
    assert escalation.packet["discarded"]["reason"] == "wrong"
    assert AuditEvent.objects.get(action="draft.discarded").details == {"reason": "wrong"}
    learned = Correction.objects.get(escalation=escalation)
    assert (learned.kind, learned.reason, learned.user) == ("rejected", "It says something wrong", robin)


def test_the_next_draft_of_the_assistant_is_offered_again(client, robin):
    escalation = escalation_make()
    press(client, escalation, "discard", discard_reason="tone")
    escalation.refresh_from_db()
    escalation.packet["follow_ups"] = [{"draft": "A newer draft", "query_ids": []}]
    escalation.save()
    assert "A newer draft" in page(client, escalation)


@pytest.mark.parametrize("reason", ["", "boring"])
def test_discarding_needs_a_reason_we_know(client, robin, reason):
    assert press(client, escalation_make(), "discard", discard_reason=reason).status_code == 400


def test_the_preview_is_what_the_customer_would_see(client, robin):
    response = client.post(part_address(escalation_make(), "preview"), {"text": "**bold** <script>alert(1)</script>"})
    assert "<strong>bold</strong>" in response.content.decode()
    assert "<script>" not in response.content.decode()


# --- Who is who -------------------------------------------------------------------------------------------------------
def other_make() -> Customer:
    """Somebody of another name, known by the address that stands in Ms Raman's record."""
    return customer_make("p.raman@example.com", display_name="P. R.")


def raman_make() -> Escalation:
    escalation = escalation_make()
    customer = escalation.conversation.customer
    customer.profile = {"PrivateMail": "p.raman@example.com"}
    customer.save()
    return escalation


def test_who_may_be_the_same_person_is_suggested_with_what_speaks_for_it(client, robin):
    other, escalation = other_make(), raman_make()
    text = shown(client.get(part_address(escalation, "around")))
    assert other.pk in text
    assert "PrivateMail” in this record is the other one’s e-mail address" in text
    assert 'value="merge"' not in text  # consultants may see it; merging is for those who may change customers


def test_that_nothing_speaks_for_it_is_said(client, robin):
    assert "Nobody that anything speaks for" in shown(client.get(part_address(escalation_make(), "around")))


def test_merging_needs_the_right_and_is_in_the_trail(client, robin):
    other, escalation = other_make(), raman_make()
    assert press(client, escalation, "merge", absorbed=other.pk).status_code == 403

    robin.user_permissions.add(Permission.objects.get(codename="change_customer"))
    client.force_login(robin)
    assert 'value="merge"' in shown(client.get(part_address(escalation, "around")))
    press(client, escalation, "merge", absorbed=other.pk)

    other.refresh_from_db()
    assert other.merged_into == escalation.conversation.customer
    evidence = AuditEvent.objects.get(action="customer.merged").details["evidence"]
    assert evidence == {"reason": "suggested", "found": 1}


def test_only_what_is_suggested_can_be_merged(client):
    client.force_login(admin_make())
    stranger = customer_make("somebody@example.com")
    assert press(client, escalation_make(), "merge", absorbed=stranger.pk).status_code == 404
    stranger.refresh_from_db()
    assert stranger.merged_into is None


# --- The trail --------------------------------------------------------------------------------------------------------
def test_the_trail_tells_who_did_what_without_a_word_of_what_was_said(client, robin):
    escalation = escalation_make()
    press(client, escalation, "note", note="A secret thought")
    press(client, escalation, "send", text="A careful answer")
    send_due(escalation)
    text = shown(client.get(part_address(escalation, "trail")))
    for words in ("Robin Hale", "wrote an internal note", "pressed send", "answered", "handed over to people"):
        assert words in text
    assert "secret" not in text
    assert "careful" not in text


# --- Rights -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("do", ACTIONS)
def test_who_may_only_look_can_do_nothing(client, do):
    escalation = escalation_make()
    viewer = consultant_make("vera")
    viewer.groups.clear()
    viewer.user_permissions.add(Permission.objects.get(codename="view_escalation"))
    client.force_login(viewer)
    assert client.post(address(escalation), {"do": do, "known_seq": 1, "text": "x"}).status_code == 403
    assert not HeldReply.objects.exists()
    assert Escalation.objects.get().state == "open"


@pytest.mark.parametrize(("do", "fields"), [("resolve", {"resolution": "solved"}), ("close", {"reason": "Called."})])
def test_a_stale_page_ends_nothing_the_customer_has_just_asked(client, robin, do, fields):
    escalation = escalation_make()
    seen = escalation.conversation.messages.count()
    query_make(escalation.conversation, "And where is my refund?")
    assert 'name="known_seq"' in page(client, escalation).split('id="resolve"')[1].split("</form>")[0]
    assert press(client, escalation, do, known_seq=seen, **fields).status_code == 409
    escalation.refresh_from_db()
    assert escalation.state in Escalation.ACTIVE

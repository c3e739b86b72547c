"""The thread of a case: its newest screenful, earlier messages when they are wanted, and what stands behind each."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.urls import reverse

from agents.models import Run, RunStep
from conversations.models import Attachment, Message, Transcription
from conversations.services.messages import message_append
from omnicqm.console.case.window import SIZE
from tests.console.case.people import address, page, part_address, press, send_due, shown, thread_fill
from tests.console.people import admin_make, consultant_make, escalation_make
from tests.conversations.people import channel_get

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def test_a_long_thread_shows_its_newest_messages_and_loads_earlier_ones_without_gap_or_double(client, robin):
    escalation = escalation_make()
    thread_fill(escalation, 70)
    newest = escalation.conversation.messages.count()

    first = page(client, escalation)
    assert f'id="seq-{newest}"' in first
    assert f'id="seq-{newest - SIZE}"' not in first
    assert f"{newest - SIZE} earlier messages" in first

    seen, before = [], newest - SIZE + 1
    while True:
        response = client.get(part_address(escalation, "thread"), {"before": before})
        numbers = [int(part.split('"')[0]) for part in response.content.decode().split('id="seq-')[1:]]
        seen = numbers + seen
        before = numbers[0]
        if response["X-Earlier"] == "0":
            break
    assert seen == list(range(1, newest - SIZE + 1))


def test_what_came_after_a_message_is_fetched_alone(client, robin):
    escalation = escalation_make()
    newest = escalation.conversation.messages.count()
    thread_fill(escalation, 2)
    response = client.get(part_address(escalation, "thread"), {"after": newest})
    text = response.content.decode()
    assert "Line 0000" in text
    assert "Line 0001" in text
    assert "third time" not in text
    assert response["X-Newest"] == str(newest + 2)


@pytest.mark.parametrize("asked", [{}, {"before": "x"}, {"before": "1" * 40}])
def test_a_tampered_address_is_a_plain_message(client, robin, asked):
    response = client.get(part_address(escalation_make(), "thread"), asked)
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("make", [admin_make, consultant_make])
def test_five_hundred_messages_need_no_more_queries_than_a_few(client, django_assert_max_num_queries, make):
    client.force_login(make())
    escalation = escalation_make()
    thread_fill(escalation, 500)
    client.get(address(escalation))  # what a process reads once
    with django_assert_max_num_queries(25):
        assert "earlier messages" in page(client, escalation)


def test_what_the_assistant_said_shows_its_score_its_tools_and_its_sources(client, robin):
    escalation = escalation_make()
    reply = Message.objects.get(author="assistant")
    run = Run.objects.create(scope="channel:chat", score=92)
    for index, name in enumerate(["search_knowledge", "get_order_status", "get_order_status"]):
        RunStep.objects.create(run=run, index=index, kind="tool", name=name)
    reply.run, reply.sources = run, [{"title": "Delivery", "quote": "5 to 10", "context": "It takes 5 to 10 days."}]
    reply.save()

    text = page(client, escalation)

    assert "score 92" in text
    assert text.count("Get order status") == 1
    assert "Search knowledge" not in text  # its passages are the sources
    assert f'popovertarget="src-{reply.pk}-1"' in text
    assert "It takes 5 to 10 days." in text


def test_an_answer_of_a_person_can_be_made_an_article_by_whoever_may_propose_one(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send", text="You can move it until noon.")
    answer = send_due(escalation)
    offered = reverse("learning:article_from", args=[answer.pk])
    assert page(client, escalation).count("Make this an article") == 1  # not for what the machine or a customer said
    assert offered in page(client, escalation)

    robin.groups.clear()
    robin.user_permissions.add(Permission.objects.get(codename="view_escalation"))
    assert "Make this an article" not in page(client, escalation)


def test_a_note_is_told_apart_from_what_customers_see(client, robin):
    escalation = escalation_make()
    press(client, escalation, "note", note="Ask the depot first.")
    text = page(client, escalation)
    note = text[text.index("cq-message cq-note") :]
    assert "Internal note" in note
    assert "the customer does not see it" in note
    assert "Ask the depot first." in note
    assert "Robin Hale" in note


def test_a_note_written_by_the_page_itself_comes_back_as_its_message(client, robin):
    escalation = escalation_make()
    response = press(client, escalation, "note", part="note", note="Ask the depot first.")
    assert response.status_code == 200
    assert "Ask the depot first." in response.content.decode()
    assert "third time" not in response.content.decode()


def test_what_the_customer_wrote_before_the_note_comes_with_it(client, robin):
    escalation = escalation_make()
    shown_until = escalation.conversation.messages.count()
    message_append(
        conversation=escalation.conversation,
        direction="inbound",
        author="customer",
        channel=channel_get("outlook"),
        text="Please cancel it.",
    )
    response = client.post(
        f"{address(escalation)}?after={shown_until}",
        {"do": "note", "note": "Ask the depot first."},
        headers={"X-Part": "note"},
    )
    text = response.content.decode()
    numbers = [int(part.split('"')[0]) for part in text.split('data-seq="')[1:]]
    assert numbers == [shown_until + 1, shown_until + 2]
    assert text.index("Please cancel it.") < text.index("Ask the depot first.")


@pytest.mark.parametrize("after", ["x", "999999999", ""])
def test_a_note_is_in_its_answer_whatever_the_address_says_is_shown(client, robin, after):
    escalation = escalation_make()
    response = client.post(
        f"{address(escalation)}?after={after}", {"do": "note", "note": "Ask the depot."}, headers={"X-Part": "note"}
    )
    assert "Ask the depot." in response.content.decode()


@pytest.mark.parametrize("text", ["", "   ", "x" * 5_001])
def test_a_note_says_something_and_is_no_book(client, robin, text):
    escalation = escalation_make()
    response = press(client, escalation, "note", part="note", note=text)
    assert response.status_code == 400
    assert not Message.objects.filter(direction="note").exists()


def test_a_mail_is_shown_as_a_mail(client, robin):
    escalation = escalation_make()
    message = escalation.query.message
    message.raw_text = f"{message.text}\n\n> On Monday you wrote:\n> It comes on Tuesday."
    message.save()
    text = page(client, escalation)
    assert "<dt>From</dt>" in text
    assert "The whole mail, as it came" in text
    assert "It comes on Tuesday." in text


def test_what_was_said_in_a_recording_stands_below_it(client, robin):
    escalation = escalation_make()
    attachment = Attachment.objects.create(
        message=escalation.query.message,
        name="voice.ogg",
        content_type="audio/ogg",
        size=3,
        sha256="x",
        file=ContentFile(b"ogg", "voice.ogg"),
    )
    Transcription.objects.create(
        source="attachment", attachment=attachment, text="It is the third time.", confidence=0.87, duration_s=2
    )
    text = page(client, escalation)
    assert "voice.ogg" in text
    assert "It is the third time." in text
    assert "heard with 87 % confidence" in text


def test_a_message_of_the_customer_that_came_in_html_cannot_act(client, robin):
    escalation = escalation_make()
    message_append(
        conversation=escalation.conversation,
        direction="inbound",
        author="customer",
        channel=channel_get("outlook"),
        text="hello",
        html="<img src=x onerror=alert(1)>",
    )
    assert "onerror" not in page(client, escalation)


def test_parts_are_for_those_who_may_see_the_case(client):
    escalation = escalation_make()
    stranger = consultant_make("vera")
    stranger.groups.clear()
    client.force_login(stranger)
    for part in ("thread", "state", "knowledge", "suggestion", "guide", "brief", "around", "trail"):
        assert client.get(part_address(escalation, part)).status_code == 403
    assert client.post(part_address(escalation, "preview")).status_code == 403


def test_a_part_that_is_none_and_a_case_that_is_none_are_not_found(client, robin):
    escalation = escalation_make()
    assert client.get(part_address(escalation, "secrets")).status_code == 404
    missing = part_address(escalation, "state").replace(escalation.pk, "esc_01k8z3c9v7e2m4n6p8r0t2w4y6")
    assert client.get(missing).status_code == 404
    assert shown(client.get(missing)) == "There is no such escalation."

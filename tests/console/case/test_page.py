"""The consultants' workplace: everything on one page, and what its buttons do."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from agents.models import Category, FactorWeight
from conversations.escalations.drafts import draft_offered
from conversations.escalations.services import held_reply_send
from conversations.models import Conversation, Delivery, Escalation, HeldReply, Message, Query
from omnicqm.console.case.knowledge import document_cards
from omnicqm.console.case.window import SIZE
from tests.console.people import COMPLAINT, DRAFT, admin_make, consultant_make, escalation_make
from tests.conversations.people import query_make

pytestmark = pytest.mark.django_db

LONG_PASSAGE = "Typical mistakes\nPromising a date that nobody has confirmed. " + "word " * 40


@pytest.fixture
def robin(client):
    user = consultant_make()
    client.force_login(user)
    return user


def address(escalation):
    return reverse("admin:conversations_escalation_change", args=[escalation.pk])


def page(client, escalation):
    response = client.get(address(escalation))
    assert response.status_code == 200
    return response.content.decode()


def press(client, escalation, do, **fields):
    seen = escalation.conversation.messages.order_by("-seq").first().seq
    data = {"do": do, "known_seq": seen, "text": DRAFT, "reason": "", **fields}
    return client.post(address(escalation), data, follow=True)


def send_due(escalation):
    """What the worker does when the seconds to take it back have passed."""
    HeldReply.objects.filter(escalation=escalation).update(send_at=timezone.now())
    return held_reply_send(held_id=HeldReply.objects.get(escalation=escalation).pk)


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_it_shows_the_message_and_the_history_of_all_channels(client, robin):
    shown = page(client, escalation_make())
    assert "third time that my dining table did not arrive" in shown
    assert "waits for an answer" in shown
    assert "When will my table be delivered?" in shown  # asked in the chat before
    assert "<strong>5 to 10 working days</strong>" in shown  # and answered by the assistant
    assert "Website chat" in shown
    assert "Outlook e-mail" in shown


def test_it_explains_the_score_factor_by_factor(client, robin):
    shown = page(client, escalation_make())
    assert "100 − 50 − 30 − 15 = 5" in shown
    for words in ("Premium complaints", "did not arrive", "Angry/frustrated tone", "unacceptable", "an answer today"):
        assert words in shown
    assert "Answered alone from 80 on" in shown
    unseen = "no knowledge about the question (100), unclear information (85), multiple topics (10)."
    assert f"Not seen, with the weight of each: {unseen}" in shown


def test_what_was_not_seen_has_the_weight_that_an_admin_gave_it(client, robin):
    escalation = escalation_make()
    delivery = Category.objects.create(key="delivery", title="Delivery")
    FactorWeight.objects.create(factor="unclear_info", weight=60)
    FactorWeight.objects.create(factor="multiple_topics", weight=20, category=delivery)
    assert "unclear information (60), multiple topics (20)." in page(client, escalation)


def test_it_tells_both_clocks_by_name(client, robin):
    escalation = escalation_make()
    in_hours = [timezone.now() + timedelta(hours=hours, minutes=1) for hours in (2, 30)]
    Escalation.objects.filter(pk=escalation.pk).update(response_due_at=in_hours[0], resolution_due_at=in_hours[1])
    assert clocks(client, escalation) == ["First response due in 2\xa0hours", "Resolution due in 1\xa0day"]

    late = timezone.now() - timedelta(minutes=5)
    Escalation.objects.filter(pk=escalation.pk).update(resolution_due_at=late, first_reply_at=late)
    told = clocks(client, escalation)
    assert told == ["Resolution overdue by 5\xa0minutes", "Next response due in 2\xa0hours"]


def clocks(client, escalation):
    return re.findall(r'data-testid="clock">(.*?)<', page(client, escalation))


def test_it_names_blockers_in_words(client, robin):
    shown = page(client, escalation_make(blockers=("asked_for_person",), factors={}, score=100))
    assert "The customer asked for a person" in shown


def test_a_score_that_would_have_been_enough_is_not_shown_as_the_reason(client, robin):
    shown = page(client, escalation_make(blockers=("asked_for_person",), factors={}, score=100))
    assert "100 = 100" not in shown
    assert "Answered alone from" not in shown
    assert "cq-gauge-score" not in shown


def test_it_shows_who_the_customer_is(client, robin):
    shown = page(client, escalation_make())
    assert "Priya Raman" in shown
    assert "cq-level-premium" in shown
    assert "priya@example.org" in shown
    assert "Favourite store" in shown
    assert "Lakeview" in shown


def test_it_shows_the_suggestion_its_sources_and_internal_passages(client, robin):
    shown = page(client, escalation_make())
    assert "you can choose a new date in your account under **My orders**" in shown
    assert "Delivery: options, costs and times" in shown
    assert "Internal: complaints of Premium members" in shown
    assert "do not quote it to the customer" in shown
    assert "Call the depot before you write." in shown


def test_passages_of_one_document_share_a_card_and_begin_with_text_below_their_heading(client, robin):
    escalation = escalation_make()
    escalation.packet["passages"] += [
        {**escalation.packet["passages"][0], "chunk_id": "chk_3", "heading": "Typical mistakes", "text": LONG_PASSAGE},
        {**escalation.packet["passages"][0], "document_id": "doc_x", "chunk_id": "chk_1", "heading": "Next-day"},
    ]
    escalation.save()

    cited, internal = document_cards(escalation, draft_offered(escalation))

    assert [(excerpt.number, excerpt.heading) for excerpt in cited.excerpts] == [(1, "Next-day")]
    assert [excerpt.heading for excerpt in internal.excerpts] == ["The first ten minutes", "Typical mistakes"]
    assert internal.excerpts[1].preview.startswith("Promising a date that nobody has confirmed.")
    assert internal.excerpts[1].preview.endswith("word …")
    assert "Promising a date" in page(client, escalation)


def test_a_matter_without_a_subject_is_known_by_its_first_words(client, robin):
    escalation = escalation_make()
    Conversation.objects.filter(pk=escalation.conversation_id).update(subject="")
    Escalation.objects.filter(pk=escalation.pk).update(packet={})
    assert "<title> This is the third time that my dining table …" in " ".join(page(client, escalation).split())


def test_a_chat_reply_is_said_to_be_in_the_chat_and_shows_no_ids(client, robin):
    escalation = escalation_make(channel="chat")
    press(client, escalation, "send")
    send_due(escalation)
    shown = page(client, escalation)
    assert "In the chat" in shown
    assert f"to {escalation.conversation_id}" not in shown


def test_the_newest_suggestion_is_offered_when_the_customer_wrote_again(client, robin):
    escalation = escalation_make()
    escalation.packet["follow_ups"] = [{"draft": "", "query_ids": []}, {"draft": "A newer draft", "query_ids": []}]
    escalation.save()
    assert "A newer draft" in page(client, escalation)


def test_an_escalation_the_agent_could_not_work_on_still_opens(client, robin):
    escalation = escalation_make()
    Escalation.objects.filter(pk=escalation.pk).update(score=None, packet={}, draft="", draft_sources=[])
    shown = page(client, escalation)
    assert "the assistant has no suggestion for this one" in shown
    assert "cq-sum" not in shown


def test_html_of_a_customer_is_shown_as_text(client, robin):
    shown = page(client, escalation_make(text="<script>alert(1)</script> <b>hello</b>"))
    assert "<script>alert(1)" not in shown
    assert "&lt;b&gt;hello&lt;/b&gt;" in shown


def test_sending_the_edited_reply_answers_the_customer_on_their_channel(
    client, robin, django_capture_on_commit_callbacks
):
    escalation = escalation_make()

    response = press(client, escalation, "send", text="Dear Ms Raman,\n\nit comes **tomorrow**.")

    shown = " ".join(response.content.decode().split())
    assert "Your reply goes out" in shown
    assert 'value="undo"' in shown
    assert not Message.objects.filter(author="consultant").exists()
    assert send_due(escalation)
    escalation.refresh_from_db()
    assert (escalation.state, escalation.assignee) == ("answered", robin)
    assert (escalation.reply.author, escalation.reply.consultant) == ("consultant", robin)
    assert escalation.reply.html.count("<strong>tomorrow</strong>") == 1
    delivery = Delivery.objects.get(message=escalation.reply)
    assert (delivery.kind, delivery.target) == ("mail", "priya@example.org")
    shown = page(client, escalation)
    assert "Reply sent" in shown
    assert "priya@example.org" in shown
    assert 'name="text"' not in shown


def test_an_empty_reply_is_refused_and_nothing_is_sent(client, robin):
    escalation = escalation_make()
    response = press(client, escalation, "send", text="  \n ")
    assert response.status_code == 400
    assert told(response) == ["Write a reply first."]
    assert not Message.objects.filter(author="consultant").exists()


def test_a_reply_to_what_has_been_overtaken_is_refused_and_the_text_is_kept(client, robin):
    escalation = escalation_make()
    seen = Conversation.objects.get(pk=escalation.conversation_id).last_seq
    query_make(escalation.conversation, "Forget it, the table is here!", subject="Third delivery date missed")

    response = press(client, escalation, "send", text="My careful answer", known_seq=seen)

    assert response.status_code == 409
    shown = response.content.decode()
    conflict = shown[shown.index('data-testid="conflict"') : shown.index('id="thread"')]
    assert "The customer has written again" in conflict
    assert "Forget it, the table is here!" in conflict
    assert "When will my table be delivered?" not in conflict  # what was known is not news
    assert "My careful answer" in shown
    assert not HeldReply.objects.exists()
    assert press(client, escalation, "send", text="My careful answer").status_code == 200
    assert send_due(escalation).text == "My careful answer"
    assert Escalation.objects.get().state == "answered"


def test_claiming_makes_it_mine(client, robin):
    escalation = escalation_make()
    response = press(client, escalation, "claim")
    assert told(response) == ["This one is yours now."]
    escalation.refresh_from_db()
    assert (escalation.state, escalation.assignee) == ("assigned", robin)
    assert "Robin Hale (you)" in " ".join(response.content.decode().split())


def test_what_a_colleague_works_on_cannot_be_answered_but_taken_over(client, robin):
    escalation = escalation_make()
    client.force_login(consultant_make("ida", first_name="Ida", last_name="Moss"))
    press(client, escalation, "claim")
    client.force_login(robin)

    shown = page(client, escalation)
    assert "Ida Moss works on this one" in shown
    assert 'value="send"' not in shown
    assert press(client, escalation, "send").status_code == 409

    assert press(client, escalation, "take_over").status_code == 200
    escalation.refresh_from_db()
    assert escalation.assignee == robin


def test_what_is_hardly_about_the_matter_is_no_card(client, robin):
    escalation = escalation_make()
    [passage] = escalation.packet["passages"]
    far = {**passage, "document_id": "doc_far", "chunk_id": "chk_far", "title": "Gift cards", "relevance": 0.1}
    escalation.packet["passages"] = [passage, far]
    assert "Gift cards" not in [card.title for card in document_cards(escalation, draft_offered(escalation))]


def test_closing_needs_a_reason_which_becomes_an_internal_note(client, robin):
    escalation = escalation_make()
    assert press(client, escalation, "close").status_code == 400

    response = press(client, escalation, "close", reason="Called her, all settled.")

    assert Escalation.objects.get().state == "closed"
    note = Message.objects.get(direction="note")
    assert (note.text, note.consultant) == ("Called her, all settled.", robin)
    shown = response.content.decode()
    assert "Closed without a reply" in shown
    assert "internal note" in shown


def test_what_is_over_cannot_be_answered_again(client, robin):
    escalation = escalation_make()
    press(client, escalation, "send")
    send_due(escalation)
    response = press(client, escalation, "send", text="Once more, with care")
    assert response.status_code == 409
    assert "Once more, with care" in response.content.decode()  # kept, to be used elsewhere
    assert Message.objects.filter(author="consultant").count() == 1


@pytest.mark.parametrize("fields", [{"do": "dance"}, {"do": ""}, {"known_seq": "x"}, {"known_seq": str(10**30)}])
def test_a_tampered_form_is_a_plain_message(client, robin, fields):
    escalation = escalation_make()
    response = press(client, escalation, **{"do": "send", **fields})
    assert response.status_code == 400
    assert len(told(response)) == 1


def test_who_may_only_look_cannot_act(client):
    escalation = escalation_make()
    viewer = consultant_make("vera")
    viewer.groups.clear()
    client.force_login(viewer)
    assert client.get(address(escalation)).status_code == 403

    viewer.user_permissions.add(Permission.objects.get(codename="view_escalation"))
    client.force_login(viewer)
    shown = page(client, escalation)
    assert "You may read this escalation, but not answer it." in shown
    assert press(client, escalation, "send").status_code == 403
    assert Escalation.objects.get().state == "open"


def test_strangers_are_sent_to_the_login(client):
    response = client.get(address(escalation_make()))
    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))


def test_an_unknown_id_leads_back_to_the_list(client, robin):
    response = client.get(reverse("admin:conversations_escalation_change", args=["esc_nope"]), follow=True)
    assert "doesn’t exist" in told(response)[0]


def test_the_page_needs_few_queries_however_long_the_thread(client, django_assert_max_num_queries):
    client.force_login(admin_make())
    escalation = escalation_make()
    for number in range(SIZE):
        query = query_make(escalation.conversation, f"{number}: {COMPLAINT}")
        Query.objects.filter(pk=query.pk).update(
            status="escalated", answered_with=escalation.query, finished_at=query.created_at
        )
    with django_assert_max_num_queries(25):
        assert page(client, escalation).count("waits for an answer") == SIZE  # one screenful; the rest is fetched


def test_the_links_of_the_lists_lead_to_the_page(client, robin):
    """The admin writes ids in its links in a way of its own."""
    escalation_make()
    for name, words in (("escalation", "Suggested reply"), ("conversation", "4, all channels")):
        shown = client.get(reverse(f"admin:conversations_{name}_changelist"), follow=True).content.decode()
        [link] = set(re.findall(rf'href="(/admin/conversations/{name}/[^"/]+/change/[^"]*)"', shown))
        assert words in client.get(link.replace("&amp;", "&")).content.decode()


def test_who_has_no_name_is_told_apart_by_the_end_of_the_id(client, robin):
    escalation = escalation_make()
    customer = escalation.conversation.customer
    customer.display_name = ""
    customer.save()
    assert f"Unnamed …{customer.pk[-4:]}" in page(client, escalation)


def test_ids_that_are_none_find_nothing(client, robin):
    escalation = escalation_make()
    assert client.get(f"{address(escalation)}?suggestion=%00").status_code == 200
    assert client.get("/admin/conversations/escalation/%00/change/").status_code == 302

"""The queue's page: who sees it, what stands on it, in which order, and what that costs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from conversations.models import Conversation, Escalation
from omnicqm.console.queue.addresses import queue_address
from omnicqm.console.queue.paging import PAGE_ROWS
from omnicqm.console.queue.reasons import FACTORS, REASONS
from tests.console.people import admin_make, consultant_make
from tests.console.queue.cases import case_make, cases_bulk

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(client) -> User:
    user = consultant_make()
    client.force_login(user)
    return user


def page_of(client, tab="", **filters):
    response = client.get(queue_address(tab, **filters))
    assert response.status_code == 200
    return response.context["page"]


def ids(page):
    return [row.id for row in page.rows]


# --- Who -------------------------------------------------------------------------------------------------------------


def test_who_has_not_signed_in_is_sent_to_do_so(client):
    for name, method in (("page", client.get), ("rows", client.get), ("act", client.post), ("next", client.post)):
        response = method(reverse(f"queue:{name}"))
        assert response.status_code == 302
        assert response.url.startswith(reverse("admin:login"))


def test_who_may_not_see_escalations_is_refused(client, robin):
    robin.groups.clear()
    for name, method in (("page", client.get), ("rows", client.get), ("act", client.post), ("next", client.post)):
        assert method(reverse(f"queue:{name}")).status_code == 403, name


def test_who_may_see_and_not_change_finds_nothing_to_press(client, robin):
    case = case_make()
    robin.groups.first().permissions.remove(*robin.groups.first().permissions.filter(codename="change_escalation"))
    shown = client.get(queue_address()).content.decode()
    assert case.conversation.reference in shown
    assert 'name="e"' not in shown
    assert "Take the next one" not in shown
    assert client.post(reverse("queue:act"), {"do": "release", "e": case.pk}).status_code == 403


def test_the_sidebar_leads_here_and_old_links_do_too(client, robin):
    assert f'href="{reverse("queue:page")}"' in client.get(reverse("admin:index")).content.decode()
    old = reverse("admin:conversations_escalation_changelist")
    assert client.get(f"{old}?work=mine").url == queue_address("mine")
    assert client.get(old).url == queue_address("all")


# --- What ------------------------------------------------------------------------------------------------------------


def test_the_most_urgent_stands_first_then_the_more_important_then_the_older(client, robin):
    due = timezone.now() + timedelta(hours=1)
    late = case_make("late", minutes=-5)
    low = case_make("low", due_at=due, priority=4)
    older = case_make("older", due_at=due, priority=2, created_at=due - timedelta(days=2))
    newer = case_make("newer", due_at=due, priority=2, created_at=due - timedelta(days=1))
    assert ids(page_of(client)) == [late.pk, older.pk, newer.pk, low.pk]


def test_a_row_says_what_somebody_has_to_know_before_they_open_it(client, robin):
    case_make(minutes=30, priority=1, summary="Third missed delivery date of a dining table", language="de")
    [row] = page_of(client).rows
    assert row.title == "Third missed delivery date of a dining table"
    assert (row.customer, row.level_words, row.channel, row.icon) == (
        "Priya Raman",
        "Premium",
        "Outlook e-mail",
        "mail",
    )
    assert row.reason == "Premium complaint, angry tone"
    assert (row.priority_words, row.sla.tone, row.score, row.language) == ("Urgent", "soon", 5, "de")
    shown = client.get(queue_address()).content.decode()
    for words in (row.title, "Priya Raman", "Premium", "Premium complaint, angry tone", "Urgent priority", "German"):
        assert words in shown, words


def test_a_matter_without_a_summary_is_known_by_its_subject(client, robin):
    case = case_make(summary="")
    Conversation.objects.filter(pk=case.conversation_id).update(subject="<b>My table</b> & chairs")
    case.query.message.__class__.objects.filter(pk=case.query.message_id).update(subject="")
    assert page_of(client).rows[0].title == "<b>My table</b> & chairs"
    assert "&lt;b&gt;My table&lt;/b&gt; &amp; chairs" in client.get(queue_address()).content.decode()


def test_each_tab_holds_what_it_says_and_counts_it(client, robin):
    boss = admin_make()
    later = timezone.now() + timedelta(hours=3)
    nobodys = case_make("a")
    mine = case_make("b", state="assigned", assignee=robin)
    theirs = case_make("c", state="assigned", assignee=boss)
    snoozed = case_make("d", state="assigned", assignee=robin, snoozed_until=later)
    over = case_make("e", state="closed", closed_at=timezone.now())
    expected = {
        "all": {nobodys.pk, mine.pk, theirs.pk},
        "mine": {mine.pk},
        "unassigned": {nobodys.pk},
        "snoozed": {snoozed.pk},
        "resolved": {over.pk},
        "waiting": set(),
    }
    for tab, wanted in expected.items():
        page = page_of(client, tab)
        assert set(ids(page)) == wanted, tab
        assert {one.name: one.count for one in page.tabs}[tab] == str(len(wanted)), tab
        assert [one.name for one in page.tabs if one.is_current] == [tab]


def test_an_empty_tab_says_what_that_means(client, robin):
    for tab, words in {
        "mine": "Nothing is yours",
        "unassigned": "somebody’s hands",
        "snoozed": "Nothing is snoozed",
    }.items():
        assert words in client.get(queue_address(tab)).content.decode()
    assert "No case fits these filters" in client.get(queue_address("all", q="zebra")).content.decode()


def test_an_empty_list_has_its_buttons_ready_for_what_comes_into_it(client, robin):
    assert "data-bulk" in client.get(queue_address("mine")).content.decode()
    robin.groups.first().permissions.remove(*robin.groups.first().permissions.filter(codename="change_escalation"))
    assert "data-bulk" not in client.get(queue_address("mine")).content.decode()


@pytest.mark.parametrize(
    "filters",
    [
        {"due": "overdue"},
        {"channel": "outlook"},
        {"reason": "asked_for_person"},
        {"category": "billing"},
        {"language": "de"},
        {"score_min": "40", "score_max": "60"},
        {"q": "anna"},
        {"q": "ANNA@example.org"},
        {"q": "oak shelf"},
    ],
    ids=str,
)
def test_a_filter_keeps_what_fits_it(client, robin, filters):
    case_make("other", channel="chat", score=80, language="en", summary="Something else")
    anna = case_make(
        "anna", minutes=-5, reasons=["asked_for_person"], language="de", score=50, summary="An oak shelf came broken"
    )
    Conversation.objects.filter(pk=anna.conversation_id).update(category="billing")
    anna.conversation.customer.__class__.objects.filter(pk=anna.conversation.customer_id).update(display_name="Anna")
    page = page_of(client, "all", **filters)
    assert ids(page) == [anna.pk]
    assert len(page.chips) == 1


def test_a_low_score_is_found_by_what_lowered_it(client, robin):
    angry = case_make("a")
    case_make("b", reasons=["asked_for_person"])  # angry too, which is not why people have it
    unclear = case_make("c", factors=["unclear_info"])

    page = page_of(client, "all", reason="angry_frustrated_tone")

    assert ids(page) == [angry.pk]
    assert [chip.words for chip in page.chips] == ["Reason: Angry tone"]
    assert ids(page_of(client, "all", reason="unclear_info")) == [unclear.pk]
    [menu] = [menu for menu in page.menus if menu.name == "reason"]
    assert {choice.value for choice in menu.choices} == {*REASONS, *FACTORS}


def test_a_reference_finds_its_case_and_chips_take_filters_off(client, robin):
    case_make("a")
    case = case_make("b")
    page = page_of(client, "all", q=case.conversation.reference.lower(), language="en")
    assert page.filters.text == case.conversation.reference.lower()
    words = [chip.words for chip in page.chips]
    assert words[0].startswith("Language: ")
    assert "language" not in page.chips[0].query
    assert "q=" in page.chips[0].query
    assert ids(page_of(client, "all", q=case.conversation.reference.lower())) == [case.pk]


@pytest.mark.parametrize(
    "query",
    [
        "tab=everything",
        "score_min=-1",
        "score_min=abc",
        "score_min=00001000",
        "score_max=101",
        "score_min=٣",
        "due=someday",
        "score_min=" + "9" * 500,
    ],
)
def test_what_an_address_says_wrongly_is_left_out_and_pointed_out(client, robin, query):
    case = case_make()
    response = client.get(f"{reverse('queue:page')}?{query}")
    assert ids(response.context["page"]) == [case.pk]
    assert 'role="alert"' in response.content.decode()


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "x" * 5000, "channel=%00'--", "after=garbage", "after=" + "A" * 3000, "q=%25_\\"]
)
def test_nothing_that_stands_in_an_address_breaks_the_page(client, robin, query):
    case_make()
    assert client.get(f"{reverse('queue:page')}?{query}").status_code == 200


# --- Many ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["all", "resolved"])
def test_pages_follow_each_other_without_a_gap_or_a_row_twice(client, robin, tab):
    cases_bulk(PAGE_ROWS + 20, resolved=PAGE_ROWS + 20)
    first = page_of(client, tab)
    assert (len(first.rows), first.is_first) == (PAGE_ROWS, True)
    second = page_of(client, tab, after=first.after)
    assert (len(second.rows), second.after, second.is_first) == (20, "", False)
    assert len({*ids(first), *ids(second)}) == PAGE_ROWS + 20
    order = "due_at" if tab == "all" else "-closed_at"
    wanted = Escalation.objects.filter(state="open" if tab == "all" else "closed").order_by(order, "pk")
    assert [*ids(first), *ids(second)] == list(wanted.values_list("pk", flat=True))


def test_rows_that_go_meanwhile_shift_nothing(client, robin):
    cases_bulk(PAGE_ROWS + 5)
    first = page_of(client)
    Escalation.objects.filter(pk__in=ids(first)[:10]).update(state="closed", closed_at=timezone.now())
    assert len(page_of(client, after=first.after).rows) == 5


def test_a_place_of_another_order_is_the_first_page(client, robin):
    cases_bulk(PAGE_ROWS + 5, resolved=3)
    assert len(page_of(client, "resolved", after=page_of(client).after).rows) == 3


def test_the_page_costs_few_queries_however_many_rows_it_has(client, robin, django_assert_max_num_queries):
    cases_bulk(60, resolved=10)
    with django_assert_max_num_queries(25):
        page = page_of(client, "all", language="en", q="Matter")
    assert len(page.rows) == PAGE_ROWS


def test_a_full_tab_is_not_counted_to_the_end(client, robin, monkeypatch):
    monkeypatch.setattr("omnicqm.console.queue.page.MOST_COUNTED", 10)
    cases_bulk(12)
    assert {tab.name: tab.count for tab in page_of(client).tabs}["all"] == "9+"


# --- Rows that change ------------------------------------------------------------------------------------------------


def test_rows_are_drawn_anew_by_the_page_s_own_tab_and_filters(client, robin, django_assert_max_num_queries):
    stays, leaves = case_make("a"), case_make("b")
    Escalation.objects.filter(pk=leaves.pk).update(state="assigned", assignee=robin)
    address = f"{reverse('queue:rows')}?tab=unassigned&ids={stays.pk},{leaves.pk},esc_x,%00"
    with django_assert_max_num_queries(16):
        found = client.get(address).json()
    assert list(found["rows"]) == [stays.pk]
    assert stays.conversation.reference in found["rows"][stays.pk]
    assert (found["tabs"]["unassigned"], found["tabs"]["mine"]) == ("1", "1")

"""``POST /api/v1/feedback``: helpful or not, on an insight or a reply."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from conversations.chat.session import VISITOR_KEY, browser_sign_in
from conversations.models import Identity
from conversations.widget.session import COOKIE
from feedback.models import Rating
from feedback.services import rating_give
from feedback.targets import Target
from omnicqm.common.ids import new_id
from omnicqm.common.models import AuditEvent, OutboxRecord
from tests.api import ApiClient, problem_of
from tests.conversations.people import customer_make, query_make
from tests.conversations.widget.shop import key_make
from tests.feedback.people import answered_query_make, insight_make

pytestmark = pytest.mark.django_db

PATH = "/api/v1/feedback"


@pytest.fixture
def crm():
    return ApiClient(["feedback:write"])


def given() -> list[tuple[str, str]]:
    return [(rating.request_id, rating.feedback) for rating in Rating.objects.filter(is_current=True)]


class TestInsights:
    @pytest.mark.parametrize(
        "named",
        [
            lambda insight: {"request_id": insight.pk},
            lambda insight: {"unique_process_id": insight.unique_process_id},
            lambda insight: {"contact_id": "contact-1", "customer_account": " acc-1001 "},
            lambda insight: {"request_id": insight.pk, "contact_id": None, "reason": None},  # as Salesforce writes it
        ],
    )
    def test_an_insight_is_named_in_one_of_three_ways(self, crm, named):
        insight_make(), insight_make(account_number="ACC-2002")
        insight = insight_make()
        answer = crm.post(PATH, {**named(insight), "feedback": "helpful"})
        assert (answer.status_code, answer.json()) == (200, {"request_id": insight.pk, "feedback": "helpful"})
        assert given() == [(insight.pk, "helpful")]

    def test_what_one_system_asked_for_may_be_rated_in_another_but_ones_own_comes_first(self, crm):
        connect = insight_make(unique_process_id="shared")
        assert crm.post(PATH, {"unique_process_id": "shared", "feedback": "helpful"}).json()["request_id"] == connect.pk
        own = insight_make(client=crm.client_id, unique_process_id="shared")
        insight_make(client="other", unique_process_id="shared")
        assert crm.post(PATH, {"unique_process_id": "shared", "feedback": "helpful"}).json()["request_id"] == own.pk

    def test_who_rates_again_changes_the_rating_and_what_was_said_before_is_kept(self, crm):
        insight = insight_make()
        for feedback, reason in (
            ("helpful", ""),
            ("helpful", ""),
            ("not_helpful", "old"),
            ("not_helpful", "short"),
        ):
            assert crm.post(PATH, {"request_id": insight.pk, "feedback": feedback, "reason": reason}).status_code == 200
        ApiClient().post(PATH, {"request_id": insight.pk, "feedback": "helpful"})
        history = [(r.feedback, r.reason, r.is_current) for r in Rating.objects.order_by("created_at")]
        assert history == [
            ("helpful", "", False),
            ("not_helpful", "old", False),
            ("not_helpful", "short", True),
            ("helpful", "", True),
        ]

    def test_an_accepted_rating_goes_to_the_warehouse_and_into_the_trail(self, crm):
        insight = insight_make(unique_process_id="p-1")
        words = {"reason": " wrong\namount ", "comment": "It was 40 €.\x00\n"}
        crm.post(PATH, {"request_id": insight.pk, "feedback": "helpful"})
        crm.post(PATH, {"request_id": insight.pk, "feedback": "not_helpful", **words})
        first, second = OutboxRecord.objects.filter(topic="omni-channel/feedback")
        rating = Rating.objects.get(is_current=True)
        assert first.payload["feedback"] == "helpful"
        assert (second.key, second.at) == (rating.pk, rating.created_at)
        assert second.payload == {
            "rating_id": rating.pk,
            "target": "insight",
            "request_id": insight.pk,
            "unique_process_id": "p-1",
            "contact_id": "contact-1",
            "account_number": "ACC-1001",
            "feedback": "not_helpful",
            "reason": "wrong amount",
            "comment": "It was 40 €.",
            "rater": f"client:{crm.client_id}",
            "rated_at": second.payload["rated_at"],
        }
        assert abs(datetime.fromisoformat(second.payload["rated_at"]) - rating.created_at) < timedelta(milliseconds=1)
        event = AuditEvent.objects.get(object_id=rating.pk)
        assert (event.actor, event.action) == (f"client:{crm.client_id}", "rating.given")
        assert "amount" not in str(event.details)

    def test_a_store_that_says_nothing_holds_up_nobody(self, crm, settings, aws):
        backend = "omnicqm.common.outbox.stores.s3.S3Store"
        settings.FILES, settings.OBJECT_STORES = "s3", {"s3": {"BACKEND": backend, "OPTIONS": {"bucket": "acme"}}}
        aws.hang()
        assert crm.post(PATH, {"request_id": insight_make().pk, "feedback": "helpful"}).status_code == 200
        assert (OutboxRecord.objects.count(), aws.calls) == (1, [])


class TestReplies:
    def test_the_client_that_sent_a_query_rates_its_reply(self, crm):
        query = answered_query_make(client=crm.client_id)
        answer = crm.post(PATH, {"request_id": query.pk, "feedback": "not_helpful"})
        assert answer.json() == {"request_id": query.pk, "feedback": "not_helpful"}
        record = OutboxRecord.objects.get()
        assert (record.payload["target"], record.payload["request_id"]) == ("reply", query.pk)

    def test_a_query_of_another_client_is_not_there(self, crm):
        query = answered_query_make(client="other")
        assert problem_of(crm.post(PATH, {"request_id": query.pk, "feedback": "helpful"}))["status"] == 404

    def test_what_is_not_answered_yet_cannot_be_rated(self, crm):
        conversation = answered_query_make().conversation
        query = query_make(conversation, "And my chair?", client=crm.client_id)
        problem = problem_of(crm.post(PATH, {"request_id": query.pk, "feedback": "helpful"}))
        assert (problem["status"], problem["code"], problem["param"]) == (409, "nothing_to_rate", "request_id")


class TestChat:
    """A customer's browser: the session of the chat in place of a token."""

    @pytest.fixture
    def browser(self):
        return Client(enforce_csrf_checks=True)

    def post(self, browser, body, *, csrf=True):
        browser.get("/chat/")
        headers = {"X-CSRFToken": browser.cookies["csrftoken"].value} if csrf else {}
        return browser.post(PATH, body, content_type="application/json", headers=headers)

    def sign_in(self, browser, customer):
        browser.get("/chat/")
        session = browser.session
        browser_sign_in(session, customer.identities.get(kind=Identity.Kind.EMAIL))
        session.save()
        browser.cookies["sessionid"] = session.session_key

    def test_a_customer_rates_the_replies_to_them(self, browser):
        query = answered_query_make()
        self.sign_in(browser, query.conversation.customer)
        answer = self.post(browser, {"request_id": query.pk, "feedback": "helpful"})
        assert (answer.status_code, answer.json()) == (200, {"request_id": query.pk, "feedback": "helpful"})
        assert Rating.objects.get().rater == f"customer:{query.conversation.customer_id}"

    def test_so_does_a_visitor_who_has_not_signed_in(self, browser):
        query = answered_query_make()
        browser.get("/chat/")
        Identity.objects.create(
            customer=query.conversation.customer, kind=Identity.Kind.VISITOR, value=browser.session[VISITOR_KEY]
        )
        assert self.post(browser, {"request_id": query.pk, "feedback": "helpful"}).status_code == 200

    @pytest.mark.parametrize(("origin", "status"), [("http://testserver", 200), ("https://www.shop.example", 403)])
    def test_so_does_a_visitor_in_a_widgets_frame_but_not_the_page_around_it(self, browser, origin, status):
        frame, query = f"/widget/frame/{key_make()[0].public_key}", answered_query_make()
        browser.get(f"{frame}/chat/")
        visitor = SessionStore(browser.cookies[COOKIE].value)[VISITOR_KEY]
        Identity.objects.create(customer=query.conversation.customer, kind=Identity.Kind.VISITOR, value=visitor)
        body, headers = {"request_id": query.pk, "feedback": "helpful"}, {"Origin": origin}
        answer = browser.post(frame + PATH, body, content_type="application/json", headers=headers)
        assert (answer.status_code, Rating.objects.exists()) == (status, status == 200)
        told = browser.get(f"{frame}/chat/{query.conversation_id}/ratings/").json()["ratings"]
        assert told == ({query.pk: {"feedback": "helpful", "reason": ""}} if status == 200 else {})

    def test_what_is_another_customers_or_an_insight_is_not_there(self, browser):
        self.sign_in(browser, customer_make("nora@example.com"))
        insight = insight_make()
        for named in (
            {"request_id": answered_query_make().pk},
            {"request_id": insight.pk},
            {"unique_process_id": insight.unique_process_id},
            {"contact_id": "contact-1", "customer_account": "ACC-1001"},
        ):
            assert problem_of(self.post(browser, {**named, "feedback": "helpful"}))["status"] == 404
        assert not Rating.objects.exists()

    def test_another_sites_page_cannot_rate_with_the_customers_cookie(self, browser):
        query = answered_query_make()
        self.sign_in(browser, query.conversation.customer)
        problem = problem_of(self.post(browser, {"request_id": query.pk, "feedback": "helpful"}, csrf=False))
        assert (problem["status"], Rating.objects.count()) == (403, 0)

    def test_who_has_said_nothing_is_nobody(self, browser):
        answer = self.post(browser, {"request_id": new_id("qry"), "feedback": "helpful"})
        assert (problem_of(answer)["status"], answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


class TestRefusals:
    @pytest.mark.parametrize(
        "named",
        [
            {"request_id": new_id("ins")},
            {"request_id": new_id("qry")},
            {"request_id": "anything"},
            {"unique_process_id": "unknown"},
            {"contact_id": "contact-1", "customer_account": "unknown"},
        ],
    )
    def test_an_unknown_target_is_404_and_names_the_field(self, crm, named):
        insight_make()
        problem = problem_of(crm.post(PATH, {**named, "feedback": "helpful"}))
        assert (problem["status"], problem["code"]) == (404, "target_not_found")
        assert problem["param"] == next(iter(named))

    @pytest.mark.parametrize(
        ("body", "param", "code"),
        [
            ({}, "request_id", "required"),
            ({"request_id": "a", "unique_process_id": "b"}, "unique_process_id", "ambiguous"),
            ({"request_id": "a", "contact_id": "b", "customer_account": "c"}, "contact_id", "ambiguous"),
            ({"contact_id": "b"}, "customer_account", "required"),
            ({"customer_account": "c"}, "contact_id", "required"),
            ({"request_id": "a", "feedback": "great"}, "feedback", "invalid_choice"),
            ({"request_id": "a", "feedback": None}, "feedback", "null"),
            ({"request_id": "a", "stars": 5}, "stars", "invalid"),
            ({"request_id": ["a"]}, "request_id", "invalid"),
            ({"request_id": "a\x00"}, "request_id", "invalid"),
            ({"request_id": "a", "comment": 5}, "comment", "invalid"),
        ],
    )
    def test_bad_input_names_the_field(self, crm, body, param, code):
        problem = problem_of(crm.post(PATH, {"feedback": "helpful", **body}))
        assert (problem["status"], problem["param"], problem["code"]) == (400, param, code)

    def test_a_comment_has_its_limit(self, crm):
        body = {"request_id": insight_make().pk, "feedback": "helpful", "comment": "x" * 4001}
        problem = problem_of(crm.post(PATH, body))
        assert (problem["status"], problem["param"]) == (413, "comment")

    def test_it_needs_its_scope(self):
        problem = problem_of(ApiClient(["insights:read"]).post(PATH, {"request_id": "a", "feedback": "helpful"}))
        assert (problem["status"], "feedback:write" in problem["detail"]) == (403, True)


def test_the_same_idempotency_key_gets_the_same_answer_and_no_second_rating(crm):
    body = {"request_id": insight_make().pk, "feedback": "helpful"}
    first = crm.post(PATH, body, Idempotency_Key="once")
    crm.post(PATH, {**body, "feedback": "not_helpful"})
    again = crm.post(PATH, body, Idempotency_Key="once")
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert [feedback for _, feedback in given()] == ["not_helpful"]


@pytest.mark.django_db(transaction=True)
def test_one_rater_at_once_leaves_one_current_rating():
    target = Target(insight_id=insight_make().pk)

    def rate(number: int) -> None:
        try:
            rating_give(target=target, rater="client:crm", feedback="helpful", reason=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(rate, range(12)))
    assert Rating.objects.count() == 12
    assert Rating.objects.filter(is_current=True).count() == 1
    assert OutboxRecord.objects.count() == 12

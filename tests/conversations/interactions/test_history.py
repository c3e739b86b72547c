"""The history of a customer: every touch on every channel, and nothing of anybody else."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.identity import customer_merge, customer_split, identity_attach
from conversations.interactions.selectors import history_read
from conversations.models import Conversation, Customer, Interaction, Message, Query
from conversations.services.messages import message_append
from tests.conversations.people import channel_get, conversation_make, customer_make, query_make

pytestmark = pytest.mark.django_db
ACCOUNT = "AC-1001"


@pytest.fixture
def customer() -> Customer:
    customer = customer_make()
    account_give(customer, ACCOUNT)
    return customer


def account_give(customer: Customer, account: str) -> Any:
    return identity_attach(customer=customer, kind="account", value=account, source="test", verified=True)


def told(customer: Customer, detail: str, *, days: float = 1, channel: str = "phone", **fields: Any) -> Interaction:
    """An imported interaction of `days` ago."""
    at = timezone.now() - timedelta(days=days)
    values = {"source": "api", "external_id": detail, **fields}
    return Interaction.objects.create(customer=customer, detail=detail, channel=channel, occurred_at=at, **values)


def said(conversation: Conversation, text: str, author: str = "assistant", direction: str = "outbound") -> Message:
    channel = channel_get("outlook")
    return message_append(conversation=conversation, direction=direction, author=author, channel=channel, text=text)


def texts(account: str = ACCOUNT, *, days: int = 90, limit: int = 10, channels: tuple[str, ...] = ()) -> list[str]:
    return [
        event.text for event in history_read(account_number=account, days=days, limit=limit, channels=channels).events
    ]


class TestWhatIsRead:
    def test_messages_of_ours_and_imported_ones_in_the_order_of_time(self, customer: Customer) -> None:
        told(customer, "Called about a bill", days=2)
        query_make(conversation_make(customer), "Where is my parcel?")
        assert texts() == ["Called about a bill", "Where is my parcel?"]

    def test_both_sides_are_read_but_not_notes_and_notices(self, customer: Customer) -> None:
        conversation = conversation_make(customer)
        query_make(conversation, "Where is my parcel?")
        said(conversation, "It comes on Monday.")
        said(conversation, "A person will answer you.", author="system")
        said(conversation, "He sounds angry.", author="consultant", direction="note")
        said(conversation, "I have asked the carrier.", author="consultant")
        assert texts() == ["Where is my parcel?", "It comes on Monday.", "I have asked the carrier."]

    def test_an_automatic_mail_says_nothing(self, customer: Customer) -> None:
        query = query_make(conversation_make(customer), "I am out of office until Monday.")
        Query.objects.filter(pk=query.pk).update(status=Query.Status.IGNORED, finished_at=timezone.now())
        assert texts() == []

    def test_whether_a_matter_is_settled_comes_along(self, customer: Customer) -> None:
        for status in Conversation.Status:
            query_make(conversation_make(customer, status=status), status)
        events = history_read(account_number=ACCOUNT, days=1, limit=10).events
        assert {event.text: event.resolved for event in events} == {
            "open": None,
            "with_consultant": False,
            "resolved": True,
        }

    def test_the_newest_within_days_number_and_channels(self, customer: Customer) -> None:
        for days in (100, 50, 3, 2):
            told(customer, f"{days} days ago", days=days)
        told(customer, "at the branch", channel="Branch")
        assert texts(limit=2) == ["2 days ago", "at the branch"]
        assert texts(days=30) == ["3 days ago", "2 days ago", "at the branch"]
        assert texts(channels=("branch",)) == ["at the branch"]

    def test_nobody_elses(self, customer: Customer) -> None:
        told(customer_make("other@example.com"), "Somebody else's secret")
        assert texts() == []

    @pytest.mark.parametrize("account", ["AC-9999", "", "not\x00one", "ümläut"])
    def test_an_account_nobody_knows_has_no_history(self, account: str) -> None:
        history = history_read(account_number=account, days=90, limit=10)
        assert (history.customer_id, history.events, history.query["found"]) == ("", (), 0)

    def test_an_account_is_known_however_it_is_written(self, customer: Customer) -> None:
        told(customer, "Called")
        assert texts("ac-10 01") == ["Called"]

    def test_it_takes_one_query(self, customer: Customer, django_assert_num_queries: Any) -> None:
        query_make(conversation_make(customer), "Where is my parcel?")
        with django_assert_num_queries(1):
            texts()


class TestDigest:
    def digest(self) -> str:
        return history_read(account_number=ACCOUNT, days=90, limit=10).digest

    def test_it_stays_while_nothing_happens(self, customer: Customer) -> None:
        told(customer, "Called")
        assert self.digest() == self.digest()

    def test_a_new_event_changes_it(self, customer: Customer) -> None:
        before = self.digest()
        told(customer, "Called")
        assert self.digest() != before

    def test_a_matter_that_is_settled_changes_it(self, customer: Customer) -> None:
        conversation = conversation_make(customer)
        query_make(conversation, "Where is my parcel?")
        before = self.digest()
        Conversation.objects.filter(pk=conversation.pk).update(status=Conversation.Status.RESOLVED)
        assert self.digest() != before


class TestCustomersThatTurnOutToBeOne:
    def test_the_histories_are_one_under_both_accounts(self, customer: Customer) -> None:
        other = customer_make("other@example.com")
        account_give(other, "AC-2002")
        told(customer, "first", days=2)
        told(other, "second")
        customer_merge(customer=customer, absorbed=other, actor="user:1")
        assert texts() == texts("AC-2002") == ["first", "second"]

    def test_a_split_takes_along_what_belongs_to_the_identities(self, customer: Customer) -> None:
        account = account_give(customer, "AC-2002")
        told(customer, "stays")
        told(customer, "goes", identity=account)
        query_make(conversation_make(customer), "also goes", sender=account)
        customer_split(customer=customer, identity_ids=[account.pk], actor="user:1")
        assert (texts(), texts("AC-2002")) == (["stays"], ["goes", "also goes"])

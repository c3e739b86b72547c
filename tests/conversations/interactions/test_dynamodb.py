"""A DynamoDB table a company keeps already is part of the history, and never in its way. AWS is a simulator."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone
from werkzeug.wrappers import Response

from conversations.identity import identity_attach
from conversations.interactions.selectors import history_read
from conversations.models import Customer, Interaction
from omnicqm.common.aws import aws_client
from tests.conversations.people import customer_make
from tests.simulators.aws import AwsServer

pytestmark = pytest.mark.django_db
ATTRIBUTES = {"channel": "medium", "intent": "reason", "detail": "notes", "external_id": "id", "author": "by"}


@pytest.fixture
def table(aws: AwsServer, settings: Any) -> dict[str, Any]:
    settings.HISTORY_TABLE = {
        "name": "touches",
        "index": "",
        "account_key": "account",
        "time_key": "at",
        "moments": "iso",
        "attributes": ATTRIBUTES,
        "seconds": 5.0,
    }
    table_make("S")
    return settings.HISTORY_TABLE


@pytest.fixture
def customer(db: None) -> Customer:
    customer = customer_make()
    identity_attach(customer=customer, kind="account", value="AC-1001", source="test")
    return customer


def table_make(moment: str) -> None:
    keys = {"account": "HASH", "at": "RANGE"}
    aws_client("dynamodb").create_table(
        TableName="touches",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[
            {"AttributeName": "account", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": moment},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def put(
    notes: str, *, days: float = 1, account: str = "AC-1001", at: dict[str, str] | None = None, **more: Any
) -> None:
    moment = (timezone.now() - timedelta(days=days)).astimezone(UTC)
    item = {"account": {"S": account}, "at": at or {"S": moment.isoformat()}, "medium": {"S": "Voice"}}
    texts = {"notes": notes, "id": f"t-{notes}", **more}
    aws_client("dynamodb").put_item(TableName="touches", Item=item | {name: {"S": v} for name, v in texts.items()})


def texts(account: str = "AC-1001", **options: Any) -> list[str]:
    asked = {"days": 90, "limit": 10, **options}
    return [event.text for event in history_read(account_number=account, **asked).events]


def test_its_items_stand_among_our_rows(table: dict[str, Any], customer: Customer) -> None:
    put("old", days=100)
    put("first", days=3, by="customer", reason="billing")
    Interaction.objects.create(
        customer=customer, source="api", channel="chat", occurred_at=timezone.now() - timedelta(days=2), detail="ours"
    )
    put("last", days=1)
    history = history_read(account_number="AC-1001", days=90, limit=10)
    assert [event.text for event in history.events] == ["first", "ours", "last"]
    first = history.events[0]
    assert (first.channel, first.author, first.intent, first.external_id) == ("Voice", "customer", "billing", "t-first")
    assert history.query["table"] == {"table": "touches", "found": 2, "unreadable": 0}
    assert texts(limit=2) == ["ours", "last"]
    assert texts(channels=["voice"]) == ["first", "last"]


def test_an_account_only_the_table_knows(table: dict[str, Any]) -> None:
    put("called", account="AC-7")
    assert texts("ac-7") == ["called"]


def test_all_accounts_of_a_customer_are_read(table: dict[str, Any], customer: Customer) -> None:
    identity_attach(customer=customer, kind="account", value="AC-2002", source="test")
    put("one", days=2)
    put("other", account="AC-2002")
    assert texts() == texts("AC-2002") == ["one", "other"]


def test_what_was_imported_as_well_counts_once(table: dict[str, Any], customer: Customer) -> None:
    put("called")
    Interaction.objects.create(
        customer=customer,
        source="csv",
        channel="voice",
        occurred_at=timezone.now(),
        detail="same",
        external_id="t-called",
    )
    assert texts() == ["same"]


def test_a_new_item_changes_the_digest(table: dict[str, Any]) -> None:
    put("one", days=2)
    before, same = (history_read(account_number="AC-1001", days=90, limit=10).digest for _ in range(2))
    put("two")
    assert before == same != history_read(account_number="AC-1001", days=90, limit=10).digest


@pytest.mark.parametrize(("moments", "factor"), [("seconds", 1), ("milliseconds", 1000)])
def test_moments_may_be_numbers(aws: AwsServer, table: dict[str, Any], moments: str, factor: int) -> None:
    aws_client("dynamodb").delete_table(TableName="touches")
    table_make("N")
    table["moments"] = moments
    put("called", at={"N": str(int((timezone.now() - timedelta(days=2)).timestamp() * factor))})
    put("too old", at={"N": str(int((timezone.now() - timedelta(days=99)).timestamp() * factor))})
    assert texts() == ["called"]


def test_an_item_that_says_nothing_is_left_out_and_counted(table: dict[str, Any]) -> None:
    put("", id="t-1")
    put("called", days=2)
    history = history_read(account_number="AC-1001", days=90, limit=10)
    assert ([event.text for event in history.events], history.query["table"]["unreadable"]) == (["called"], 1)


def test_a_rare_channel_is_found_behind_many_others(table: dict[str, Any]) -> None:
    put("at the desk", days=80, medium="branch")
    for number in range(30):
        put(f"call {number}", days=1 + number)
    assert texts(limit=1, channels=["Branch"]) == ["at the desk"]


def test_what_was_not_looked_at_is_told(table: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conversations.interactions.dynamodb.MAX_PAGES", 1)
    for number in range(27):
        put("", id=f"t-{number}", days=1 + number)
    put("called", days=50)
    history = history_read(account_number="AC-1001", days=90, limit=10)
    assert history.query["table"] == {"table": "touches", "found": 0, "unreadable": 25, "cut": True}


@pytest.mark.parametrize(
    "written", ["{:%Y-%m-%dT%H:%M:%SZ}", "{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%dT%H:%M:%S.123Z}#call#17", "{:%Y-%m-%d}"]
)
def test_moments_are_read_as_companies_write_them(table: dict[str, Any], written: str) -> None:
    def at(days: float) -> dict[str, str]:
        return {"S": written.format((timezone.now() - timedelta(days=days)).astimezone(UTC))}

    put("too old", at=at(92))
    put("called", at=at(45))
    put("to come", at=at(-2))
    assert texts() == ["called"]


def test_an_offset_does_not_move_an_item_in_or_out_of_the_days(table: dict[str, Any]) -> None:
    zone = timezone.get_fixed_timezone(14 * 60)
    for text, days in {"within": 89.9, "too old": 90.1, "just now": 0.01}.items():
        put(text, at={"S": (timezone.now() - timedelta(days=days)).astimezone(zone).isoformat()})
    assert texts() == ["within", "just now"]


class TestFailures:
    """Our own rows come whatever the table does, and the record says that it is not the whole."""

    def read(self, customer: Customer) -> dict[str, Any]:
        Interaction.objects.create(
            customer=customer, source="api", channel="chat", occurred_at=timezone.now(), detail="ours"
        )
        history = history_read(account_number="AC-1001", days=90, limit=10)
        assert [event.text for event in history.events] == ["ours"]
        return dict(history.query["table"])

    def test_throttled(self, aws: AwsServer, table: dict[str, Any], customer: Customer) -> None:
        kind = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
        aws.fail(lambda: Response(f'{{"__type": "{kind}"}}', status=400, content_type="application/x-amz-json-1.0"))
        assert self.read(customer) == {"table": "touches", "failed": "throttled"}

    def test_hanging(self, aws: AwsServer, table: dict[str, Any], customer: Customer) -> None:
        table["seconds"] = 0.2
        aws.hang()
        assert self.read(customer) == {"table": "touches", "failed": "timeout"}

    def test_not_there(self, table: dict[str, Any], customer: Customer) -> None:
        table["name"] = "nowhere"
        assert self.read(customer) == {"table": "nowhere", "failed": "not_found"}

    def test_garbage(self, aws: AwsServer, table: dict[str, Any], customer: Customer) -> None:
        aws.fail(lambda: Response("<html>", status=200))
        assert self.read(customer)["failed"] in {"garbled", "unavailable"}

    def test_an_item_of_another_form(self, aws: AwsServer, table: dict[str, Any], customer: Customer) -> None:
        items = '[{"account": {"S": "AC-1001"}, "at": {}}, {"at": {"L": [{"S": "x"}]}, "notes": {"NULL": true}}]'
        aws.fail(lambda: Response(f'{{"Items": {items}}}', status=200, content_type="application/x-amz-json-1.0"))
        assert self.read(customer) == {"table": "touches", "found": 0, "unreadable": 2}

    @pytest.mark.parametrize("items", ['"all"', "null", '["x"]', '[{"at": "now"}]', '[{"at": {"S": 7}}]'])
    def test_garbled_items(self, aws: AwsServer, table: dict[str, Any], customer: Customer, items: str) -> None:
        aws.fail(lambda: Response(f'{{"Items": {items}}}', status=200, content_type="application/x-amz-json-1.0"))
        assert {"failed", "unreadable"} & self.read(customer).keys()

    def test_no_region(self, table: dict[str, Any], customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            monkeypatch.delenv(name, raising=False)
        assert self.read(customer)["failed"] == "configuration"

"""A message posted to the API: what the sender is told, when, and how often it counts."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from conversations.models import Attachment, Conversation, Customer, Delivery, Identity, Message, Query
from conversations.services.channels import channels_ensure_defaults
from omnicqm.common.models import IdempotencyRecord
from tests.api import ApiClient, problem_of
from tests.conversations.people import EFUA, conversation_make, customer_make

QUERY = "/api/v1/query"


def mail(**changes: Any) -> dict[str, Any]:
    return {"channel_id": "outlook", "user_id": EFUA, "message": "Where is my sofa?", **changes}


class TestTakenIn:
    def test_the_sender_gets_the_ids_and_where_to_ask(self, api: ApiClient) -> None:
        answer = api.post(QUERY, mail(subject="Sofa", external_id="<1@mail.example>"))
        assert answer.status_code == 202
        told = answer.json()
        query = Query.objects.get(pk=told["request_id"])
        assert told["conversation_id"] == query.conversation_id
        assert told["reference"] == query.conversation.reference
        assert told["customer_id"] == query.conversation.customer_id
        assert told["status"] == "received"
        assert answer["Location"] == told["status_url"] == f"http://testserver/api/v1/queries/{query.pk}"
        assert int(answer["Retry-After"]) >= 1

    def test_an_unknown_user_becomes_a_customer(self, api: ApiClient) -> None:
        told = api.post(QUERY, mail(user_id='"Efua Owusu" <Efua.Owusu@Example.com>')).json()
        customer = Customer.objects.get(pk=told["customer_id"])
        assert customer.display_name == "Efua Owusu"
        assert customer.identities.get().value == EFUA

    def test_whoever_puts_anothers_address_into_their_name_stays_themselves(self, api: ApiClient) -> None:
        for user_id in (
            "<efua.owusu@example.com> <mallory@evil.example>",
            '"efua.owusu@example.com" <mallory@evil.example>',
        ):
            api.post(QUERY, mail(user_id=user_id))
        assert [identity.value for identity in Identity.objects.all()] == ["mallory@evil.example"]

    def test_every_field_is_kept(self, api: ApiClient) -> None:
        told = api.post(
            QUERY,
            mail(
                subject="Sofa\r\n order",
                html="<p>Where is my <b>sofa</b>?<script>x()</script><img src='https://track.example/1.gif'></p>",
                external_id="<1@mail.example>",
                in_reply_to="<0@mail.example>",
                references=["<0@mail.example>"],
                callback_url="https://hooks.example.com/x",
                received_at="2026-01-02T03:04:05+01:00",
                metadata={"importance": "high"},
                attachments=[
                    {
                        "name": "a.txt",
                        "content_type": "text/plain",
                        "content_base64": base64.b64encode(b"hello").decode(),
                    }
                ],
            ),
        ).json()
        message = Message.objects.get(query=told["request_id"])
        assert (message.subject, message.text) == ("Sofa order", "Where is my sofa?")
        assert "<b>sofa</b>" in message.html
        assert "script" not in message.html
        assert "track.example" not in message.html
        assert "track.example" in message.raw_html
        assert message.received_at.isoformat() == "2026-01-02T02:04:05+00:00"
        assert (message.metadata, message.references) == ({"importance": "high"}, ["<0@mail.example>"])
        assert message.query.callback_url == "https://hooks.example.com/x"
        attachment = Attachment.objects.get(message=message)
        with attachment.file as file:
            assert (attachment.name, attachment.size, file.read()) == ("a.txt", 5, b"hello")

    def test_html_alone_is_a_message(self, api: ApiClient) -> None:
        told = api.post(QUERY, mail(message="", html="<p>Where is it?</p>")).json()
        assert Message.objects.get(query=told["request_id"]).text == "Where is it?"

    def test_nul_and_surrogates_in_text_are_cleaned_and_accepted(self, api: ApiClient) -> None:
        escaped = rb'"subject": "\u0000Hi\ud800", "message": "W\u0000o\udfff\ud83d\ude00"'
        raw = b'{"channel_id": "outlook", "user_id": "a@b.example", ' + escaped + b"}"
        told = api.post(QUERY, raw=raw).json()
        message = Message.objects.get(query=told["request_id"])
        assert (message.subject, message.text) == ("Hi", "Wo😀")

    def test_fields_that_gateways_leave_null_count_as_left_out(self, api: ApiClient) -> None:
        optional = (
            "subject",
            "html",
            "external_id",
            "references",
            "callback_url",
            "received_at",
            "attachments",
            "metadata",
        )
        assert api.post(QUERY, mail(**dict.fromkeys(optional))).status_code == 202

    def test_a_caller_of_the_api_channel_uses_ids_of_its_own(self, api: ApiClient) -> None:
        first = api.post(QUERY, mail(channel_id="api", user_id="user-42")).json()
        again = api.post(QUERY, mail(channel_id="api", user_id="user-42")).json()
        assert first["customer_id"] == again["customer_id"]
        assert Identity.objects.get().value == "api:user-42"


class TestOnce:
    def test_the_same_external_id_again_gets_the_same_query(self, api: ApiClient) -> None:
        first = api.post(QUERY, mail(external_id="<1@mail.example>"))
        again = api.post(QUERY, mail(external_id="<1@mail.example>", message="edited"))
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json() == again.json()
        assert Message.objects.count() == 1

    def test_on_another_channel_it_is_another_message(self, api: ApiClient) -> None:
        for channel in ("outlook", "api"):
            api.post(QUERY, mail(channel_id=channel, external_id="1"))
        assert Query.objects.count() == 2

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("key", [{}, {"Idempotency_Key": "one"}], ids=["by external id", "with a key, too"])
    def test_twenty_identical_posts_at_once_are_one_message(self, key: dict[str, str], settings: Any) -> None:
        settings.CELERY_TASK_ALWAYS_EAGER = False  # nothing is answered while we count
        channels_ensure_defaults()
        client = ApiClient()
        body = mail(external_id="<1@mail.example>")

        def send(_: int) -> tuple[int, str]:
            try:
                answer = client.post(QUERY, body, **key)
                return answer.status_code, answer.json().get("request_id", "")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(20) as pool:
            told = list(pool.map(send, range(20)))
        assert len(set(told)) == 1, told
        assert told[0][0] == 202
        assert (Message.objects.count(), Query.objects.count(), Customer.objects.count()) == (1, 1, 1)
        assert Conversation.objects.count() == 1


class TestIdempotencyKey:
    def test_the_same_request_again_gets_the_stored_answer(self, api: ApiClient) -> None:
        first = api.post(QUERY, mail(), Idempotency_Key="k1")
        again = api.post(QUERY, mail(), Idempotency_Key="k1")
        assert "Idempotent-Replayed" not in first
        assert again["Idempotent-Replayed"] == "true"
        assert (again.status_code, again.json(), again["Location"]) == (202, first.json(), first["Location"])
        assert Query.objects.count() == 1

    def test_with_another_body_it_is_refused(self, api: ApiClient) -> None:
        api.post(QUERY, mail(), Idempotency_Key="k1")
        assert problem_of(api.post(QUERY, mail(message="Another"), Idempotency_Key="k1"))["status"] == 422
        assert Query.objects.count() == 1

    def test_each_client_has_its_own_keys(self, api: ApiClient) -> None:
        api.post(QUERY, mail(), Idempotency_Key="k1")
        assert "Idempotent-Replayed" not in ApiClient().post(QUERY, mail(), Idempotency_Key="k1")
        assert Query.objects.count() == 2

    def test_a_refused_request_may_be_mended_under_the_same_key(self, api: ApiClient) -> None:
        assert api.post(QUERY, mail(message=""), Idempotency_Key="k1").status_code == 400
        assert api.post(QUERY, mail(), Idempotency_Key="k1").status_code == 202

    @pytest.mark.parametrize("key", ["", "x" * 201, "é", "a\tb"])
    def test_a_malformed_key_is_named(self, api: ApiClient, key: str) -> None:
        assert problem_of(api.post(QUERY, mail(), Idempotency_Key=key))["param"] == "Idempotency-Key"

    @pytest.mark.parametrize("raw", [b"[]", b"{", b"null", b'"x"'])
    def test_a_body_that_is_no_object_is_refused_with_a_key_as_well(self, api: ApiClient, raw: bytes) -> None:
        assert problem_of(api.post(QUERY, raw=raw, Idempotency_Key="k1"))["status"] == 400

    def test_a_key_is_forgotten_after_a_day(self, api: ApiClient) -> None:
        api.post(QUERY, mail(), Idempotency_Key="k1")
        IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
        assert "Idempotent-Replayed" not in api.post(QUERY, mail(), Idempotency_Key="k1")


class TestStatus:
    def test_it_is_202_while_pending_and_only_for_the_client_that_sent_it(self, api: ApiClient) -> None:
        url = api.post(QUERY, mail()).json()["status_url"]
        answer = api.get(url)
        assert (answer.status_code, answer.json()["status"]) == (202, "received")
        assert answer["Retry-After"]
        assert problem_of(ApiClient().get(url))["status"] == 404

    def test_an_automatic_reply_is_ignored_with_the_reason_and_the_caller_hears_of_it(self, api: ApiClient) -> None:
        body = mail(
            message="I am away.",
            callback_url="https://hooks.example.com/x",
            metadata={"headers": {"Auto-Submitted": "auto-replied"}},
        )
        url = api.post(QUERY, body).json()["status_url"]
        answer = api.get(url)
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
        assert "Auto-Submitted" in answer.json()["explanation"]
        assert Delivery.objects.get().event == "query.ignored"

    @pytest.mark.parametrize(
        "headers", [{"Precedence": "bulk"}, [{"name": "List-Id", "value": "<x>"}, {"name": 1}, "nonsense"]]
    )
    def test_headers_come_as_an_object_or_as_a_list(self, api: ApiClient, headers: Any) -> None:
        told = api.post(QUERY, mail(metadata={"headers": headers})).json()
        assert told["status"] == "ignored"

    def test_an_automatic_reply_does_not_reopen_a_case(self, api: ApiClient) -> None:
        conversation = conversation_make(customer_make(), status="resolved")
        api.post(QUERY, mail(conversation_id=conversation.pk, subject="Automatic reply: Sofa"))
        conversation.refresh_from_db()
        assert conversation.status == "resolved"
        api.post(QUERY, mail(conversation_id=conversation.pk))
        conversation.refresh_from_db()
        assert conversation.status == "open"


class TestReading:
    def test_a_conversation_shows_its_messages_and_the_rest_page_by_page(self, api: ApiClient) -> None:
        told = api.post(QUERY, mail()).json()
        for text in ("two", "three"):
            api.post(QUERY, mail(message=text, conversation_id=told["conversation_id"]))
        conversation = api.get(f"/api/v1/conversations/{told['conversation_id']}").json()
        assert [m["seq"] for m in conversation["messages"]] == [1, 2, 3]
        assert conversation["reference"] == told["reference"]
        page = api.get(f"/api/v1/conversations/{told['conversation_id']}/messages", after=1, limit=1).json()
        assert [(m["seq"], m["text"]) for m in page["messages"]] == [(2, "two")]

    def test_a_customer_is_found_by_identity_in_any_spelling(self, api: ApiClient) -> None:
        told = api.post(QUERY, mail()).json()
        [found] = api.get("/api/v1/customers", identity=f"email:{EFUA.upper()}").json()
        assert found["customer_id"] == told["customer_id"]
        assert found["identities"][0]["verified"] is True
        assert api.get("/api/v1/customers", identity="email:nobody@example.com").json() == []

    def test_a_merged_customer_leads_to_the_one_that_stays(self, api: ApiClient) -> None:
        kept, gone = customer_make(), customer_make("b@example.com")
        answer = api.post(f"/api/v1/customers/{kept.pk}/merge", {"customer_id": gone.pk})
        assert answer.status_code == 200
        assert api.get(f"/api/v1/customers/{gone.pk}").json()["customer_id"] == kept.pk

    def test_a_customer_shows_what_made_them_who_they_are(self, api: ApiClient) -> None:
        kept, gone = customer_make(), customer_make("b@example.com")
        api.post(f"/api/v1/customers/{kept.pk}/merge", {"customer_id": gone.pk, "evidence": {"reason": "same_card"}})
        api.get(f"/api/v1/customers/{kept.pk}")  # a look is in the trail, and no evidence
        [evidence] = api.get(f"/api/v1/customers/{kept.pk}").json()["evidence"]
        assert (evidence["action"], evidence["actor"]) == ("customer.merged", f"client:{api.client_id}")
        assert evidence["details"]["absorbed"] == gone.pk
        assert evidence["details"]["evidence"] == {"reason": "same_card"}

    @pytest.mark.parametrize(
        "evidence",
        [
            [],
            {"a": "\x00"},
            {"\x00": "a"},
            {"a": {"b": 1}},
            {"a": "x" * 300},
            {str(n): "x" for n in range(30)},
            {"": "a"},
        ],
        ids=str,
    )
    def test_evidence_that_could_not_stand_in_a_trail_is_named(self, api: ApiClient, evidence: Any) -> None:
        kept, gone = customer_make(), customer_make("b@example.com")
        answer = api.post(f"/api/v1/customers/{kept.pk}/merge", {"customer_id": gone.pk, "evidence": evidence})
        assert problem_of(answer)["param"].startswith("evidence")

    def test_a_split_makes_a_customer_of_some_identities(self, api: ApiClient) -> None:
        kept, gone = customer_make(), customer_make("b@example.com")
        moved = gone.identities.get().pk
        api.post(f"/api/v1/customers/{kept.pk}/merge", {"customer_id": gone.pk})
        answer = api.post(f"/api/v1/customers/{kept.pk}/split", {"identity_ids": [moved]})
        assert answer.status_code == 201
        assert [identity["id"] for identity in answer.json()["identities"]] == [moved]
        assert problem_of(api.post(f"/api/v1/customers/{kept.pk}/split", {"identity_ids": [moved]}))["status"] == 400


@pytest.mark.django_db(transaction=True)
class TestWaiting:
    def client(self, scopes: list[str] | None = None) -> ApiClient:
        channels_ensure_defaults()
        return ApiClient(scopes)

    def test_what_ends_in_time_is_answered_at_once(self) -> None:
        headers = {"Auto-Submitted": "auto-replied"}  # ends without a worker
        answer = self.client().post(QUERY, mail(metadata={"headers": headers}), Prefer="wait=5")
        assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
        assert answer["Preference-Applied"] == "wait=5"
        assert answer["Allow"] == "POST, OPTIONS"

    def test_what_does_not_is_a_202_after_the_wait(self, settings: Any) -> None:
        settings.CELERY_TASK_ALWAYS_EAGER = False
        answer = self.client().post(QUERY, mail(), Prefer="respond-async, wait=1")
        assert (answer.status_code, answer["Preference-Applied"]) == (202, "wait=1")
        assert answer["Location"]

    def test_a_client_that_may_only_write_gets_the_202(self) -> None:
        headers = {"Auto-Submitted": "auto-replied"}
        client = self.client(["queries:write"])
        assert client.post(QUERY, mail(metadata={"headers": headers}), Prefer="wait=1").status_code == 202

    @pytest.mark.parametrize("prefer", ["wait=", "wait=-1", "wait=x", "wait", "nonsense", "", "wait=１"])
    def test_another_preference_is_none(self, prefer: str, settings: Any) -> None:
        settings.CELERY_TASK_ALWAYS_EAGER = False
        answer = self.client().post(QUERY, mail(), Prefer=prefer)
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer

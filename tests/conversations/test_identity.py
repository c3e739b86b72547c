"""Who a customer is: exact identities, one customer each, whatever comes at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from conversations.channels.base import Sender
from conversations.errors import CannotMerge
from conversations.identity import (
    customer_merge,
    customer_split,
    identity_attach,
    identity_normalise,
    identity_resolve,
    visitor_claim,
)
from conversations.models import Conversation, Customer, Identity
from omnicqm.common.errors import Conflict, InvalidInput
from omnicqm.common.models import AuditEvent
from tests.conversations.people import EFUA, conversation_make, customer_make, query_make

Kind = Identity.Kind


def mail_sender(address: str = EFUA, *, verified: bool = True, name: str = "") -> Sender:
    return Sender(Kind.EMAIL, address, display_name=name, verified=verified)


@transaction.atomic
def resolve(sender: Sender) -> Identity:
    return identity_resolve(sender=sender, source="outlook")


class TestWriting:
    @pytest.mark.parametrize(
        ("kind", "value", "normal"),
        [
            (Kind.EMAIL, " Efua.OWUSU@Example.COM ", "efua.owusu@example.com"),
            (Kind.EMAIL, "jörg@BÜCHER.example", "jörg@xn--bcher-kva.example"),
            (Kind.EMAIL, "a+tag@sub.example.org", "a+tag@sub.example.org"),
            (Kind.EMAIL, "o'neil-x_1@example.com", "o'neil-x_1@example.com"),
            (Kind.PHONE, "+1 (213) 555-0115", "+12135550115"),
            (Kind.PHONE, "+44 20 7946 0958", "+442079460958"),
            (Kind.ACCOUNT, "ab 12-34 ", "AB12-34"),
            (Kind.EXTERNAL, "api:Ünique-42", "api:Ünique-42"),
            (Kind.VISITOR, "v_AbC", "v_AbC"),
        ],
    )
    def test_one_way_to_write_each(self, kind: str, value: str, normal: str) -> None:
        assert identity_normalise(kind, value) == normal

    def test_dots_and_tags_of_a_mailbox_make_another_one(self) -> None:
        written = {identity_normalise(Kind.EMAIL, a) for a in ("ab@gmail.com", "a.b@gmail.com", "ab+x@gmail.com")}
        assert len(written) == 3

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            *((Kind.EMAIL, a) for a in ("", "a", "@", "a@", "@b.c", "a b@c.de", "a@b", "a@b..c", ".a@b.cd", "a.@b.cd")),
            *(
                (Kind.EMAIL, a)
                for a in ("a..b@c.de", "<a@b.cd>", '"a"@b.cd', "a@b.cd,c@d.ef", "a@[127.0.0.1]", "a@1.2")
            ),
            *((Kind.EMAIL, a) for a in ("a\x00@b.cd", "a@b.cd\nx", "\ud800@b.cd", "a\u200b@b.cd", "x" * 65 + "@b.cd")),
            *((Kind.EMAIL, a) for a in ("/O=EXCHANGE/OU=X/CN=RECIPIENTS", "a@" + "x" * 400 + ".com", "a@b@c.de")),
            *((Kind.PHONE, n) for n in ("", "12", "0213 555 0115", "+", "+999", "phone", "+1" + "2" * 30)),
            (Kind.ACCOUNT, "  "),
            (Kind.ACCOUNT, "ü12"),
            ("shoe size", "44"),
        ],
    )
    def test_what_is_none_is_refused_by_name(self, kind: str, value: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            identity_normalise(kind, value, param="user_id")
        assert refused.value.param == "user_id"

    def test_a_number_without_its_country_needs_one(self) -> None:
        assert identity_normalise(Kind.PHONE, "213 555 0115", region="US") == "+12135550115"

    @given(st.sampled_from(Kind.values), st.text(st.characters(), max_size=60))
    def test_normal_is_normal_again_and_anything_else_is_refused(self, kind: str, value: str) -> None:
        try:
            normal = identity_normalise(kind, value)
        except InvalidInput:
            return
        assert identity_normalise(kind, normal) == normal
        normal.encode()


@pytest.mark.django_db
class TestMeeting:
    def test_an_unknown_sender_becomes_a_customer(self) -> None:
        identity = resolve(mail_sender(name="Efua Owusu"))
        assert (identity.value, identity.source, identity.customer.display_name) == (EFUA, "outlook", "Efua Owusu")
        assert identity.verified_at is not None

    def test_the_same_address_in_another_spelling_is_the_same_customer(self) -> None:
        assert resolve(mail_sender()).pk == resolve(mail_sender(EFUA.upper())).pk

    def test_a_sender_nobody_vouches_for_verifies_nothing(self) -> None:
        assert resolve(mail_sender(verified=False)).verified_at is None

    def test_once_verified_stays_verified_since_then(self) -> None:
        first = resolve(mail_sender()).verified_at
        resolve(mail_sender(verified=False))
        assert resolve(mail_sender()).verified_at == first

    def test_an_unverified_name_does_not_rename_a_customer(self) -> None:
        customer_make(display_name="")
        assert resolve(mail_sender(verified=False, name="Mallory")).customer.display_name == ""

    def test_an_identity_of_another_customer_cannot_be_attached(self) -> None:
        customer_make()
        with pytest.raises(Conflict):
            identity_attach(customer=Customer.objects.create(), kind=Kind.EMAIL, value=EFUA, source="import")

    def test_attaching_again_returns_the_same_one(self) -> None:
        customer = customer_make()
        again = identity_attach(customer=customer, kind=Kind.EMAIL, value=EFUA, source="import", verified=True)
        assert again.pk == customer.identities.get().pk


@pytest.mark.django_db(transaction=True)
def test_twenty_first_messages_at_once_make_one_customer() -> None:
    def meet(_: int) -> str:
        try:
            return resolve(mail_sender()).customer_id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(meet, range(20)))) == 1
    assert (Customer.objects.count(), Identity.objects.count()) == (1, 1)


@pytest.mark.django_db
class TestMerging:
    def test_the_other_customer_brings_identities_and_conversations_and_points_here(self) -> None:
        kept, gone = customer_make(), customer_make("efua@work.example", display_name="E. Owusu")
        conversation = conversation_make(gone)
        customer_merge(customer=kept, absorbed=gone, actor="user:1", evidence={"reason": "same_account"})
        conversation.refresh_from_db()
        gone.refresh_from_db()
        assert (conversation.customer_id, gone.merged_into_id) == (kept.pk, kept.pk)
        assert {i.value for i in kept.identities.all()} == {EFUA, "efua@work.example"}

    def test_a_merge_leaves_a_trail_that_says_what_moved(self) -> None:
        kept, gone = customer_make(), customer_make("efua@work.example")
        moved = gone.identities.get().pk
        customer_merge(customer=kept, absorbed=gone, actor="user:1")
        event = AuditEvent.objects.get(action="customer.merged", object_id=kept.pk)
        assert (event.actor, event.details["absorbed"], event.details["identities"]) == ("user:1", gone.pk, [moved])

    def test_what_was_merged_before_follows(self) -> None:
        first, second, third = (customer_make(f"{n}@example.com") for n in "abc")
        customer_merge(customer=second, absorbed=first, actor="user:1")
        customer_merge(customer=third, absorbed=second, actor="user:1")
        first.refresh_from_db()
        assert first.merged_into_id == third.pk

    def test_empty_fields_are_filled_and_others_kept(self) -> None:
        kept = customer_make(display_name="", profile={"a": 1})
        gone = customer_make("b@example.com", display_name="Efua", service_level="premium", profile={"a": 2, "b": 3})
        customer_merge(customer=kept, absorbed=gone, actor="user:1")
        kept.refresh_from_db()
        assert (kept.display_name, kept.service_level, kept.profile) == ("Efua", "premium", {"a": 1, "b": 3})

    def test_nobody_is_merged_with_themselves_or_twice(self) -> None:
        kept, gone = customer_make(), customer_make("b@example.com")
        with pytest.raises(CannotMerge):
            customer_merge(customer=kept, absorbed=kept, actor="user:1")
        customer_merge(customer=kept, absorbed=gone, actor="user:1")
        with pytest.raises(CannotMerge):
            customer_merge(customer=kept, absorbed=gone, actor="user:1")

    def test_a_split_gives_identities_their_own_conversations(self) -> None:
        customer = customer_make()
        work = identity_attach(customer=customer, kind=Kind.EMAIL, value="efua@work.example", source="import")
        theirs, shared, mine = (conversation_make(customer) for _ in range(3))
        home = customer.identities.get(value=EFUA)
        for conversation, senders in ((theirs, [work]), (shared, [work, home]), (mine, [home])):
            for sender in senders:
                query_make(conversation, "Hello", sender=sender)
        created = customer_split(customer=customer, identity_ids=[work.pk], actor="user:1")
        assert [i.pk for i in created.identities.all()] == [work.pk]
        assert set(Conversation.objects.filter(customer=created)) == {theirs}
        assert set(Conversation.objects.filter(customer=customer)) == {shared, mine}

    @pytest.mark.parametrize("which", ["none", "all", "another's"])
    def test_a_split_needs_some_but_not_all_of_their_identities(self, which: str) -> None:
        customer, other = customer_make(), customer_make("b@example.com")
        ids = {"none": [], "all": [customer.identities.get().pk], "another's": [other.identities.get().pk]}[which]
        with pytest.raises(InvalidInput):
            customer_split(customer=customer, identity_ids=ids, actor="user:1")


@pytest.mark.django_db
class TestSigningIn:
    def visitor(self, name: str = "v_1") -> Identity:
        return resolve(Sender(Kind.VISITOR, name))

    def test_what_a_visitor_wrote_moves_to_the_customer_of_the_address(self) -> None:
        customer, visitor = customer_make(), self.visitor()
        conversation = conversation_make(visitor.customer)
        assert visitor_claim(visitor=visitor, email=EFUA) == customer
        conversation.refresh_from_db()
        assert conversation.customer_id == customer.pk

    def test_an_unknown_address_becomes_a_verified_one(self) -> None:
        customer = visitor_claim(visitor=self.visitor(), email="New@example.com")
        assert customer.identities.get(kind=Kind.EMAIL, value="new@example.com").verified_at is not None

    def test_claiming_twice_changes_nothing(self) -> None:
        customer, visitor = customer_make(), self.visitor()
        visitor_claim(visitor=visitor, email=EFUA)
        assert visitor_claim(visitor=visitor, email=EFUA) == customer
        assert customer.identities.count() == 2

    def test_the_next_person_at_the_same_browser_does_not_get_the_first_ones_conversations(self) -> None:
        first, second, visitor = customer_make(), customer_make("second@example.com"), self.visitor()
        conversation = conversation_make(visitor.customer)
        visitor_claim(visitor=visitor, email=EFUA)
        assert visitor_claim(visitor=visitor, email="second@example.com") == second
        conversation.refresh_from_db()
        assert conversation.customer_id == first.pk

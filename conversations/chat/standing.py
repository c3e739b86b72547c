"""Whether pages may still see what they show, and how far what they show has gone on. For many pages at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.chat.session import IDENTITY_KEY, VISITOR_KEY
from conversations.models import Conversation, Identity

Who = tuple[str, str]  # visitor, and the id of the identity they have signed in as, if they have


@dataclass(frozen=True)
class Standing:
    """What a page was let in for. `identity_id` is empty for a visitor who has not signed in, `conversation_id` while
    nothing was said."""

    session_key: str
    visitor: str
    identity_id: str
    conversation_id: str

    @property
    def who(self) -> Who:
        return self.visitor, self.identity_id


@dataclass(frozen=True)
class Checked:
    """`signed_out` are pages whose session ended or became another's, `not_theirs` those whose conversation did.
    `newest` is the number of the last message by conversation, internal notes counted."""

    signed_out: frozenset[Standing]
    not_theirs: frozenset[Standing]
    newest: Mapping[str, int]


class StandingCheck:
    """Four queries for any number of pages. Sessions are decoded again only when they have changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Who]] = {}

    def __call__(self, pages: Collection[Standing]) -> Checked:
        """Raises the database's errors."""
        sessions = self._sessions({page.session_key for page in pages})
        signed_out = frozenset(page for page in pages if sessions.get(page.session_key) != page.who)
        conversations = _conversations({page.conversation_id for page in pages} - {""})
        not_theirs = _not_theirs(pages, conversations)
        if not_theirs:  # or customers were merged between the two questions: then it is theirs at a second look
            again = _conversations({page.conversation_id for page in not_theirs})
            not_theirs = _not_theirs(not_theirs, again)
        newest = {conversation_id: seq for conversation_id, (_, seq) in conversations.items()}
        return Checked(signed_out, not_theirs - signed_out, newest)

    def _sessions(self, keys: Collection[str]) -> dict[str, Who]:
        rows = Session.objects.filter(pk__in=keys, expire_date__gt=timezone.now())
        found: dict[str, tuple[str, Who]] = {}
        for key, data in rows.values_list("session_key", "session_data"):
            known = self._known.get(key)
            found[key] = known if known and known[0] == data else (data, _who(data))
        self._known = found
        return {key: who for key, (_, who) in found.items()}


def _not_theirs(pages: Collection[Standing], conversations: Mapping[str, tuple[str, int]]) -> frozenset[Standing]:
    owners = _owners({page.who for page in pages})
    return frozenset(
        page
        for page in pages
        if page.conversation_id and conversations.get(page.conversation_id, ("", 0))[0] != owners.get(page.who)
    )


def _who(data: str) -> Who:
    session = SessionStore().decode(data)
    return str(session.get(VISITOR_KEY, "")), str(session.get(IDENTITY_KEY) or "")


def _owners(people: Iterable[Who]) -> dict[Who, str]:
    """The customer each of them is."""
    people = list(people)
    signed_in = {identity_id for _, identity_id in people if identity_id}
    visitors = {visitor for visitor, identity_id in people if not identity_id}
    verified = Identity.objects.filter(pk__in=signed_in, verified_at__isnull=False)
    verified = verified.exclude(kind=Identity.Kind.VISITOR)
    by_identity = dict(verified.values_list("pk", "customer_id"))
    anonymous = Identity.objects.filter(kind=Identity.Kind.VISITOR, value__in=visitors)
    by_visitor = dict(anonymous.values_list("value", "customer_id"))
    owner = {who: by_identity.get(who[1]) if who[1] else by_visitor.get(who[0]) for who in people}
    return {who: customer_id for who, customer_id in owner.items() if customer_id}


def _conversations(ids: Collection[str]) -> dict[str, tuple[str, int]]:
    rows = Conversation.objects.filter(pk__in=ids).values_list("pk", "customer_id", "last_seq")
    return {conversation_id: (customer_id, last_seq) for conversation_id, customer_id, last_seq in rows}

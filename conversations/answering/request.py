"""From claimed queries to what the agent is asked."""

import re
from collections.abc import Callable, Mapping, Sequence

from agents.types import Autonomy, Blocker, Factor, RunRequest
from conversations.answering.history import history_for
from conversations.answering.tools import ToolScene, tools_build
from conversations.models import Channel, Conversation, Customer, Identity, Query
from conversations.selectors import customer_get
from conversations.services.people_only import people_only_holds
from conversations.speech.selectors import Heard, heard_get
from conversations.words import language_known
from omnicqm.common.pseudonyms import pseudonym

MAX_NAME_CHARS = 60
# Fields of the company's own records, lower case.
_NAME_FIELDS = re.compile(r"(?:first|last|middle|full|sur|family|given)[ _.]?names?|names?")
_ADDRESS_FIELDS = re.compile(r"(?:.*[._ ])?(?:address|street)(?:[._ ]?(?:line)?[._ ]?\d?)?")
_ACCOUNT_FIELDS = re.compile(r"(?:account|customer|card|policy|contract|member)[ _.]?(?:number|no|id)")
_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")


def request_build(
    *,
    queries: Sequence[Query],
    cancelled: Callable[[], bool],
    on_sentence: Callable[[str], None] | None,
) -> RunRequest:
    """What the agent is asked for `queries` (oldest first), which get one reply.

    `cancelled` and `on_sentence` are handed through.
    """
    first, last = queries[0].message, queries[-1].message
    conversation, channel = queries[-1].conversation, queries[-1].channel
    customer = customer_get(customer_id=conversation.customer_id)
    verified = last.sender_verified
    heard = heard_get([query.message for query in queries])
    scene = ToolScene(
        conversation=conversation,
        customer=customer,
        up_to_seq=last.seq,
        channel_id=channel.pk,
        sender=last.sender if verified else None,
    )
    return RunRequest(
        scope=f"channel:{channel.pk}",
        origin=queries[0].pk,  # stays the first when a rerun has more messages to answer
        session=conversation.pk,
        subject_id=pseudonym(customer.pk),
        subject=last.subject or first.subject,
        message="\n\n".join(query.message.text for query in queries),
        history=history_for(last, before_seq=first.seq),
        tools=tools_build(scene),
        variables=variables_for(customer, last.sender) if verified else {},
        personal=personal_of(customer),
        sender_verified=verified,
        salutation=salutation_for(customer if verified else None, channel),
        language=language_known(customer.language),
        inapplicable_factors=_inapplicable_factors(customer),
        blockers=_blockers(conversation, channel, heard),
        unsure=() if heard.missing else heard.unsure,
        may_clarify=may_clarify(conversation),
        autonomy=Autonomy(channel.autonomy),
        threshold=channel.threshold,
        cancelled=cancelled,
        on_sentence=on_sentence,
    )


def salutation_for(customer: Customer | None, channel: Channel) -> str:
    """How a reply begins: a mail with a greeting, by name when we know for sure who wrote; elsewhere nobody greets."""
    if channel.kind != Channel.Kind.EMAIL:
        return ""
    # Names come from outside: only what reads as a name is repeated.
    if customer is None or len(customer.display_name) > MAX_NAME_CHARS or not _NAME.fullmatch(customer.display_name):
        return "Hello,"
    return f"Dear {customer.display_name},"


def variables_for(customer: Customer, sender: Identity | None) -> dict[str, str]:
    """What settings.TOOL_VARIABLES names of `customer`, as far as it is known for sure. Of several addresses the one
    that `sender` wrote from goes first, then the latest to be verified; nothing unverified ever."""
    verified = customer.identities.exclude(verified_at=None).order_by("verified_at")
    values = {identity.kind: identity.value for identity in verified}
    if sender is not None and sender in verified:
        values[sender.kind] = sender.value
    named = {"email": values.get(Identity.Kind.EMAIL), "account_number": values.get(Identity.Kind.ACCOUNT)}
    return {"customer_id": customer.pk, **{name: value for name, value in named.items() if value}}


def personal_of(customer: Customer) -> dict[str, tuple[str, ...]]:
    """What is personal of `customer` and has no shape of its own, by kind: hidden from models elsewhere and traces."""
    records = {name.lower(): str(value) for name, value in customer.profile.items() if value}
    kinds = (Identity.Kind.ACCOUNT, Identity.Kind.EXTERNAL)
    accounts = [identity for identity in customer.identities.all() if identity.kind in kinds]  # may be read already
    return {
        "NAME": (customer.display_name, *_records(records, _NAME_FIELDS)),
        "ADDRESS": tuple(_records(records, _ADDRESS_FIELDS)),
        "ACCOUNT": (*(account.value for account in accounts), *_records(records, _ACCOUNT_FIELDS)),
    }


def _records(records: Mapping[str, str], fields: re.Pattern[str]) -> list[str]:
    return [value for name, value in records.items() if fields.fullmatch(name)]


def _blockers(conversation: Conversation, channel: Channel, heard: Heard) -> frozenset[Blocker]:
    found = set()
    if people_only_holds(channel.pk):
        found.add(Blocker.PEOPLE_ONLY)
    if person_has_it(conversation):
        found.add(Blocker.HUMAN_TOOK_OVER)
    if heard.missing or heard.unsure:
        found.add(Blocker.DOUBTFUL_TRANSCRIPT)
    return frozenset(found)


def person_has_it(conversation: Conversation) -> bool:
    """Whether a person answers in this conversation, so that the agent must not."""
    with_consultant = conversation.status == Conversation.Status.WITH_CONSULTANT
    return with_consultant or conversation.taken_over_by_id is not None


def _inapplicable_factors(customer: Customer) -> frozenset[Factor]:
    premium = customer.service_level == Customer.ServiceLevel.PREMIUM
    return frozenset() if premium else frozenset({Factor.PREMIUM_COMPLAINTS})


def may_clarify(conversation: Conversation, *, before_seq: int | None = None) -> bool:
    """One question back per matter: not again before something has been answered. `before_seq` looks back at how it was
    before that message."""
    ended = Query.objects.filter(conversation=conversation, reply__isnull=False)
    if before_seq is not None:
        ended = ended.filter(reply__seq__lt=before_seq)
    latest = ended.order_by("-reply__seq").values_list("status", flat=True).first()
    return latest != Query.Status.CLARIFICATION

"""Finding a case by what a consultant has at hand: a reference, an address, a name, a word of the matter."""

import re

from django.db.models import Q, QuerySet

from conversations.models import Conversation, Customer, Escalation, Identity
from omnicqm.common.ids import is_id

MOST_LISTED = 1_000  # what more cases have is found soon by going through them in their order
_REFERENCE = re.compile(r"CQ-[0-9A-Z]{4}-[0-9A-Z]{4}", re.IGNORECASE)


def search_condition(text: str, *, among_few: bool = False) -> Q:
    """What is written like a reference or an id is looked up as that. Everything else is searched for in the matter,
    the subject and the customer's name, and a number among what customers are known by too; of an address that a
    customer is known by only their cases are found. `among_few` says that the cases to look among are named already."""
    if is_id(text, "esc"):
        return Q(pk=text)
    if _REFERENCE.fullmatch(text):
        return Q(conversation__reference=text.upper())
    if "@" in text and _identities(text).exists():  # who writes an address of a customer means that customer
        return _known(text)
    if not among_few:
        matching = _matching(text).values_list("pk", flat=True)
        found = list(matching[: MOST_LISTED + 1])  # a case may be found in several places
        if len(found) <= MOST_LISTED:
            return Q(pk__in=set(found))
    words = Q(summary__icontains=text) | Q(conversation__subject__icontains=text)
    return words | Q(conversation__customer__display_name__icontains=text) | _known(text)


def _matching(text: str) -> QuerySet[Escalation]:
    """Each place searched on its own, which takes a fraction of what it takes to look at everything of every case."""
    subjects = Conversation.objects.filter(subject__icontains=text)
    names = Customer.objects.filter(display_name__icontains=text)
    rows = Escalation.objects.order_by()
    others = rows.filter(conversation__in=subjects), rows.filter(conversation__customer__in=names)
    return rows.filter(summary__icontains=text).union(*others, rows.filter(_known(text)), all=True)


def _known(text: str) -> Q:
    """Cases of who is known by `text`, an address or a number."""
    if not any(letter.isdigit() for letter in text) and "@" not in text:
        return Q(pk__in=())
    return Q(conversation__customer__in=_identities(text).values("customer"))


def _identities(text: str) -> QuerySet[Identity]:
    return Identity.objects.filter(value__in={text, text.lower(), text.upper()})

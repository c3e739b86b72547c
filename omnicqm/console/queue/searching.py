"""Finding a case by what a consultant has at hand: a reference, an address, a name, a word of the matter."""

import re

from django.db.models import Q

from conversations.models import Identity
from omnicqm.common.ids import is_id

_REFERENCE = re.compile(r"CQ-[0-9A-Z]{4}-[0-9A-Z]{4}", re.IGNORECASE)


def search_condition(text: str) -> Q:
    """What is written like a reference or an id is looked up as that. Everything else is searched for in the matter,
    the subject and the customer's name, and an address or a number among what customers are known by too."""
    if is_id(text, "esc"):
        return Q(pk=text)
    if _REFERENCE.fullmatch(text):
        return Q(conversation__reference=text.upper())
    words = Q(summary__icontains=text) | Q(conversation__subject__icontains=text)
    words |= Q(conversation__customer__display_name__icontains=text)
    if any(letter.isdigit() for letter in text) or "@" in text:
        known = Identity.objects.filter(value__in={text, text.lower(), text.upper()})
        words |= Q(conversation__customer__in=known.values("customer"))
    return words

"""Promises: what a reply says that we will do, or claims that we have done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Verbs of deeds, by what a record of the deed would say of it. Each list begins with what the pattern looks for.
_CONTACT = (
    "call",
    "contact",
    "phone",
    "ring",
    "write",
    "e-mail",
    "email",
    "reach out",
    "get back",
    "follow up",
    "touch",
)
_DEEDS = (
    _CONTACT,
    ("refund", "reimburs", "credit", "compensat", "pay"),
    ("send", "sent", "ship", "deliver", "dispatch", "post"),
    ("cancel", "waiv", "stop", "clos", "delet", "remov"),
    ("chang", "updat", "correct", "fix", "resolv", "adjust", "set"),
    ("arrang", "schedul", "book", "reserv", "order", "replac", "exchang"),
    ("open", "creat", "regist", "issu", "activat", "approv", "process", "start"),
    ("block", "unblock", "freez", "unlock", "lock", "transfer"),
    ("forward", "pass", "escalat", "hand", "notif", "inform", "ask", "tell"),
    ("investigat", "look into", "check", "review", "examin", "make sure", "ensur", "take care"),
)
_VERBS = "|".join(sorted((verb for deeds in _DEEDS for verb in deeds), key=len, reverse=True))
_WHO = r"(?:i|we|our \w+(?: \w+)?|a (?:colleague|consultant|person|specialist|technician|manager)|someone|somebody)"
_BETWEEN = r"(?:(?:already|also|now|just|be|been|being|personally|gladly|soon|shortly|immediately|then|you) ){0,3}"
_OURS = re.compile(
    rf"\b{_WHO}(?: (?:will|shall|have|has|can confirm that we have|(?:am|are|is) going to)|['’](?:ll|ve)) "
    rf"{_BETWEEN}(?P<verb>{_VERBS})\w*",
    re.IGNORECASE,
)
_PASSIVE = r"(?:already |also |now |soon )?be(?:en)? (?:already |now )?"
_THEIRS = re.compile(
    rf"\b(?:you(?: will| have|['’]ll|['’]ve)|your \w+(?: \w+)? (?:has|have|will)) {_PASSIVE}(?P<verb>{_VERBS})\w*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Promise:
    """`words` as they stand in the sentence, lower case; `stems` of which one stands in the record of such a deed."""

    words: str
    stems: tuple[str, ...]


def promises_in(sentence: str) -> Iterator[Promise]:
    """What `sentence` promises the customer or claims to have done for them."""
    for match in (*_OURS.finditer(sentence), *_THEIRS.finditer(sentence)):
        verb = match["verb"].lower()
        yield Promise(" ".join(match[0].lower().split()), next(deeds for deeds in _DEEDS if verb in deeds))

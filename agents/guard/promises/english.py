"""Promises in English. Patterns read a sentence in lower case."""

import re
from collections.abc import Iterator

from agents.guard.promises.finding import Promise, any_of, stems_of

# Verbs of deeds, by what a record of the deed would say of it; each is what the pattern looks for the beginning of.
_CONTACT = (
    "call, contact, phone, ring, rang, writ, wrote, e-mail, email, reach out, reaching out, get back, getting back,"
    " follow up, following up, be in touch, touch"
)
_MONEY = "refund, reimburs, credit, compensat, pay, paid"
_SENDING = "send, sent, ship, deliver, dispatch, post"
_DEEDS = (
    _CONTACT,
    _MONEY,
    _SENDING,
    "cancel, waiv, stop, clos, delet, remov",
    "chang, updat, correct, fix, resolv, adjust, set",
    "arrang, schedul, book, reserv, order, replac, exchang",
    "open, creat, regist, issu, activat, approv, process, start",
    "block, unblock, freez, unlock, lock, transfer",
    "forward, pass, escalat, hand, notif, inform, ask, tell, told",
    "investigat, look into, looking into, check, review, examin, make sure, making sure, ensur, take care, taking care",
)
_VERBS = any_of(*_DEEDS)
_DONE = rf"(?:{_VERBS}\w*ed|sent|paid|told|written|rung|set|put through|frozen)"
_PEOPLE = any_of(
    "team, colleague, consultant, person, people, specialist, technician, manager, agent, advisor, adviser,"
    " representative, department, office, support, service, staff, expert, desk"
)
_WHO = rf"(?:i|we|they|someone|somebody|our \w+(?: \w+)?|(?:the|my|your|an?) (?:\w+ ){{0,2}}?{_PEOPLE}s?)"
# What may stand between a word and the next, with the blank before that: " already ", ", of course, ".
_THEN = r"(?:,? (?:of course|[a-z]+ly|already|also|now|just|soon|then|you|personally)){0,3},? "
_READY = r"(?:(?:be )?(?:happy|glad|pleased) to |g(?:o|one) ahead and )?"
_WILL = r"(?:'ll| will| shall| ha(?:ve|s)|'ve| can confirm that we have|(?:'m| am|'re| are|'s| is) going to)"
_OURS = [
    re.compile(rf"\b{_WHO}{_WILL}{_THEN}{_READY}(?P<verb>{_VERBS})\w*"),
    re.compile(rf"\b{_WHO}(?:'m| am|'re| are|'s| is|'ll be| will be){_THEN}(?P<verb>{_VERBS}\w*ing)\b"),
    re.compile(rf"\b{_WHO}{_THEN}(?P<verb>{_DONE})\b"),
    re.compile(rf"\b{_WHO}{_THEN}(?P<verb>{any_of(_CONTACT, _MONEY, _SENDING)})\w* you\b"),
]
_BEEN = rf"(?:(?:will|shall){_THEN}be|ha(?:s|ve){_THEN}been|(?:is|are) being|was|were|gets?|(?:is|are) (?:now|already))"
_THEIRS = [
    re.compile(rf"\b(?P<words>{_BEEN}{_THEN}(?P<verb>{_DONE}))\b"),
    re.compile(rf"\byour (?:\w+ ){{1,3}}(?P<words>(?:is|are){_THEN}(?P<verb>{_DONE}))\b"),
    re.compile(rf"\b(?P<words>consider (?:\w+ ){{1,5}}(?P<verb>{_DONE}))\b"),
    re.compile(
        r"\b(?:call|refund|payment|money|credit|replacement|technician|colleague)\b(?: \w+){0,4}? (?:is|are)"
        r" (?P<words>(?P<verb>on (?:its|their|the) way|under ?way|coming))\b"
    ),
]
_GIVEN = any_of(
    "call, callback, phone call, refund, reimbursement, credit, compensation, replacement, reply, response, answer,"
    " e-mail, email, message, payment, money, visit, voucher, discount"
)
_GIFT = re.compile(
    rf"(?:\byou(?: can| should| may) (?=expect)|\byou(?:'ll| will|(?:'re| are) going to){_THEN}|^(?:please )?|[,;:] )"
    rf"(?P<got>receive|get|expect|have|await)(?: [\w$€£.']+){{0,4}}? (?P<given>{_GIVEN}s?)\b"
)
_WORD_OF_HONOUR = [
    re.compile(r"\byou(?:'ll| will| can expect to| should)? hear (?:back |again )?from (?:us|our|me|an?|the|some)\b"),
    re.compile(r"\b(?:i|we) (?:(?:hereby|can) )?(?:promise|guarantee|assure you)\b"),
]
_CONDITION = re.compile(r"\b(?:if|when|once|after|until|unless|before|whether|as soon as|in case)\b[^,.;:]*$")


def promises(sentence: str) -> Iterator[Promise]:
    """The promises of `sentence`, which is in lower case and on one line."""
    for pattern in _OURS:
        for match in pattern.finditer(sentence):
            yield Promise((match[0],), stems_of(match["verb"], _DEEDS))
    for pattern in _THEIRS:
        for match in pattern.finditer(sentence):
            if not _CONDITION.search(sentence[: match.start()]):
                yield Promise((match["words"],), stems_of(match["verb"], _DEEDS), state=match["verb"])
    for match in _GIFT.finditer(sentence):
        yield Promise((match["got"], match["given"]), stems_of(match["given"], _DEEDS))
    for pattern in _WORD_OF_HONOUR:
        for match in pattern.finditer(sentence):
            yield Promise((match[0],), stems_of("call" if "hear" in match[0] else "", _DEEDS))

"""Promises in German, whose verbs come in two parts and at two places: what is looked for is who, and does what."""

import re
from collections.abc import Iterator

from agents.guard.promises.finding import Promise, any_of, stems_of

# Stems of verbs, by what a record of the deed would say of it, which for our own tools is English.
_DEEDS = (
    "anruf, angeruf, ruf, zurückruf, zurückgeruf, rückruf, meld, gemeld, rückmeld, kontaktier, schreib, geschrieb, hör,"
    " call, contact, write",
    "erstatt, überweis, überwies, gutschreib, gutgeschrieb, gutschrift, auszahl, ausgezahl, zahl, refund, credit, pay",
    "send, gesend, gesandt, versand, schick, geschick, verschick, zuschick, liefer, geliefer, ausgeliefer, zustell,"
    " zugestell, sent, ship",
    "stornier, kündig, gekündig, lösch, gelösch, schließ, geschloss, stopp, cancel, clos, delet",
    "änder, geänder, aktualisier, korrigier, berichtig, anpass, angepass, chang, updat, correct",
    "buch, gebuch, vereinbar, bestell, veranlass, beauftrag, austausch, ausgetausch, ersetz, einleit, eingeleit, book,"
    " order, schedul, replac, arrang",
    "sperr, gesperr, entsperr, freischalt, freigeschalt, aktivier, eröffn, block, lock, activat",
    "weiterleit, weitergeleit, leit, weitergeb, weitergegeb, geb, informier, benachrichtig, forward, pass, notif",
    "prüf, geprüf, überprüf, klär, geklär, untersuch, kümmer, gekümmer, sorg, check, review",
)
_STEMS = any_of(*_DEEDS)
_PARTICIPLES = any_of(
    "angeruf, geschrieb, gutgeschrieb, überwies, geschloss, weitergegeb, zurückgeruf"  # those that end with "en"
)
_PEOPLE = (
    r"(?:team|kolleg\w*|mitarbeiter\w*|berater\w*|techniker\w*|kundendienst|kundenservice|support|abteilung|service)"
)
_WHO = rf"(?:ich|wir|jemand|(?:(?:unser|mein|ein|das|der|die)\w* )(?:\w+ )?{_PEOPLE})"
_CLAUSE = r"(?:[^\s,.;:!?]+ ){0,14}?"
_PRESENT = rf"(?P<verb>{_STEMS}(?:e|en|t|et|n)?)"
_AUXILIARY = r"(?P<auxiliary>werden?|wird|haben?|hat)"
_LAST = rf"(?P<verb>(?:zu)?{_STEMS}(?:e?n|e?t))"
_DONE = rf"(?P<verb>{_STEMS}e?t|{_PARTICIPLES}en)"
_PATTERNS = [
    re.compile(rf"\b(?P<who>{_WHO}) {_PRESENT}\b"),
    re.compile(rf"\b{_PRESENT} (?:sich |uns )?(?P<who>{_WHO})\b"),
    re.compile(rf"\b(?P<who>{_WHO}) {_AUXILIARY} {_CLAUSE}{_LAST}\b"),
    re.compile(rf"\b{_AUXILIARY} (?P<who>{_WHO}) {_CLAUSE}{_LAST}\b"),
]
_PASSIVE = re.compile(rf"\b(?P<auxiliary>wurden?|worden|wird|werden|ist|sind) {_CLAUSE}{_DONE}\b")
_GOT = r"(?P<got>erhalten|bekommen|hören)"
_GIVEN = (
    r"(?P<given>rückruf|anruf|rückmeldung|antwort|nachricht|erstattung|gutschrift|ersatz\w*|geld|von uns|von unse\w+)"
)
_GIFTS = [
    re.compile(rf"\bsie {_CLAUSE}{_GOT} {_CLAUSE}{_GIVEN}\b"),
    re.compile(rf"\b{_GOT} sie {_CLAUSE}{_GIVEN}\b"),
    re.compile(rf"\bsie werden {_CLAUSE}{_GIVEN} {_CLAUSE}{_GOT}\b"),
]
_WORD_OF_HONOUR = re.compile(r"\b(?:ich|wir) (?:versprech|garantier|versicher)\w*\b")


def promises(sentence: str) -> Iterator[Promise]:
    """The promises of `sentence`, which is in lower case and on one line."""
    for pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            yield Promise((match["who"], match["verb"]), stems_of(match["verb"].removeprefix("zu"), _DEEDS))
    for match in _PASSIVE.finditer(sentence):
        yield Promise((match["auxiliary"], match["verb"]), stems_of(match["verb"], _DEEDS), state=match["verb"])
    for pattern in _GIFTS:
        for match in pattern.finditer(sentence):
            yield Promise((match["got"], match["given"]), stems_of(match["given"], _DEEDS))
    for match in _WORD_OF_HONOUR.finditer(sentence):
        yield Promise((match[0],))

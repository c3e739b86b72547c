"""The engine's *assess*: everything it can tell about a message, as the JSON the loop asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.providers.local.asks import Ask, asks_of
from agents.providers.local.clarity import CLEAR, Clarity, clarity_of
from agents.providers.local.classify import category_find
from agents.providers.local.cues import Hits, cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.finding import passages_for, told_of
from agents.providers.local.intent import intent_find
from agents.providers.local.language import ENGLISH, language_of
from agents.providers.local.questions import Told
from agents.providers.local.smalltalk import smalltalk_of
from agents.providers.local.staff import for_customers
from agents.providers.local.support import support_of
from agents.providers.local.text import Kind, Sentence, matter_of, sentences_of
from agents.providers.local.tone import anger_find, complaint_find, person_find, voiced_of
from agents.screening import message_screen
from agents.types import Blocker, Factor

SUPPORTED = 0.5
WITHOUT_ACCESS = 0.4  # the most support documents can give to what only the account itself can tell
CITED = 0.3  # relevance of the passages counted as cited
MAX_EVIDENCE = 5
MAX_COUNT = 9


@dataclass(frozen=True)
class Reading:
    """What the engine read out of a message before it judges. `voiced` is where a tone may show: the subject too.
    `told` is the answer of a tool to pass on."""

    dossier: Dossier
    sentences: Sequence[Sentence]
    asks: Sequence[Ask]
    smalltalk: Literal["", "thanks", "greeting"]
    clarity: Clarity
    complaint: Hits
    person: Hits
    anger: Hits
    access: Hits
    event: Hits
    voiced: Sequence[Sentence]
    told: Told | None

    @property
    def wants_only_a_person(self) -> bool:
        """Whether nothing else is asked: then there is nothing the documents could answer."""
        return all(person_find(sentences_of(ask.text)) for ask in self.asks) and bool(self.person)


def assessment_make(dossier: Dossier) -> dict[str, Any]:
    """The assessment of `dossier`, fit for `agents.assessment.ASSESSMENT_SCHEMA`."""
    reading = reading_make(dossier)
    support = _support(reading)
    dangers = message_screen(dossier.subject, dossier.message).blockers
    return {
        "factors": _factors(reading, support),
        "intent": intent_find(
            reading.asks, smalltalk=reading.smalltalk, complaint=bool(reading.complaint), person=bool(reading.person)
        ),
        "category": category_find(_matter(dossier), dossier.facts["categories"]),
        "support": round(support, 3),
        "cited": _cited(reading),
        "account_matter": _account_matter(reading, support),
        "asked_for_person": bool(reading.person),
        "safety": Blocker.SAFETY in dangers,
        "injection": Blocker.INJECTION in dangers,
        "underspecified": reading.clarity.askable and not reading.told,
        "smalltalk": reading.smalltalk,
        "language": ENGLISH if reading.smalltalk else language_of(f"{dossier.subject}\n{dossier.message}"),
        "topics": _topics(reading.asks),
        "summary": _summary(dossier, reading.sentences),
    }


def reading_make(dossier: Dossier) -> Reading:
    sentences, smalltalk = sentences_of(dossier.message), smalltalk_of(dossier.message)
    voiced = voiced_of(dossier)
    complaint, person = complaint_find(voiced), person_find(sentences)
    plain = smalltalk or complaint or person  # clear without naming a thing
    return Reading(
        dossier=dossier,
        sentences=sentences,
        asks=asks_of(dossier.message),
        smalltalk=smalltalk,
        clarity=CLEAR if plain else clarity_of(dossier),
        complaint=complaint,
        person=person,
        anger=anger_find(voiced),
        access=cues_find("account_access", () if smalltalk else sentences),
        event=cues_find("account_event", () if smalltalk else sentences),
        voiced=voiced,
        told=told_of(dossier),
    )


def _cited(reading: Reading) -> list[int]:
    if reading.told:
        return [reading.told.number]
    return sorted(found.number for found in reading.dossier.passages if found.relevance >= CITED)[:20]


def _matter(dossier: Dossier) -> list[str]:
    texts = [sentence.text for sentence in matter_of(dossier.message)] or [dossier.message]
    return [dossier.subject, *texts] if dossier.subject else texts


def _factors(reading: Reading, support: float) -> Mapping[str, Any]:
    if reading.smalltalk or reading.told:
        return {factor.value: _factor(0, ()) for factor in Factor}
    first = reading.asks[0].text if reading.asks else reading.dossier.message
    settled_otherwise = reading.clarity.unclear or reading.wants_only_a_person or _account_matter(reading, support)
    unknown = support < SUPPORTED and not settled_otherwise
    further = len({ask.topic for ask in reading.asks}) - 1
    return {
        Factor.NO_KNOWLEDGE: _factor(int(unknown), [first]),
        Factor.UNCLEAR_INFO: _factor(int(reading.clarity.unclear), [reading.clarity.evidence]),
        Factor.PREMIUM_COMPLAINTS: _flag(reading.complaint),
        Factor.ANGRY_FRUSTRATED_TONE: _flag(reading.anger),
        Factor.URGENCY: _flag(cues_find("urgency", reading.voiced)),
        Factor.MULTIPLE_TOPICS: _factor(max(0, further), _topics(reading.asks)),
    }


def _account_matter(reading: Reading, support: float) -> bool:
    """Whether it is about one account. A weak sign counts when documents do not settle the matter."""
    if reading.told:
        return False
    return bool(reading.access or reading.event or (reading.event.words and support < SUPPORTED))


def _flag(hits: Hits) -> Mapping[str, Any]:
    return _factor(int(bool(hits)), hits.words)


def _factor(count: int, evidence: Sequence[str]) -> Mapping[str, Any]:
    shown = [words[:300] for words in evidence if words.strip()][:MAX_EVIDENCE] if count else []
    return {"count": min(count, MAX_COUNT), "evidence": shown}


def _support(reading: Reading) -> float:
    """Support for the message: of its topics the weakest, of the asks within one topic the strongest."""
    dossier, asks = reading.dossier, reading.asks
    if reading.told:
        return 1.0
    if reading.smalltalk or reading.clarity.unclear:
        return 0.0
    whole = " ".join(ask.text for ask in asks)
    if reading.complaint:  # whoever answers it may use guides for staff
        return support_of(whole, dossier.passages, complaint=True)
    by_topic: dict[int, float] = {}
    for ask in asks:
        by_topic[ask.topic] = max(by_topic.get(ask.topic, 0.0), support_of(ask.text, passages_for(dossier, ask)))
    one_topic = [support_of(whole, for_customers(dossier.passages)), *by_topic.values()]
    support = min(by_topic.values()) if len(by_topic) > 1 else max(one_topic)
    return min(support, WITHOUT_ACCESS) if reading.access else support


def _topics(asks: Sequence[Ask]) -> list[str]:
    firsts: dict[int, str] = {}
    for ask in asks:
        firsts.setdefault(ask.topic, ask.text[:200])
    return list(firsts.values())


def _summary(dossier: Dossier, sentences: Sequence[Sentence]) -> str:
    """The subject and the sentences that carry the matter: the first, and the first that asks."""
    matter = [sentence for sentence in sentences if sentence.kind is not Kind.COURTESY]
    asking = [sentence.text for sentence in matter if sentence.wants_something][:1]
    told = dict.fromkeys([sentence.text for sentence in matter[:1]] + asking)
    subject = f"{dossier.subject}: " if dossier.subject else ""
    return f"{subject}{' '.join(told)}"[:1000]

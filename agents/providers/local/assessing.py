"""The engine's *assess*: everything it can tell about a message, as the JSON the loop asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from agents.providers.local.asks import Ask, asks_of
from agents.providers.local.classify import category_find, class_find, intents_load
from agents.providers.local.clarity import Clarity, clarity_of
from agents.providers.local.cues import Hits, cues_find
from agents.providers.local.dossier import Dossier, Found
from agents.providers.local.language import ENGLISH, language_of
from agents.providers.local.smalltalk import smalltalk_of
from agents.providers.local.support import support_of
from agents.providers.local.text import Kind, Sentence, matter_of, sentences_of
from agents.providers.local.tone import anger_find
from agents.types import Factor

SUPPORTED = 0.5
CITED = 0.3  # relevance of the passages counted as cited
MAX_EVIDENCE = 5
MAX_COUNT = 9


def assessment_make(dossier: Dossier) -> dict[str, Any]:
    """The assessment of `dossier`, fit for `agents.assessment.ASSESSMENT_SCHEMA`."""
    sentences = sentences_of(f"{dossier.message}")
    smalltalk = smalltalk_of(dossier.message)
    clarity = clarity_of(dossier) if not smalltalk else Clarity(unclear=False, askable=False)
    complaint = cues_find("complaint", _with_subject(dossier, sentences))
    asks = asks_of(dossier.message)
    support = 0.0 if smalltalk or clarity.unclear else _support(dossier, asks)
    texts = [sentence.text for sentence in matter_of(dossier.message)] or [dossier.message]
    intent = smalltalk or ("complaint" if complaint else class_find(texts, intents_load())) or "other"
    raw = _raw(dossier)
    return {
        "factors": _factors(dossier, sentences, clarity, complaint, asks, support, smalltalk),
        "intent": intent,
        "category": category_find([dossier.subject, *texts] if dossier.subject else texts, dossier.facts["categories"]),
        "support": round(support, 3),
        "cited": sorted(found.number for found in dossier.passages if found.relevance >= CITED)[:20],
        "account_matter": not smalltalk and bool(cues_find("account", sentences)),
        "asked_for_person": bool(cues_find("person", sentences)),
        "safety": bool(cues_find("safety", raw)),
        "injection": bool(cues_find("injection", raw)),
        "underspecified": clarity.askable,
        "smalltalk": smalltalk,
        "language": language_of(f"{dossier.subject}\n{dossier.message}") if not smalltalk else ENGLISH,
        "topics": _topics(asks),
        "summary": _summary(dossier, sentences),
    }


def _with_subject(dossier: Dossier, sentences: Sequence[Sentence]) -> list[Sentence]:
    subject = [Sentence(dossier.subject, Kind.STATEMENT)] if dossier.subject else []
    return [*subject, *sentences]


def _raw(dossier: Dossier) -> list[Sentence]:
    """Every line as it came, and all of it as one: attacks hide in greetings, code and line breaks."""
    text = f"{dossier.subject}\n{dossier.message}"
    lines = [line for line in text.splitlines() if line.strip()]
    return [Sentence(line, Kind.STATEMENT) for line in (*lines, " ".join(text.split()))]


def _factors(
    dossier: Dossier,
    sentences: Sequence[Sentence],
    clarity: Clarity,
    complaint: Hits,
    asks: Sequence[Ask],
    support: float,
    smalltalk: str,
) -> Mapping[str, Any]:
    if smalltalk:
        return {factor.value: _factor(0, ()) for factor in Factor}
    voiced = _with_subject(dossier, sentences)
    unknown = not clarity.unclear and support < SUPPORTED
    further = len({ask.topic for ask in asks}) - 1
    return {
        Factor.NO_KNOWLEDGE: _factor(int(unknown), [asks[0].text if asks else dossier.message]),
        Factor.UNCLEAR_INFO: _factor(int(clarity.unclear), [clarity.evidence]),
        Factor.PREMIUM_COMPLAINTS: _factor(int(bool(complaint)), complaint.words),
        Factor.ANGRY_FRUSTRATED_TONE: _flag(anger_find(voiced)),
        Factor.URGENCY: _flag(cues_find("urgency", voiced)),
        Factor.MULTIPLE_TOPICS: _factor(max(0, further), [ask.text for ask in asks]),
    }


def _flag(hits: Hits) -> Mapping[str, Any]:
    return _factor(int(bool(hits)), hits.words)


def _factor(count: int, evidence: Sequence[str]) -> Mapping[str, Any]:
    shown = [words[:300] for words in evidence if words.strip()][:MAX_EVIDENCE] if count else []
    return {"count": min(count, MAX_COUNT), "evidence": shown}


def _support(dossier: Dossier, asks: Sequence[Ask]) -> float:
    """Support for the message: of its topics the weakest, of the asks within one topic the strongest."""
    by_topic: dict[int, float] = {}
    for ask in asks:
        by_topic[ask.topic] = max(by_topic.get(ask.topic, 0.0), support_of(ask.text, passages_for(dossier, ask)))
    if len(by_topic) < 2:
        whole = support_of(" ".join(ask.text for ask in asks), dossier.passages)
        return max(whole, *by_topic.values()) if by_topic else whole
    return min(by_topic.values())


def passages_for(dossier: Dossier, ask: Ask) -> list[Found]:
    """What the searches found for `ask`: those of its own search when it had one, else of all."""
    own = [search for search in dossier.searches if search.query == ask.text]
    return list(own[0].passages) if own else dossier.passages


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

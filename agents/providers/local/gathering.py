"""The engine's *gather*: which tools to call, with what."""

from collections.abc import Iterator
from typing import Any

from agents.providers.base import ToolUse
from agents.providers.local.asks import Ask, asks_of
from agents.providers.local.cues import cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.finding import context_of, names_mentioned
from agents.providers.local.leaning import leans_back, reliance
from agents.providers.local.smalltalk import smalltalk_of
from agents.providers.local.text import matter_of, sentences_of
from agents.providers.local.tone import person_find
from agents.providers.local.vectors import memory
from agents.words import content_words

MAX_QUERY_CHARS = 800
MAX_SEARCHES = 4
NAMES_SOMETHING = 0.5  # of the reliance of words
MANY_SENTENCES = 3
ON_TOPIC = 0.35  # cosine with the subject, or with the whole message


def tools_wanted(dossier: Dossier) -> list[ToolUse]:
    """The calls to make now; none when enough is known."""
    wanted = [call for call in _calls(dossier) if call[0] in dossier.tools_offered - dossier.tools_called]
    return [ToolUse(f"call-{number}", name, arguments) for number, (name, arguments) in enumerate(wanted, start=1)]


def _calls(dossier: Dossier) -> Iterator[tuple[str, dict[str, Any]]]:
    sentences = sentences_of(dossier.message)
    for name, most in dossier.asking_tools.items():
        yield name, {"question": question_of(dossier.message)[:most]}
    if asked := person_find(sentences):
        yield "escalate", {"reason": f"The customer asks for a person: {', '.join(asked.words)}"[:300]}
    if any(cues_find(name, sentences) for name in ("account_access", "account_event", "complaint")):
        yield "get_customer_profile", {}
    if not dossier.turns and cues_find("earlier", sentences):
        yield "get_conversation_history", {}
    for query, context in searches_planned(dossier):
        yield "search_knowledge", {"query": query, "context": context} if context else {"query": query}


def searches_planned(dossier: Dossier) -> list[tuple[str, list[str]]]:
    """(query, earlier turns) of every search: the whole matter, then each ask of its own."""
    if smalltalk_of(dossier.message):
        return []
    matter = gist_of(dossier.subject, dossier.message)
    context = context_of(dossier)
    if not content_words(" ".join([dossier.subject, matter, *context])):
        return []
    topic = "" if dossier.turns else dossier.subject  # of the first message; later ones may be about something else
    plans = _leaning(dossier, matter, context) if context else [(f"{topic}\n{matter}".strip(), [])]
    asks = asks_of(dossier.message)
    if len(asks) > 1:
        plans += [(ask.text, _around(ask, matter)) for ask in asks]
    return [(query[:MAX_QUERY_CHARS], context) for query, context in plans[:MAX_SEARCHES]]


def _leaning(dossier: Dossier, matter: str, context: list[str]) -> list[tuple[str, list[str]]]:
    """Searches for words that need what was said before: with it, as one with it, with what our answer named, and, if
    they name something themselves, alone."""
    plans = [(matter, context), (f"{context[-1]} {matter}"[-MAX_QUERY_CHARS:], [])]
    if names := names_mentioned(dossier.last_answer):
        plans.append((f"{', '.join(names)}: {matter}", []))
    if reliance(matter) >= NAMES_SOMETHING:
        plans.append((matter, []))
    return plans


def question_of(message: str) -> str:
    """What is asked, without courtesies."""
    return " ".join(sentence.text for sentence in matter_of(message)) or message


def gist_of(subject: str, message: str) -> str:
    """The sentences that say what the message is about: wishes, and what is like the subject or the whole. Venting and
    stories would only lead the search astray."""
    sentences = matter_of(message)
    texts = [sentence.text for sentence in sentences]
    if len(texts) < MANY_SENTENCES:
        return " ".join(texts)
    vectors = memory.embed([subject or " ".join(texts), *texts])
    likeness = vectors[1:] @ vectors[0]
    floor = min(ON_TOPIC, float(sorted(likeness)[-2]))
    kept = [s.text for s, like in zip(sentences, likeness, strict=True) if s.wants_something or like >= floor]
    return " ".join(kept)


def _around(ask: Ask, matter: str) -> list[str]:
    return [matter[:MAX_QUERY_CHARS]] if leans_back(ask.text) else []

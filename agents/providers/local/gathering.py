"""The engine's *gather*: which tools to call, with what."""

from collections.abc import Iterator
from typing import Any

from agents.providers.base import ToolUse
from agents.providers.local.asks import Ask, asks_of, leans_back
from agents.providers.local.cues import cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.smalltalk import smalltalk_of
from agents.providers.local.text import matter_of, sentences_of
from agents.words import content_words

MAX_QUERY_CHARS = 800
MAX_SEARCHES = 4
SHORT = 6  # content words: a message of so few may well continue what was said before


def tools_wanted(dossier: Dossier) -> list[ToolUse]:
    """The calls to make now; none when enough is known."""
    wanted = [call for call in _calls(dossier) if call[0] in dossier.tools_offered - dossier.tools_called]
    return [ToolUse(f"call-{number}", name, arguments) for number, (name, arguments) in enumerate(wanted, start=1)]


def _calls(dossier: Dossier) -> Iterator[tuple[str, dict[str, Any]]]:
    sentences = sentences_of(dossier.message)
    if asked := cues_find("person", sentences):
        yield "escalate", {"reason": f"The customer asks for a person: {', '.join(asked.words)}"[:300]}
    if cues_find("account", sentences) or cues_find("complaint", sentences):
        yield "get_customer_profile", {}
    if not dossier.turns and cues_find("earlier", sentences):
        yield "get_conversation_history", {}
    for query, context in searches_planned(dossier):
        yield "search_knowledge", {"query": query, "context": context} if context else {"query": query}


def searches_planned(dossier: Dossier) -> list[tuple[str, list[str]]]:
    """(query, earlier turns) of every search: the whole matter, then each ask of its own."""
    if smalltalk_of(dossier.message):
        return []
    matter = " ".join(sentence.text for sentence in matter_of(dossier.message))
    if not content_words(f"{dossier.subject} {matter}"):
        return []
    asks = asks_of(dossier.message)
    context = context_of(dossier)
    whole = matter if context else f"{dossier.subject}\n{matter}"
    plans = [(whole.strip()[:MAX_QUERY_CHARS], context)]
    if context:
        plans.append((f"{context[-1]} {matter}"[-MAX_QUERY_CHARS:], []))
    if len(asks) > 1:
        plans += [(ask.text[:MAX_QUERY_CHARS], _around(ask, matter)) for ask in asks]
    return plans[:MAX_SEARCHES]


def context_of(dossier: Dossier) -> list[str]:
    """The customer's earlier turns, when this message continues them."""
    earlier = [" ".join(s.text for s in matter_of(turn))[:MAX_QUERY_CHARS] for turn in dossier.customer_turns[-2:]]
    matter = " ".join(sentence.text for sentence in matter_of(dossier.message))
    continues = leans_back(matter) or len(content_words(matter)) <= SHORT
    return [turn for turn in earlier if turn] if continues else []


def _around(ask: Ask, matter: str) -> list[str]:
    return [matter[:MAX_QUERY_CHARS]] if leans_back(ask.text) else []

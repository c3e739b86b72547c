"""The engine's *compose*: replies made of quotations, each with its citation, and questions back."""

import re
from collections.abc import Iterator, Sequence

from agents.providers.local.asks import Ask, asks_of
from agents.providers.local.dossier import Dossier
from agents.providers.local.finding import context_of, passages_for, told_of
from agents.providers.local.passages import Unit, UnitKind, cells_of, sections_of
from agents.providers.local.picking import MIN_RELEVANCE, Pick, picks_make
from agents.providers.local.staff import for_customers
from agents.providers.local.tone import complaint_find, voiced_of
from agents.providers.local.wanted import PRICE
from agents.words import content_words, numbers_in

WELL_KNOWN = 0.5
CLOSING = "If you have further questions, just reply to this message."
THANKS = "Thank you for your message."
REGRET = "I am sorry for the trouble this has caused you."
LEAD_IN = "Here is what our documents say:"
QUESTION_BACK = "Could you please tell us a little more about what you would like to know?"


def reply_write(dossier: Dossier) -> Iterator[str]:
    """The reply of the kind the facts ask for, part by part."""
    if dossier.salutation:
        yield f"{dossier.salutation}\n\n"
    if dossier.facts["kind"] == "clarify":
        yield from _question_back(dossier)
        return
    if dossier.facts["kind"] == "draft":
        yield from _draft_opening(dossier)
        if not (_knows_well(dossier) or told_of(dossier)):
            yield from _options(dossier)
            return
    yield from _answer(dossier)
    yield CLOSING


def _knows_well(dossier: Dossier) -> bool:
    """Whether the documents speak of this very matter: a draft does not quote what merely resembles it."""
    return any(found.relevance >= WELL_KNOWN for found in for_customers(dossier.passages))


def _draft_opening(dossier: Dossier) -> Iterator[str]:
    """What a consultant would begin with; they edit it before it goes out."""
    yield THANKS
    if complaint_find(voiced_of(dossier)):
        yield f" {REGRET}"
    yield "\n\n"


def _options(dossier: Dossier) -> Iterator[str]:
    """What a guide for staff names as ways to settle the matter. Its instructions stay with the staff."""
    known = {found.number for found in for_customers(dossier.passages)}
    guides = [found for found in dossier.passages if found.number not in known]
    fitting = {found.document for found in guides if found.relevance >= WELL_KNOWN}
    for found in (found for found in guides if found.document in fitting):
        for section in sections_of(found.text):
            head = _OPTIONS.search(section.heading or found.name)
            labels = [unit.label for unit in section.units if unit.label and unit.kind is UnitKind.ITEM]
            if head and len(labels) > 1:
                yield f"**{head[0].capitalize()}** [{found.number}]\n\n"
                yield from (f"- {label}\n" for label in labels)
                return


def _question_back(dossier: Dossier) -> Iterator[str]:
    """Ask for what is missing, with the matters the knowledge base would know as examples."""
    passages = for_customers(dossier.passages)
    names = list(dict.fromkeys(found.title for found in passages if found.relevance >= MIN_RELEVANCE))[:3]
    yield f"{THANKS} {QUESTION_BACK}"
    if len(names) > 1:
        yield f" Is it about {', '.join(names[:-1])} or {names[-1]}?"


def _answer(dossier: Dossier) -> Iterator[str]:
    if told := told_of(dossier):
        yield f"{' '.join(told.text.split())} [{told.number}]\n\n"
        return
    context = context_of(dossier)
    asks = asks_of(dossier.message) or (Ask(dossier.message, 0),)
    picks = picks_make(dossier, asks, context, [passages_for(dossier, ask) for ask in asks])
    if not picks:
        return
    yield f"{_lead_in(dossier, picks, bool(context))}\n\n"
    if _one_line_each(picks):
        yield from _comparison(picks)
        return
    for pick in picks:
        yield from _pick_show(pick, alone=len(picks) == 1)


def _lead_in(dossier: Dossier, picks: Sequence[Pick], follows_up: bool) -> str:
    """ "About …:" names the matter of a follow-up, so that the customer sees what "it" was taken for."""
    subject = dossier.subject or (_common_heading(picks) if picks else "")
    if follows_up and subject and not numbers_in(subject) and not set(subject) & set(".!?;\n"):
        return f"About {subject}:"
    return LEAD_IN


def _common_heading(picks: Sequence[Pick]) -> str:
    parents = {pick.found.heading.rpartition(" › ")[0].rpartition(" › ")[2] for pick in picks}
    return parents.pop() if len(parents) == 1 and "" not in parents else picks[0].found.title


def _one_line_each(picks: Sequence[Pick]) -> bool:
    return len(picks) > 1 and all(pick.section.labelled and len(pick.units) == 1 for pick in picks)


def _comparison(picks: Sequence[Pick]) -> Iterator[str]:
    for pick in picks:
        yield f"- **{pick.name}:** {pick.units[0].text} [{pick.found.number}]\n"
    yield "\n"


def _pick_show(pick: Pick, *, alone: bool) -> Iterator[str]:
    """A list under its head, and prose, which carries its name in front when it does not stand alone."""
    cite = f"[{pick.found.number}]"
    prose = " ".join(unit.text for unit in pick.units if unit.kind is UnitKind.SENTENCE)
    listed = [unit for unit in pick.units if unit.kind is not UnitKind.SENTENCE]
    if len(listed) == 1 and listed[0].kind is not UnitKind.STEP:
        yield f"{_line(listed[0], pick.name)} {cite}\n\n"
    elif listed:
        yield f"{pick.section.intro or f'**{pick.name}**'} {cite}\n\n"
        for number, unit in enumerate(listed, start=1):
            yield f"{number}. {unit.text}\n" if unit.kind is UnitKind.STEP else f"- {_line(unit, pick.name)}\n"
        yield "\n"
    if prose:
        name = "" if alone or listed else f"**{pick.name}:** "
        yield f"{name}{prose} {cite}\n\n"


def _line(unit: Unit, heading: str) -> str:
    """``**Parcel:** Arrives within 2 to 4 working days``: what a row or an item is about, and what is said of it."""
    if unit.kind is UnitKind.ROW:
        return f"**{unit.label}:** {_cells(cells_of(unit), heading)}"
    label, colon, value = unit.text.partition(":")
    return f"**{label.strip('* ')}:**{value}" if unit.label and colon else unit.text


def _cells(cells: Sequence[tuple[str, str]], heading: str) -> str:
    """The values, named by their columns; a single one under a heading that says as much speaks for itself."""
    if len(cells) == 1 and _goes_without_saying(*cells[0], heading):
        return cells[0][1]
    return "; ".join(f"{name} {value}" if _is_phrase(name) else f"{name}: {value}" for name, value in cells)


def _goes_without_saying(column: str, value: str, heading: str) -> bool:
    is_price = PRICE.told.search(value) is not None
    return is_price or _ASKS.match(column) is not None or bool(content_words(column) & content_words(heading))


def _is_phrase(column: str) -> bool:
    """Whether a value makes sense right behind the name of its column: "Arrives within", "For"."""
    words = column.lower().split()
    return bool({words[0], words[-1]} & _PREPOSITIONS)


_OPTIONS = re.compile(r"(?:\w+ )?(?:options|solutions|alternatives|possibilities)\b", re.IGNORECASE)
_ASKS = re.compile(r"(?:what|how|why|where|when|who)\b", re.IGNORECASE)
_PREPOSITIONS = frozenset("for from in within until till by with after before at on to per".split())  # noqa: SIM905

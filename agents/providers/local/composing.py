"""The engine's *compose*: replies made of quotations, each with its citation, and questions back."""

from collections.abc import Iterator, Sequence

from agents.providers.local.asks import Ask, asks_of
from agents.providers.local.assessing import passages_for
from agents.providers.local.cues import cues_find
from agents.providers.local.dossier import Dossier
from agents.providers.local.gathering import context_of
from agents.providers.local.passages import Unit, UnitKind, cells_of
from agents.providers.local.picking import Pick, picks_make
from agents.providers.local.text import sentences_of
from agents.words import numbers_in

CLOSING = "If you have further questions, just reply to this message."
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
    if dossier.facts["kind"] == "draft" and cues_find("complaint", sentences_of(dossier.message)):
        yield f"{REGRET}\n\n"
    yield from _answer(dossier)
    yield CLOSING


def _question_back(dossier: Dossier) -> Iterator[str]:
    """Ask for what is missing, with the matters the knowledge base would know as examples."""
    names = list(dict.fromkeys(found.title for found in dossier.passages if found.relevance >= 0.3))[:3]
    yield f"Thank you for your message. {QUESTION_BACK}"
    if len(names) > 1:
        yield f" Is it about {', '.join(names[:-1])} or {names[-1]}?"


def _answer(dossier: Dossier) -> Iterator[str]:
    context = context_of(dossier)
    asks = asks_of(dossier.message) or (Ask(dossier.message, 0),)
    picks = picks_make(dossier, asks, context, [passages_for(dossier, ask) for ask in asks])
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
    cite = f"[{pick.found.number}]"
    sentences = [unit for unit in pick.units if unit.kind is UnitKind.SENTENCE]
    listed = [unit for unit in pick.units if unit.kind is not UnitKind.SENTENCE]
    if listed:
        yield f"{_list_head(pick)} {cite}\n\n"
        for number, unit in enumerate(listed, start=1):
            yield f"{_item_show(unit, number)}\n"
        yield "\n"
    elif not alone:
        yield f"**{pick.name}** {cite}\n\n"
    if sentences:
        yield f"{' '.join(unit.text for unit in sentences)} {cite}\n\n"


def _list_head(pick: Pick) -> str:
    return pick.section.intro or f"**{pick.name}**"


def _item_show(unit: Unit, number: int) -> str:
    match unit.kind:
        case UnitKind.STEP:
            return f"{number}. {unit.text}"
        case UnitKind.ROW:
            cells = "; ".join(f"{column}: {value}" for column, value in cells_of(unit))
            return f"- **{unit.label}:** {cells}"
    label, colon, value = unit.text.partition(":")
    return f"- **{label.strip('* ')}:**{value}" if unit.label and colon else f"- {unit.text}"

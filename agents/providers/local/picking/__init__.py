"""What to quote: of the passages found, the sections that fit each ask, and in them the lines that answer it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agents.providers.local.asks import Ask
from agents.providers.local.dossier import Dossier, Found
from agents.providers.local.passages import Section, Unit
from agents.providers.local.picking.lines import lines_choose
from agents.providers.local.picking.places import MIN_RELEVANCE, Aim, Place, fits_of, places_find

__all__ = ["MIN_RELEVANCE", "Pick", "picks_make"]
MAX_PICKS = 4
SIBLING_SHARE = 0.75  # of the best section's fit that a like section beside it needs


@dataclass(frozen=True)
class Pick:
    """A section of a passage and the units of it to quote."""

    found: Found
    section: Section
    units: tuple[Unit, ...]

    @property
    def name(self) -> str:
        return self.section.heading or self.found.name


def picks_make(
    dossier: Dossier, asks: Sequence[Ask], context: Sequence[str], passages: Sequence[Sequence[Found]]
) -> list[Pick]:
    """The picks for all asks, best first within an ask, no section twice. `passages` are those found for each ask."""
    picks: list[Pick] = []
    for ask, found in zip(asks, passages, strict=True):
        matter = " ".join([*context[-1:], *(other.text for other in asks if other.topic == ask.topic)])
        for pick in _picks(Aim(ask.text, matter), found, dossier.last_answer if context else ""):
            _merge(picks, pick)
    return _same_labels(picks)[:MAX_PICKS]


def _picks(aim: Aim, passages: Sequence[Found], said: str) -> Iterator[Pick]:
    places = places_find(passages, aim, said)
    if not places:
        return
    fits = fits_of(places, aim, said)
    best = int(np.argmax(fits))
    chosen = [i for i in np.argsort(-fits) if i == best or _is_sibling(places[best], places[i], fits[i] / fits[best])]
    for place in (places[int(i)] for i in chosen[:MAX_PICKS]):
        yield Pick(place.found, place.section, lines_choose(place.section, place.name, aim))


def _is_sibling(best: Place, other: Place, share: float) -> bool:
    """Records beside each other under one heading answer together: two cards, two tariffs."""
    if not (best.section.labelled and other.section.labelled) or share < SIBLING_SHARE:
        return False
    parents = [place.found.heading.rpartition(" › ")[0] for place in (best, other)]
    return best.found.document == other.found.document and parents[0] == parents[1]


# --- All picks together ----------------------------------------------------------------------------------------------
def _merge(picks: list[Pick], pick: Pick) -> None:
    """Add `pick`; what is quoted of its section already is quoted once, with the columns of both."""
    for number, known in enumerate(picks):
        if (known.found.number, known.section) == (pick.found.number, pick.section):
            picks[number] = replace(known, units=tuple(_both(pick.section, known.units, pick.units)))
            return
    picks.append(pick)


def _both(section: Section, first: Sequence[Unit], second: Sequence[Unit]) -> Iterator[Unit]:
    for unit in section.units:
        quoted = [other for other in (*first, *second) if other.text == unit.text]
        if quoted:
            every = any(not other.columns for other in quoted)
            columns = () if every else tuple(dict.fromkeys(name for other in quoted for name in other.columns))
            yield replace(unit, columns=columns)


def _same_labels(picks: list[Pick]) -> list[Pick]:
    """Records quoted beside each other show the same labels, so that they can be compared."""
    records = [pick for pick in picks if pick.section.labelled]
    if len(records) < 2:
        return picks
    labels = {unit.label for pick in records for unit in pick.units}
    return [
        replace(pick, units=tuple(u for u in pick.section.units if u.label in labels))
        if pick.section.labelled
        else pick
        for pick in picks
    ]

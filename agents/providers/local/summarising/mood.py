"""How the customer sounds, by their latest words."""

import re
from collections.abc import Sequence

from agents.providers.local.cues import cues_find
from agents.providers.local.summarising.events import Event
from agents.providers.local.text import Sentence, sentences_of

LATEST = 2  # events of the customer
MAX_SENTENCES = 12
ANGRY = 2.0  # weight of the cues
_WORRIED = re.compile(
    r"\b(?:worried|worry(?:ing)?|concerned|anxious|afraid|scared|nervous|panic\w*|besorgt|sorge[nr]?|angst)\b",
    re.IGNORECASE,
)
_PLEASED = re.compile(
    r"\b(?:perfect|wonderful|excellent|awesome|fantastic|brilliant|(?:very|so|really) (?:happy|pleased|helpful|kind)|"
    r"great,? thank|thank(?:s| you) (?:so|very) much|"
    r"you(?:'ve| have) been (?:very |so |really )?(?:helpful|great|kind)|super|vielen dank|herzlichen dank)\b",
    re.IGNORECASE,
)


def mood_of(events: Sequence[Event]) -> str:
    """angry, frustrated, worried, pleased or calm."""
    latest = [event for event in events if event.is_customers][-LATEST:]
    sentences: list[Sentence] = [one for event in latest for one in sentences_of(event.text)][-MAX_SENTENCES:]
    anger, complaint = cues_find("anger", sentences), cues_find("complaint", sentences)
    if anger:
        return "angry" if anger.weight >= ANGRY else "frustrated"
    if complaint:
        return "frustrated"
    if any(_WORRIED.search(one.text) for one in sentences):
        return "worried"
    last = sentences_of(latest[-1].text) if latest else ()
    return "pleased" if any(_PLEASED.search(one.text) for one in last) else "calm"

"""The turns of a matter: what the customer asked for, and what the company said to that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.providers.local.summarising.events import Event
from agents.providers.local.summarising.quoting import Said, said_of
from agents.providers.local.summarising.words import nothing_known_in, trouble_in

_AFTER_ALL = re.compile(r"(?:however|but|nevertheless|still|what i can|yes|no)\b", re.IGNORECASE)


@dataclass
class Turn:
    asked: list[Said] = field(default_factory=list)
    replied: list[Said] = field(default_factory=list)

    @property
    def is_unanswered(self) -> bool:
        """Whether the reply says that there is no answer, and then nothing to the matter after all."""
        if not self.replied or not nothing_known_in(self.replied[0].text):
            return False
        return not any(_AFTER_ALL.match(one.text) for one in self.replied[1:])


def turns_of(events: Sequence[Event]) -> list[Turn]:
    """The turns in order. A new one begins when the customer, having been told something, asks for more. The first may
    have nothing asked (a call from us, a note of somebody), the last nothing replied."""
    turns = [Turn()]
    for one in said_of(events):
        turn = turns[-1]
        if not one.is_customers:
            if not one.text.endswith("?"):
                turn.replied.append(one)
        elif turn.replied and (one.sentence.wants_something or trouble_in(one.text)):
            turns.append(Turn(asked=[one]))
        elif not turn.replied or one.event is turn.asked[-1].event if turn.asked else True:
            turn.asked.append(one)
    return turns

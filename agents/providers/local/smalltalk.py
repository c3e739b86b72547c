"""Messages that are nothing but thanks or a greeting."""

import re
from typing import Literal

from agents.words import words_in

MAX_WORDS = 20

_THANKS = set("thank thanks thankyou thx thnx tnx ty tysm cheers appreciate appreciated grateful".split())
_PRAISE = set("perfect great awesome wonderful brilliant excellent lovely super cool fantastic amazing".split())
_GREETING = set("hello hi hiya hey greetings howdy hallo morning afternoon evening".split())
_FILLER = set(
    """ok okay alright right oh ah yes yep yeah so very really just all good well nice again much a lot lots bunch kindly both
    guys everyone everybody team there sir madam folks mate wow and i we you it that that's it's this is was for of the your
    to me us my our got understood bye goodbye have day weekend one help helping helped helpful support answer answering
    reply replying assistance info explanation quick prompt fast kind response time service today clear clears cleared up
    everything works work worked working now in advance how are doing do nice will do many be i'm we're am dear i'll take
    care see later been most u""".split()
)
_SIGNED = re.compile(r"\n+\s*[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2}\s*$")


def smalltalk_of(message: str) -> Literal["", "thanks", "greeting"]:
    """What the message is when it is nothing else; a name may stand on a last line of its own."""
    words = words_in(_SIGNED.sub("", message.strip()))
    if not words or len(words) > MAX_WORDS or re.search(r"\d", message):
        return ""
    said = set(words)
    if said & (_THANKS | _PRAISE) and said <= _THANKS | _PRAISE | _FILLER | _GREETING and "?" not in message:
        return "thanks"
    return "greeting" if said & _GREETING and said <= _GREETING | _FILLER else ""

"""The output guard: reads a reply as it is written and lets each sentence out only when it may go.

A sentence that states something must cite a passage customers may read (or the result of a tool), and that must bear
it out: most of its words and every one of its numbers, so internal documents cannot show. Links must stand there too,
or lead to a host of settings.REPLY_LINK_HOSTS. What we promise must be our published word or have been done by a tool.
Names and identifiers must come from the sources or from the customer's own texts, so other customers' data cannot
show. Nothing may sound like our instructions. A hit raises `GuardHit`; the reply is withdrawn and a person takes over.
"""

from agents.guard.checks import instructions_check, strangers_check
from agents.guard.known import Known
from agents.guard.reply import GuardedReply
from agents.guard.units import plain_text, units_split

__all__ = ["GuardedReply", "Known", "instructions_check", "plain_text", "strangers_check", "units_split"]

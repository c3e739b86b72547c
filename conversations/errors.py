"""What can go wrong while customers speak with us.

NotFound
├── ConversationNotFound   no such conversation, or not for the one who asks
├── QueryNotFound
├── CustomerNotFound
└── EscalationNotFound
InvalidInput
├── UnknownChannel         `param` is channel_id
├── ChannelInactive
└── NothingToAnswer        a message without any text left after cleaning
Conflict
├── CustomerMerged         another customer has taken this one over
├── CannotMerge            the customers are one already, or merging them would lose something
├── LeaseLost              another worker, or a person, has taken the query over
├── EscalationOver         it has been answered or closed
├── Overtaken              somebody did something since the consultant looked; `changed` says who, what and when
│   ├── EscalationTaken    another consultant works on it
│   ├── CustomerWroteAgain there is a newer message than the one that was replied to
│   ├── ColleagueReplied   a consultant has replied since
│   └── ReplyIsHeld        a reply is about to go out; it can be taken back
├── HeldReplyOver          it was sent or taken back already
├── NothingToReplay        the message of a run is not here, or not any more
├── FollowUpClosed         the follow-up task was closed before
├── ConversationWithPeople somebody still works on it, so it cannot be called solved
├── TooManySuggestions     a consultant has asked for as many suggestions as make sense
├── TooManyFollowUps       the conversation has as many open follow-up tasks as make sense
└── ProcessTaken           the unique_process_id named another request before
RateLimited
└── InsightsBusy           as many summaries are being made as this process can make at once
ServiceUnavailable
└── InsightLate            the summary was not there in time
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from omnicqm.common.errors import Conflict, InvalidInput, NotFound, RateLimited, ServiceUnavailable


class ConversationNotFound(NotFound):
    code = "conversation_not_found"


class QueryNotFound(NotFound):
    code = "query_not_found"


class CustomerNotFound(NotFound):
    code = "customer_not_found"


class EscalationNotFound(NotFound):
    code = "escalation_not_found"


class UnknownChannel(InvalidInput):
    code = "unknown_channel"


class ChannelInactive(InvalidInput):
    code = "channel_inactive"


class NothingToAnswer(InvalidInput):
    code = "blank"


class CustomerMerged(Conflict):
    code = "customer_merged"


class CannotMerge(Conflict):
    code = "cannot_merge"


class LeaseLost(Conflict):
    code = "lease_lost"


class EscalationOver(Conflict):
    code = "escalation_over"


@dataclass(frozen=True)
class Changed:
    """What somebody did meanwhile. `who` is a colleague's name and `user_id` theirs; a customer has neither. `seq` is
    the message it is about, if it is one."""

    what: Literal["customer_wrote", "colleague_replied", "taken", "held"]
    at: datetime | None = None
    who: str = ""
    user_id: int | None = None
    seq: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "at": self.at.isoformat() if self.at else None}


class Overtaken(Conflict):
    """`changed` is for the page that shows it; the message says it in a sentence for staff."""

    def __init__(self, message: str, *, changed: Changed) -> None:
        super().__init__(message)
        self.changed = changed


class EscalationTaken(Overtaken):
    code = "escalation_taken"


class CustomerWroteAgain(Overtaken):
    code = "customer_wrote_again"


class ColleagueReplied(Overtaken):
    code = "colleague_replied"


class ReplyIsHeld(Overtaken):
    code = "reply_is_held"


class HeldReplyOver(Conflict):
    code = "held_reply_over"


class FollowUpClosed(Conflict):
    code = "follow_up_closed"


class TooManyFollowUps(Conflict):
    code = "too_many_follow_ups"


class TooManySuggestions(Conflict):
    code = "too_many_suggestions"


class ConversationWithPeople(Conflict):
    code = "conversation_with_people"


class NothingToTakeOver(Conflict):
    code = "nothing_to_take_over"


class ProcessTaken(Conflict):
    code = "unique_process_id_taken"


class InsightsBusy(RateLimited):
    code = "busy"
    retry_after = 2  # seconds: about as long as one summary takes


class InsightLate(ServiceUnavailable):
    code = "late"
    retry_after = 2


class NothingToReplay(Conflict):
    """A run whose message is not here, or not any more."""

    code = "nothing_to_replay"

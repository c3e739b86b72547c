"""What figures can be split and filtered by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agents.factors import BLOCKER_WORDS, FACTOR_WORDS
from agents.selectors import category_titles
from conversations.selectors import channel_titles

_QUERY, _CASE, _ESCALATION, _ATTEMPT, _INSIGHT = (
    ("analytics_queryfact", "query_id"),
    ("analytics_casefact", "conversation_id"),
    ("analytics_escalationfact", "escalation_id"),
    ("analytics_attemptfact", "attempt_id"),
    ("analytics_insightfact", "insight_id"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "tr": "Turkish",
}  # fmt: skip
REASONS = {
    "score_below_threshold": "Score below the threshold",
    "no_support": "Not enough support in the passages",
    "underspecified": "Unclear what is asked",
    "agent_unavailable": "The agent could not work",
    "taken_over": "A consultant took over",
    "reply_limit": "Too many automatic replies",
    "unknown": "Not told",
    **{code.value: words[0].upper() + words[1:] for code, words in (*BLOCKER_WORDS.items(), *FACTOR_WORDS.items())},
}

SCOPES = {
    "insights": "Summaries", "insights_compare": "Comparing models at summaries", "judge": "Judge",
    "analyst": "Analyst", "evaluation": "Evaluations", "replay": "Replays", "api": "Recordings by API",
}  # fmt: skip
RATING_REASONS = {
    "wrong": "Something is wrong",
    "incomplete": "Something is missing",
    "outdated": "It is out of date",
    "unclear": "Hard to understand",
    "too_long": "Too long",
    "other": "Something else",
}


def scope_labels() -> Mapping[str, str]:
    """What budgets are called: a channel's by the channel."""
    return {**{f"channel:{key}": title for key, title in channel_titles().items()}, **SCOPES}


@dataclass(frozen=True)
class Dimension:
    """`column` of the views that have it, or `expression` over the local moment ``{at}``.

    `kept_in` names the fact tables (with their keys) whose values are noted. `labels` tells how people call the values
    known today; a value without a label is shown as it is. `synonyms` are further names of the dimension itself.
    `is_foreign` values were made up by other systems: data, never words of ours.
    """

    name: str
    title: str
    description: str
    column: str
    synonyms: tuple[str, ...] = ()
    kept_in: tuple[tuple[str, str], ...] = ()
    choices: tuple[str, ...] = ()
    labels: Callable[[], Mapping[str, str]] = dict
    empty: str = "Not known"
    is_time: bool = False
    is_foreign: bool = False

    def label(self, value: str, labels: Mapping[str, str]) -> str:
        """How people call `value`, given what `labels` returned."""
        return labels.get(value) or value or self.empty


_ALL = (
    Dimension(
        "channel", "Channel", "The channel a matter came in on; of a case the one it began on.", "channel",
        ("channels", "source", "way in"), (_QUERY, _CASE, _ATTEMPT), labels=channel_titles, empty="No channel",
    ),
    Dimension(
        "category", "Category", "What the matter is about, as the agent found.", "category",
        ("categories", "topic", "topics", "subject", "kind of matter", "type"), (_QUERY, _CASE, _ATTEMPT),
        labels=category_titles, empty="No category",
    ),
    Dimension(
        "language", "Language", "The language the agent found, else the one the customer chose.", "language",
        ("languages",), (_QUERY, _CASE), labels=lambda: LANGUAGES,
    ),
    Dimension(
        "service_level", "Service level", "The customer's service level today.", "service_level",
        ("service levels", "level", "tier", "customer level"),
        choices=("standard", "gold", "premium"),
        labels=lambda: {"standard": "Standard", "gold": "Gold", "premium": "Premium"},
    ),
    Dimension(
        "model", "Model", "The model that answered; of a ledger row the one that was called.", "model",
        ("models", "llm", "engine"), (_QUERY, _ATTEMPT, _INSIGHT), empty="No model",
    ),
    Dimension(
        "prompt_version", "Prompt version", "The version of the prompts a run or a summary was made with.",
        "prompt_version", ("prompt versions", "prompt", "prompts", "version"), (_QUERY, _ATTEMPT, _INSIGHT),
        empty="No prompt",
    ),
    Dimension(
        "status", "Status", "How a query stands or ended.", "status", ("outcome of the query", "state"),
        choices=("received", "working", "answered", "clarification", "escalated", "ignored", "failed"),
        labels=lambda: {
            "received": "Waiting", "working": "Being answered", "answered": "Answered", "clarification": "Asked back",
            "escalated": "Escalated", "ignored": "Ignored", "failed": "Failed",
        },
    ),
    Dimension(
        "decision", "Decision", "What the gate decided.", "decision", ("decisions",),
        choices=("auto_send", "clarify", "escalate"),
        labels=lambda: {"auto_send": "Answered alone", "clarify": "Asked back", "escalate": "Handed to people"},
        empty="No decision",
    ),
    Dimension(
        "answered_by", "Answered by", "Who wrote the reply.", "answered_by", ("who answered", "author"),
        choices=("agent", "consultant"),
        labels=lambda: {"agent": "The agent", "consultant": "A consultant"}, empty="Nobody yet",
    ),
    Dimension(
        "reason", "Reason",
        "The main reason of an escalation: the one named first; of a score below the threshold, the factor that weighs "
        "most.", "reason",
        ("reasons", "escalation reason", "cause", "why"), (_ESCALATION,), labels=lambda: REASONS,
    ),
    Dimension(
        "queue", "Queue", "The consultants' queue of an escalation.", "queue", ("queues", "team"), (_ESCALATION,),
        labels=category_titles,
    ),
    Dimension(
        "area", "Area",
        "What a call was made for: replies, summaries, speech, judging. Other: all else, such as replays, further "
        "drafts for consultants, evaluations and the analyst.", "area",
        ("areas", "use", "part"), choices=("reply", "insight", "speech", "judge", "other"),
        labels=lambda: {
            "reply": "Replies", "insight": "Summaries", "speech": "Speech", "judge": "Judge", "other": "Other",
        },
    ),
    Dimension(
        "scope", "Budget",
        "Whose budget a call was taken from: a channel's, or that of summaries, judging, the analyst.",
        "scope", ("budgets", "scopes"), (_ATTEMPT,), labels=scope_labels, empty="None",
    ),
    Dimension(
        "purpose", "Purpose", "Why a model was asked: gather, assess, compose, summarise, …", "purpose",
        ("purposes",), (_ATTEMPT,), labels=dict,
    ),
    Dimension(
        "provider", "Provider", "The place in the route that was called.", "provider", ("providers",), (_ATTEMPT,),
    ),
    Dimension(
        "outcome", "Outcome", "How a call ended.", "outcome", ("outcomes", "result"),
        choices=("ok", "error", "timeout", "abandoned"),
        labels=lambda: {"ok": "Ok", "error": "Error", "timeout": "Timeout", "abandoned": "Abandoned"},
    ),
    Dimension(
        "cache", "Cache", "Whether a summary was generated or came from a cache.", "cache", ("caching",),
        choices=("none", "prompt", "result"),
        labels=lambda: {"none": "Generated", "prompt": "Prompt cached", "result": "Result cached"},
    ),
    Dimension(
        "ivr_intent", "Contact reason", "Why the customer got in touch, as the telephone system told.", "ivr_intent",
        ("ivr intent", "contact intent", "intent"), (_INSIGHT,), is_foreign=True,
    ),
    Dimension(
        "rating_reason", "Reason given",
        "Why a CRM agent found a summary not helpful, as they said at last; words of their own count as 'other'.",
        "rating_reason",
        ("rating reason", "reason of the rating", "reasons of ratings", "rating reasons", "reasons given"),
        (_INSIGHT,), labels=lambda: RATING_REASONS, empty="No reason given",
    ),
    Dimension(
        "weekday", "Weekday", "The local day of the week.", "extract(isodow FROM {at})::int::text",
        ("day of the week", "day of week", "weekdays"), choices=tuple("1234567"), is_time=True,
        labels=lambda: {str(number): name for number, name in enumerate(_WEEKDAYS, start=1)},
    ),
    Dimension(
        "hour_of_day", "Hour of the day", "The local hour, 00 to 23.", "to_char({at}, 'HH24')",
        ("hour of day", "time of day", "hours of the day"), choices=tuple(f"{hour:02}" for hour in range(24)),
        is_time=True, labels=lambda: {f"{hour:02}": f"{hour:02}:00" for hour in range(24)},
    ),
)  # fmt: skip

DIMENSIONS: Mapping[str, Dimension] = {dimension.name: dimension for dimension in _ALL}

"""What is asked for, and what is under way."""

from collections.abc import Mapping
from contextvars import Context, copy_context
from dataclasses import dataclass, field, fields, replace

from conversations.interactions.types import History
from conversations.models import Insight

ANSWER_SECONDS = 7.5  # in all: the primary model gets up to 5, the secondary what is left, then the embedded engine
NO_MODEL = "none"  # model_used and prompt_version where nothing was generated


@dataclass(frozen=True)
class InsightRequest:
    """One request as it was sent, with the defaults filled in. `channel_filter` is a label, several, or None for all.

    `request_id` is the id its insight will have, `client` who asked, `arrived` the `time.monotonic()` instant. `replay`
    is the ``Idempotency-Key`` with the fingerprint of the request, where one was sent. Without a `unique_process_id`
    from its sender it got one made (`is_named` False), which nobody can have used before. `context` is that of the
    caller: what is logged for the request has its ids.
    """

    request_id: str
    client: str
    arrived: float
    unique_process_id: str
    account_number: str
    contact_id: str
    initial_contact_id: str = ""
    ivr_intent: str = "misc"
    max_history_days: int = 90
    max_interactions: int = 10
    channel_filter: str | list[str] | None = None
    replay: tuple[str, str] | None = None
    is_named: bool = True
    context: Context = field(default_factory=copy_context, compare=False, repr=False)

    @property
    def deadline(self) -> float:
        """The `time.monotonic()` instant by which it has its answer."""
        return self.arrived + ANSWER_SECONDS

    @property
    def channels(self) -> tuple[str, ...]:
        """The labels to look at; none means all."""
        labels = self.channel_filter or []
        return tuple(labels.split(",")) if isinstance(labels, str) else tuple(labels)

    @property
    def asked(self) -> dict[str, object]:
        """What its sender wrote: the same again is the same request."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in _OURS}


_OURS = {"request_id", "client", "arrived", "replay", "is_named", "context"}


@dataclass(frozen=True)
class Generation:
    """A summary that has to be made: for whom, of what, and the key under which the same one is found again.

    `personal` is what is personal of the customer, by kind: models elsewhere do not read it."""

    request: InsightRequest
    history: History
    result_key: str
    personal: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def with_personal(self, personal: Mapping[str, tuple[str, ...]]) -> "Generation":
        return replace(self, personal=personal)


Begun = Insight | Generation

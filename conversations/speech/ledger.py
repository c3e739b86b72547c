"""What listening cost: a row of the cost ledger for every call to a provider, in no transaction of its caller."""

import time
from dataclasses import dataclass

from conversations.speech.providers.base import SpeechProvider
from omnicqm.common.ledger import attempt_write
from omnicqm.common.models import Attempt

PURPOSE = "transcribe"


@dataclass(frozen=True)
class Hearing:
    """A call to `provider`: `seconds` of audio were sent, and `since` is when there was no more to send."""

    provider: SpeechProvider
    scope: str
    seconds: float
    since: float

    def note(self, outcome: Attempt.Outcome, *, model: str = "", error_code: str = "") -> Attempt:
        """`latency_ms` is what was waited for after the audio had ended. What a call that failed is billed with nobody
        tells: the same is assumed, or nothing when nothing was sent."""
        return attempt_write(
            Attempt(
                purpose=PURPOSE,
                provider=self.provider.name,
                model=model or self.provider.name,
                scope=self.scope,
                cost_usd=self.provider.cost_usd(self.seconds) if self.seconds else 0,
                latency_ms=max(round((time.monotonic() - self.since) * 1000), 0),
                outcome=outcome,
                error_code=error_code[:40],
            )
        )

"""What can go wrong with what somebody said.

InvalidInput
├── AudioRefused          no recording, of a kind we do not take, or broken
├── AudioTooLong
├── NothingHeard          422, no words in it
├── NoAudio               a live recording without sound coming in
└── LanguageUnsupported
TooLarge
└── AudioTooLarge
RateLimited
└── SpeechBusy            as many recordings as we, or the provider, take at once
ServiceUnavailable
└── SpeechUnavailable     the provider failed, hung or broke off
NotFound
└── TranscriptionNotFound
Conflict
└── TranscriptionUsed     it was sent with another message
"""

from omnicqm.common.errors import Conflict, InvalidInput, NotFound, RateLimited, ServiceUnavailable, TooLarge


class AudioRefused(InvalidInput):
    code = "audio_refused"


class AudioTooLong(InvalidInput):
    code = "audio_too_long"


class AudioTooLarge(TooLarge):
    code = "audio_too_large"


class NothingHeard(InvalidInput):
    code, status = "nothing_heard", 422

    def __init__(self) -> None:
        super().__init__("No words were heard in it. Speak closer to the microphone, or type.", param="audio")


class NoAudio(InvalidInput):
    code = "no_audio"


class LanguageUnsupported(InvalidInput):
    code = "language_unsupported"


class SpeechBusy(RateLimited):
    code = "speech_busy"
    retry_after = 10  # seconds

    def __init__(self) -> None:
        super().__init__("Too many people are speaking to us at the moment. Type, or try again in a minute.")


class SpeechUnavailable(ServiceUnavailable):
    """`reason` is for logs and the ledger: a short code, never the provider's own words."""

    code = "speech_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__("What you said could not be turned into text. Type, or try again in a moment.")
        self.reason = reason


class TranscriptionNotFound(NotFound):
    code = "transcription_not_found"


class TranscriptionUsed(Conflict):
    code = "transcription_used"

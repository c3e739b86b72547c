"""The provider that settings chose."""

from typing import cast

from django.conf import settings

from conversations.speech.providers.base import SpeechProvider
from omnicqm.common.backends import backend_get


def speech_get() -> SpeechProvider:
    """Raises `ConfigurationError`."""
    return cast(SpeechProvider, backend_get("SPEECH_PROVIDERS", settings.SPEECH))

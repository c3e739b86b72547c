"""Screening: what others wrote is looked through before a model reads it, by rules always, by a guardrail if set."""

from agents.screening.rules import Screened, injection_find, message_screen, planted_find
from agents.screening.screening import Screening, screening_open

__all__ = ["Screened", "Screening", "injection_find", "message_screen", "planted_find", "screening_open"]

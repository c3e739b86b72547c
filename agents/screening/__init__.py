"""Screening: what others wrote is looked through before a model reads it, by rules always, by a guardrail if set."""

from agents.screening.rules import Screened, message_screen, planted_find

__all__ = ["Screened", "message_screen", "planted_find"]

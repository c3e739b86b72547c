"""The day and the values that the questions of the tests are about."""

import json
from datetime import date
from pathlib import Path

from analytics.analyst.grammar.lexicon import Lexicon, lexicon_make
from analytics.catalogue.dimensions import LANGUAGES, REASONS

TODAY = date(2026, 11, 18)  # a Wednesday
NOVA, HAIKU = "amazon.nova-2-lite-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"
CATEGORIES = {
    "billing": "Billing & payments", "orders": "Orders & delivery", "returns": "Returns & refunds",
    "account": "Account & access", "product": "Product information", "technical": "Technical problem",
    "complaint": "Complaint", "other": "Other",
}  # fmt: skip
VALUES = {
    "channel": {"": "No channel", "outlook": "Outlook e-mail", "chat": "Website chat", "api": "API"},
    "category": {"": "No category", **CATEGORIES},
    "language": {"": "Not known", **LANGUAGES},
    "service_level": {"standard": "Standard", "gold": "Gold", "premium": "Premium"},
    "model": {"": "No model", NOVA: NOVA, HAIKU: HAIKU, "local-extractive": "local-extractive"},
    "prompt_version": {"2026-11-21.1": "2026-11-21.1"},
    "status": {"answered": "Answered", "clarification": "Asked back", "escalated": "Escalated", "failed": "Failed",
               "ignored": "Ignored", "received": "Waiting", "working": "Being answered"},
    "decision": {"auto_send": "Answered alone", "clarify": "Asked back", "escalate": "Handed to people"},
    "answered_by": {"agent": "The agent", "consultant": "A consultant"},
    "reason": REASONS,
    "queue": CATEGORIES,
    "area": {"reply": "Replies", "insight": "Summaries", "speech": "Speech", "judge": "Judge", "other": "Other"},
    "purpose": {"gather": "gather", "assess": "assess", "compose": "compose", "summarise": "summarise"},
    "provider": {"primary": "primary", "secondary": "secondary", "local": "local"},
    "outcome": {"ok": "Ok", "error": "Error", "timeout": "Timeout", "abandoned": "Abandoned"},
    "cache": {"none": "Generated", "prompt": "Prompt cached", "result": "Result cached"},
    "ivr_intent": {"delivery_status": "delivery_status"},
    "rating_reason": {"": "None given", "outdated": "outdated", "other": "other"},
    "scope": {"": "None", "channel:outlook": "channel:outlook"},
    "weekday": {str(n): name for n, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
                                                       "Saturday", "Sunday"), start=1)},
    "hour_of_day": {f"{hour:02}": f"{hour:02}:00" for hour in range(24)},
}  # fmt: skip


def lexicon() -> Lexicon:
    return lexicon_make(VALUES)


def lines_read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

"""What the generation of a summary hands over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.providers.base import Usage


@dataclass(frozen=True)
class Summary:
    """A summary that passed its checks.

    `model_used` is the model whose words these are, `provider` its alias in the ledger; "none" and "" when there was
    nothing to summarise. `usage` adds up all calls that were answered. `fell_back` says that it is not by the first
    model of the route. `checks` is storable JSON: what was found wrong with each draft, and the support of this one.
    """

    text: str
    model_used: str
    provider: str
    prompt_version: str
    prompt_cache_hit: bool = False
    usage: Usage = field(default_factory=Usage)
    fell_back: bool = False
    checks: Mapping[str, Any] = field(default_factory=dict)

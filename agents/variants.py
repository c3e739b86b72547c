"""What of a run may be other than settings, prompts in use and policy say: to try something out."""

from dataclasses import dataclass

from agents.prompts import PromptSet


@dataclass(frozen=True)
class Variant:
    """The difference. `route` are aliases of settings.MODEL_PROVIDERS, asked in this order; `threshold` holds whatever
    channel and category say; `scope` is what the run and its costs are booked under.
    """

    route: tuple[str, ...] | None = None
    prompts: PromptSet | None = None
    threshold: int | None = None
    scope: str = ""


AS_EVER = Variant()

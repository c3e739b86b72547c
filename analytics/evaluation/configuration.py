"""What is evaluated: the product as it is set, or with another model, other prompts, another threshold or relevance
floor."""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings

from agents.prompts import PromptSet, prompts_load
from agents.services import run_execute
from agents.types import RunRequest, RunResult
from agents.variants import Variant
from conversations.insights.generation.asking import summary_prompts
from knowledge.selectors import RELEVANCE_FLOOR
from omnicqm.common.errors import InvalidInput

SCOPE = "evaluation"
KEYS = ("model", "prompts", "threshold", "floor", "summary_prompts")
AS_SET = "as set"


@dataclass(frozen=True)
class Configuration:
    """`name` is how it was written, `keys` what of `KEYS` it names. `floor` is the relevance from which a passage is
    about the question; `summaries` are the prompts of summaries, None for those in use."""

    name: str = AS_SET
    variant: Variant = field(default_factory=partial(Variant, scope=SCOPE))
    floor: float = RELEVANCE_FLOOR
    summaries: PromptSet | None = None
    keys: frozenset[str] = frozenset()

    def run(self, request: RunRequest) -> RunResult:
        """The agent on `request`, as this configuration has it."""
        return run_execute(request, variant=self.variant)


def configuration_parse(text: str) -> Configuration:
    """``model=primary,threshold=70,prompts=FOLDER,floor=0.5,summary_prompts=FOLDER``, of which any may be left out.

    Raises `InvalidInput` that names what is wrong, and `agents.errors.PromptInvalid` for a folder that has
    no prompts.
    """
    given = dict(_pair(part) for part in text.split(",") if part.strip())
    return Configuration(
        name=text,
        variant=Variant(
            route=_route(given["model"]) if "model" in given else None,
            prompts=prompts_load(Path(given["prompts"])) if "prompts" in given else None,
            threshold=int(_number(given, "threshold", 0, 100)) if "threshold" in given else None,
            scope=SCOPE,
        ),
        floor=_number(given, "floor", 0, 1) if "floor" in given else RELEVANCE_FLOOR,
        summaries=summary_prompts(Path(given["summary_prompts"])) if "summary_prompts" in given else None,
        keys=frozenset(given),
    )


def _pair(part: str) -> tuple[str, str]:
    key, separator, value = part.strip().partition("=")
    if key not in KEYS or not separator or not value:
        raise InvalidInput(
            f"'{part.strip()}' is no configuration: write {', '.join(KEYS)}, = and a value.", param="compare"
        )
    return key, value


def _route(model: str) -> tuple[str, ...]:
    if model not in settings.MODEL_PROVIDERS:
        known = ", ".join(settings.MODEL_PROVIDERS)
        raise InvalidInput(f"There is no model '{model}': name one of {known}.", param="model")
    return (model,)


def _number(given: dict[str, str], key: str, low: float, high: float) -> float:
    try:
        value = float(given[key])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise InvalidInput(f"{key} must be a number from {low:g} to {high:g}.", param=key)
    return value

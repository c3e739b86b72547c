"""The models that exist in the simulated region and what each accepts (reference: Bedrock User Guide, model cards,
"Prompt caching", "Structured output", "Model lifecycle")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.simulators.bedrock.refusals import invalid, not_found

Place = Literal["tools", "system", "messages"]
GEOGRAPHIES = frozenset({"us", "eu", "jp", "apac", "au", "ca", "global"})


@dataclass(frozen=True)
class CacheRules:
    """Where cache points may stand, from how many tokens on a prefix is kept, and for how long it can be asked to be.

    `look_back` is how many blocks before a cache point a shorter known prefix is still found; `most_tokens` is the
    longest prefix that is kept.
    """

    places: frozenset[Place]
    least_tokens: int
    ttls: tuple[str, ...] = ("5m",)
    look_back: int = 0
    most_tokens: int | None = None


@dataclass(frozen=True)
class Model:
    """One model. `profile_only`: callable through an inference profile (`eu.…`) alone. Tokens count per call."""

    context: int
    max_output: int
    cache: CacheRules
    profile_only: bool = False
    structured_output: bool = False
    one_of_temperature_and_top_p: bool = False
    counts_tokens: bool = True
    ended: str = ""


_NOVA_CACHE = CacheRules(frozenset({"system", "messages"}), 1_000, most_tokens=20_000)
_CLAUDE_PLACES: frozenset[Place] = frozenset({"tools", "system", "messages"})
CLAUDE_HAIKU_3_5 = "anthropic.claude-3-5-haiku-20241022-v1:0"
CLAUDE_HAIKU_4_5 = "anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA_2_LITE = "amazon.nova-2-lite-v1:0"
TITAN_V2 = "amazon.titan-embed-text-v2:0"

MODELS: Mapping[str, Model] = {
    "amazon.nova-micro-v1:0": Model(128_000, 10_000, _NOVA_CACHE, counts_tokens=False),
    "amazon.nova-lite-v1:0": Model(300_000, 10_000, _NOVA_CACHE, counts_tokens=False),
    "amazon.nova-pro-v1:0": Model(300_000, 10_000, _NOVA_CACHE, counts_tokens=False),
    NOVA_2_LITE: Model(1_000_000, 64_000, _NOVA_CACHE, profile_only=True, counts_tokens=False),
    CLAUDE_HAIKU_3_5: Model(200_000, 8_192, CacheRules(_CLAUDE_PLACES, 2_048, look_back=20), ended="19 June 2026"),
    CLAUDE_HAIKU_4_5: Model(
        200_000,
        64_000,
        CacheRules(_CLAUDE_PLACES, 4_096, ttls=("5m", "1h"), look_back=20),
        profile_only=True,
        structured_output=True,
        one_of_temperature_and_top_p=True,
    ),
}


def model_find(model_id: str, *, by_profile: bool = True) -> Model:
    """The model behind an id or inference profile. Raises `Refusal` for what does not exist or cannot be called;
    without `by_profile` (nothing is run) the plain id of any model will do."""
    geography, _, rest = model_id.partition(".")
    base = rest if geography in GEOGRAPHIES else model_id
    model = MODELS.get(base)
    if model is None:
        raise not_found(f"Could not resolve the foundation model from the model identifier: {model_id}")
    if model.ended:
        raise not_found("This model version has reached the end of its life. Please refer to the AWS documentation.")
    if by_profile and model.profile_only and base == model_id:
        raise invalid(
            f"Invocation of model ID {model_id} with on-demand throughput isn't supported. Retry your request with the "
            "ID or ARN of an inference profile that contains this model."
        )
    return model

"""What the service refuses although it fits the shapes (reference: Bedrock User Guide, and what its users report)."""

from collections.abc import Mapping
from typing import Any

from tests.simulators.bedrock.models import Model
from tests.simulators.bedrock.refusals import invalid
from tests.simulators.bedrock.rules.caching import cache_points_check
from tests.simulators.bedrock.rules.messages import messages_check
from tests.simulators.bedrock.rules.schemas import output_check
from tests.simulators.bedrock.rules.tools import tools_check
from tests.simulators.bedrock.tokens import request_tokens

__all__ = ["request_check"]


def request_check(body: Mapping[str, Any], model: Model) -> None:
    """Raises `Refusal` for a Converse request that `model` would not answer."""
    messages_check(body.get("messages", []))
    tools_check(body)
    cache_points_check(body, model.cache)
    output_check(body, model)
    _inference_check(body.get("inferenceConfig", {}), model)
    if request_tokens(body) > model.context:
        raise invalid("Input is too long for requested model.")


def _inference_check(config: Mapping[str, Any], model: Model) -> None:
    if config.get("maxTokens", 1) > model.max_output:
        raise invalid(f"The maximum tokens you requested exceeds the model limit of {model.max_output}.")
    if model.one_of_temperature_and_top_p and {"temperature", "topP"} <= config.keys():
        raise invalid(
            "The model returned the following errors: `temperature` and `top_p` cannot both be specified for this "
            "model. Please use only one."
        )

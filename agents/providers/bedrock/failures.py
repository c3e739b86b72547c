"""What a failed call to Bedrock means for a run."""

import re

from agents.errors import (
    ContextTooLong,
    InvalidModelOutput,
    ModelAccessDenied,
    ModelError,
    ModelRequestInvalid,
    ModelThrottled,
    ModelTimeout,
    ModelUnavailable,
)
from omnicqm.common.aws import AwsFailure, AwsKind

_BY_KIND: dict[AwsKind, type[ModelError]] = {
    AwsKind.THROTTLED: ModelThrottled,
    AwsKind.TIMEOUT: ModelTimeout,
    AwsKind.UNAVAILABLE: ModelUnavailable,
    AwsKind.GARBLED: InvalidModelOutput,
    AwsKind.DENIED: ModelAccessDenied,
    AwsKind.NOT_FOUND: ModelAccessDenied,
    AwsKind.QUOTA: ModelAccessDenied,
    AwsKind.INVALID: ModelRequestInvalid,
}
# The service has no code of its own for it (reported wordings of several models).
_TOO_LONG = re.compile(
    r"input is too long|too many (?:input )?tokens|maximum (?:context|tokens)|context (?:length|window)", re.I
)


def model_error(failure: AwsFailure) -> ModelError:
    """The error of the agent for `failure`."""
    if failure.kind is AwsKind.INVALID and _TOO_LONG.search(failure.told):
        return ContextTooLong("The conversation is too long for this model.")
    return _BY_KIND[failure.kind](failure.message)

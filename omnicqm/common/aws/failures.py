"""One meaning for each failure."""

from enum import StrEnum

from botocore import exceptions
from botocore.eventstream import ParserError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from omnicqm.common.errors import OmniError

NO_CREDENTIALS = (
    "No AWS credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with AWS_PROFILE, "
    "or give the machine a role."
)


class AwsKind(StrEnum):
    """What a failure means for the caller, whichever service and layer it comes from."""

    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    GARBLED = "garbled"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    QUOTA = "quota"
    INVALID = "invalid"


# What the service says of these is about rights, names and quotas, which an administrator needs to read.
_ABOUT_THE_ACCOUNT = {AwsKind.DENIED, AwsKind.NOT_FOUND, AwsKind.QUOTA}
_TRANSIENT = {AwsKind.THROTTLED, AwsKind.TIMEOUT, AwsKind.UNAVAILABLE, AwsKind.GARBLED}


class AwsFailure(OmniError):
    """A call to AWS that brought no answer. `aws_code` is the service's own name for it, empty for transport errors.

    `told` is what the service or the client said. It may quote what was sent: never log or show it.
    """

    code, status = "aws_failure", 502

    def __init__(
        self, kind: AwsKind, message: str, *, aws_code: str = "", request_id: str = "", told: str = ""
    ) -> None:
        super().__init__(message)
        self.kind, self.aws_code, self.request_id, self.told = kind, aws_code, request_id, told
        self.transient = kind in _TRANSIENT


# Codes of the services we use; what is not here goes by the HTTP status. Source: botocore's service models.
_BY_CODE = {
    "ThrottlingException": AwsKind.THROTTLED,
    "Throttling": AwsKind.THROTTLED,
    "TooManyRequestsException": AwsKind.THROTTLED,
    "ProvisionedThroughputExceededException": AwsKind.THROTTLED,
    "RequestLimitExceeded": AwsKind.THROTTLED,
    "SlowDown": AwsKind.THROTTLED,
    "ModelTimeoutException": AwsKind.TIMEOUT,
    "ModelNotReadyException": AwsKind.UNAVAILABLE,
    "ModelErrorException": AwsKind.UNAVAILABLE,
    "ModelStreamErrorException": AwsKind.UNAVAILABLE,
    "InternalServerException": AwsKind.UNAVAILABLE,
    "ServiceUnavailableException": AwsKind.UNAVAILABLE,
    "ServiceQuotaExceededException": AwsKind.QUOTA,
    "LimitExceededException": AwsKind.QUOTA,
    "AccessDeniedException": AwsKind.DENIED,
    "UnrecognizedClientException": AwsKind.DENIED,
    "InvalidSignatureException": AwsKind.DENIED,
    "ExpiredTokenException": AwsKind.DENIED,
    "ExpiredToken": AwsKind.DENIED,
    "ResourceNotFoundException": AwsKind.NOT_FOUND,
    "ValidationException": AwsKind.INVALID,
}
_BY_STATUS = {
    401: AwsKind.DENIED,
    403: AwsKind.DENIED,
    404: AwsKind.NOT_FOUND,
    408: AwsKind.TIMEOUT,
    424: AwsKind.UNAVAILABLE,
    429: AwsKind.THROTTLED,
}
_NOT_CONFIGURED = (
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.InvalidEndpointConfigurationError,
)
# Checksums and frames of event streams, documents, characters: what came is not what was sent.
_GARBLED = (ParserError, ResponseParserError, ValueError, KeyError, TypeError, AttributeError)


def aws_failure(error: Exception) -> AwsFailure:
    """What `error`, raised while a client of ours was used, means. One that has nothing to do with AWS is raised."""
    if isinstance(error, AwsFailure):
        return error
    if isinstance(error, exceptions.ClientError):
        return _of_service(error)
    if isinstance(error, exceptions.ParamValidationError):
        return AwsFailure(AwsKind.INVALID, "The call has wrong parameters.", told=str(error))
    if isinstance(error, exceptions.NoCredentialsError | exceptions.NoAuthTokenError):
        return AwsFailure(AwsKind.DENIED, NO_CREDENTIALS, told=str(error))
    if isinstance(error, _NOT_CONFIGURED):
        return AwsFailure(AwsKind.DENIED, f"AWS is not configured: {str(error)[:300]}", told=str(error))
    return _of_transport(error)


def _of_transport(error: Exception) -> AwsFailure:
    name = type(error).__name__
    if isinstance(error, exceptions.ReadTimeoutError | ReadTimeoutError | TimeoutError):
        return AwsFailure(AwsKind.TIMEOUT, f"AWS was silent for too long ({name}).")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError | HTTPError | OSError):
        return AwsFailure(AwsKind.UNAVAILABLE, f"No connection to AWS ({name}).")
    if isinstance(error, _GARBLED):
        return AwsFailure(AwsKind.GARBLED, f"What AWS answered cannot be read ({name}).")
    raise error


def _of_service(error: exceptions.ClientError) -> AwsFailure:
    """Also errors in the middle of a stream, whose codes begin with a small letter."""
    answer = error.response
    code = str(answer.get("Error", {}).get("Code", ""))
    code = code[:1].upper() + code[1:]
    told = answer.get("ResponseMetadata", {})
    status = int(told.get("HTTPStatusCode") or (code if code.isdigit() else 0))
    words = str(answer.get("Error", {}).get("Message", ""))
    kind = _BY_CODE.get(code) or _by_status(status)
    message = f"AWS answered {code or status}{f': {words[:300]}' if kind in _ABOUT_THE_ACCOUNT else '.'}"
    return AwsFailure(kind, message, aws_code=code, request_id=str(told.get("RequestId", "")), told=words)


def _by_status(status: int) -> AwsKind:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return AwsKind.INVALID if 400 <= status < 500 else AwsKind.UNAVAILABLE

"""How the service says no: an HTTP status, a type in a header and a message."""

from dataclasses import dataclass, field

# Every error of the operations imitated, with its status (service model bedrock-runtime 2023-09-30).
STATUS = {
    "AccessDeniedException": 403,
    "ConflictException": 400,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}


@dataclass
class Refusal(Exception):
    """Ends the handling of a call; becomes the answer."""

    type: str
    message: str
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return STATUS[self.type]


def invalid(message: str) -> Refusal:
    return Refusal("ValidationException", message)


def not_found(message: str) -> Refusal:
    return Refusal("ResourceNotFoundException", message)

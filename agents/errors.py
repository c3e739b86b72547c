"""What can go wrong while the agent thinks.

    AgentError
    ├── RunRequestInvalid       the caller's own mistake; the only one that leaves `run_execute`
    ├── ToolError               a tool could not do it; its message goes back to the model as text
    ├── ToolCrashed             a tool broke (a bug): the run ends, a person takes over
    ├── LimitReached            turns, seconds, repeated calls or sizes are used up
    ├── OutputInvalid           the model's output cannot be used, even after one repair
    ├── GuardHit                a sentence of the reply may not go out
    ├── BudgetExhausted         the money of the day is spent; no model is asked any more
    └── ModelError              a provider could not answer; `transient` says whether another try may help
        ├── ModelTimeout · ModelThrottled · ModelUnavailable · InvalidModelOutput     transient
        └── ModelRefused · ContextTooLong · ModelRequestInvalid · ModelAccessDenied · LanguageUnsupported

`PromptInvalid` (a prompt file and its variables disagree) is a `ConfigurationError`.
"""

from agents.providers.base import Charge
from agents.types import Blocker
from omnicqm.common.errors import ConfigurationError, InvalidInput, NotFound, OmniError


class AgentError(OmniError):
    """Base of what ends a run early. `blocker` says which one keeps the reply from going out alone."""

    code = "agent"
    blocker = Blocker.OUTPUT_INVALID


class RunRequestInvalid(InvalidInput):
    code = "run_request_invalid"


class RunNotFound(NotFound):
    code = "run_not_found"


class PromptInvalid(ConfigurationError):
    code = "prompt_invalid"


class ToolError(AgentError):
    """Raised by a tool for what the model may read and react to: unknown id, nothing found, not allowed."""

    code, blocker = "tool_error", Blocker.TOOL_FAILED


class ToolCrashed(AgentError):
    code, blocker = "tool_crashed", Blocker.TOOL_FAILED


class LimitReached(AgentError):
    code, blocker = "limit_reached", Blocker.LIMIT_REACHED


class OutputInvalid(AgentError):
    code = "output_invalid"


class GuardHit(AgentError):
    code = "guard_hit"


class BudgetExhausted(AgentError):
    code, blocker = "budget_exhausted", Blocker.BUDGET_EXHAUSTED


class ModelError(AgentError):
    """`charge` is what the call is billed with all the same, where the service still said so."""

    code = "model_error"
    charge: Charge | None = None


class ModelTimeout(ModelError):
    code, transient, blocker = "model_timeout", True, Blocker.LIMIT_REACHED


class ModelThrottled(ModelError):
    code, transient = "model_throttled", True


class ModelUnavailable(ModelError):
    code, transient = "model_unavailable", True


class ModelRefused(ModelError):
    code = "model_refused"


class ContextTooLong(ModelError):
    code, blocker = "context_too_long", Blocker.LIMIT_REACHED


class InvalidModelOutput(ModelError):
    """What came back is no reply: cut off, garbled, of an unknown kind. Another try or model may do better."""

    code, transient = "invalid_model_output", True


class ModelRequestInvalid(ModelError):
    """The service refuses the request as malformed: a bug of ours or a model that lacks a capability."""

    code = "model_request_invalid"


class ModelAccessDenied(ModelError):
    """Not allowed, or there is no such model: a matter of configuration; nothing gets better by itself."""

    code = "model_access_denied"


class LanguageUnsupported(ModelError):
    """The models that are left do not read the customer's language."""

    code, blocker = "language_unsupported", Blocker.LANGUAGE_UNSUPPORTED

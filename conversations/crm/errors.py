"""How telling a CRM can end.

ServiceUnavailable
└── CrmAway        not now: nobody there, overloaded, or our sign-in or set-up is not accepted until somebody mends it
    └── CaseHeld   not now, and it is this one case alone: its record is locked by somebody else
InvalidInput
└── CaseRefused    this case is not taken as it is; a person has to look

Messages name what is wrong and what to do, and never repeat what the CRM wrote about a value.
"""

from omnicqm.common.errors import InvalidInput, ServiceUnavailable


class CrmAway(ServiceUnavailable):
    """`retry_after` is what the CRM asked for, in seconds."""

    code = "crm_away"

    def __init__(self, message: str, *, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CaseHeld(CrmAway):
    code = "crm_case_held"


class CaseRefused(InvalidInput):
    code = "crm_case_refused"

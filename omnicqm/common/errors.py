"""What can go wrong, as types. Every app's errors descend from here.

    OmniError                 code, status, transient
    ├── InvalidInput          400  the caller must change the request; `param` names the field
    ├── NotAuthenticated      401  no or a bad credential
    ├── NotAllowed            403  known caller, not for them
    ├── NotFound              404
    ├── Conflict              409  the object is in another state than the caller thinks
    ├── TooLarge              413
    ├── RateLimited           429  transient
    ├── ServiceUnavailable    503  transient: a part of ours or a provider does not answer
    └── ConfigurationError    500  a setting is missing or wrong; the message names it and the remedy

A message is one plain sentence or two: what happened and what to do. It is shown to the caller, so it never holds
personal data, a secret or a provider's raw text.
"""


class OmniError(Exception):
    """Base of all our errors.

    `code` is stable and machine-readable, `status` the HTTP status a door answers with, `transient` whether
    trying the same again later can succeed.
    """

    code = "error"
    status = 500
    transient = False

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        if code is not None:
            self.code = code


class InvalidInput(OmniError):
    code, status = "invalid", 400


class NotAuthenticated(OmniError):
    code, status = "not_authenticated", 401


class NotAllowed(OmniError):
    code, status = "not_allowed", 403


class NotFound(OmniError):
    code, status = "not_found", 404


class Conflict(OmniError):
    code, status = "conflict", 409


class TooLarge(OmniError):
    code, status = "too_large", 413


class RateLimited(OmniError):
    code, status, transient = "rate_limited", 429, True


class ServiceUnavailable(OmniError):
    code, status, transient = "unavailable", 503, True


class ConfigurationError(OmniError):
    code = "configuration"

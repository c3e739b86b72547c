"""What every app may write: the audit trail, idempotency records, API clients."""

from omnicqm.common.services.audit import Telling, audit_look, audit_record, audit_tellings, audit_view
from omnicqm.common.services.clients import (
    ApiClient,
    api_client_change,
    api_client_create,
    api_client_revoke,
    api_client_rotate,
    api_client_secret_end,
)

__all__ = [
    "ApiClient",
    "Telling",
    "api_client_change",
    "api_client_create",
    "api_client_revoke",
    "api_client_rotate",
    "api_client_secret_end",
    "audit_look",
    "audit_record",
    "audit_tellings",
    "audit_view",
]

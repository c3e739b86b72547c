"""What every app may write: the audit trail, idempotency records, API clients."""

from omnicqm.common.services.audit import audit_look, audit_record, audit_view
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
    "api_client_change",
    "api_client_create",
    "api_client_revoke",
    "api_client_rotate",
    "api_client_secret_end",
    "audit_look",
    "audit_record",
    "audit_view",
]

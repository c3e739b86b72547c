"""What every app may write: the audit trail, idempotency records, API clients."""

from omnicqm.common.services.audit import audit_record
from omnicqm.common.services.clients import ApiClient, api_client_create

__all__ = ["ApiClient", "api_client_create", "audit_record"]

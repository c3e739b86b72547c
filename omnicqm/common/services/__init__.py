"""What every app may write: the audit trail, idempotency records, API clients."""

from omnicqm.common.services.audit import audit_record

__all__ = ["audit_record"]

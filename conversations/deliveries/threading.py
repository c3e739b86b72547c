"""What ties a reply to the message it answers, in the channel's own terms."""

from typing import Any

from conversations.models import Query


def reply_fields(query: Query) -> dict[str, Any]:
    """Fields of an outbound message that answers `query`: subject, and the external ids of the thread so far."""
    asked = query.message
    references = [*asked.references, *filter(None, [asked.external_id])]
    return {"subject": asked.subject, "in_reply_to": asked.external_id, "references": references}

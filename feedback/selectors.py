"""Reads of ratings."""

from typing import Any

from feedback.models import Rating


def rating_record(rating: Rating) -> dict[str, Any]:
    """The rating as the warehouse gets it. Who changed a rating has several records, the latest of them counts."""
    insight = rating.insight
    return {
        "rating_id": rating.pk,
        "target": "insight" if insight else "reply",
        "request_id": rating.request_id,
        "unique_process_id": insight.unique_process_id if insight else None,
        "contact_id": insight.contact_id if insight else None,
        "account_number": insight.account_number if insight else None,
        "feedback": str(rating.feedback),
        "reason": rating.reason,
        "comment": rating.comment,
        "rater": rating.rater,
        "rated_at": rating.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def ratings_in(*, conversation_id: str, rater: str) -> dict[str, dict[str, str]]:
    """What `rater` says of the replies in a conversation now, by request id."""
    said = Rating.objects.filter(query__conversation=conversation_id, rater=rater, is_current=True)
    return {rating.request_id: {"feedback": str(rating.feedback), "reason": rating.reason} for rating in said}

"""Giving and changing a rating."""

from typing import Any

from django.db import connection, transaction

from feedback.models import Rating
from feedback.targets import Target
from omnicqm.common.outbox.services import outbox_add
from omnicqm.common.services import audit_record
from omnicqm.common.text import line_clean, text_clean

TOPIC = "omni-channel/feedback"  # of the warehouse


@transaction.atomic
def rating_give(*, target: Target, rater: str, feedback: str, reason: str = "", comment: str = "") -> Rating:
    """What `rater` (``client:abc``, ``customer:cus_…``) says of `target` now; what they said before is kept as history.

    Saying the same again changes nothing. When the transaction commits, the rating is stored, with its record for the
    warehouse.
    """
    reason, comment = line_clean(reason), text_clean(comment).strip()
    _one_at_a_time(f"rating {target.request_id} {rater}")
    of_target = {"insight_id": target.insight_id, "query_id": target.query_id, "rater": rater}
    mine = Rating.objects.filter(**of_target, is_current=True)
    before = mine.first()
    if before and (before.feedback, before.reason, before.comment) == (feedback, reason, comment):
        return before
    mine.update(is_current=False)
    rating = Rating.objects.create(**of_target, feedback=feedback, reason=reason, comment=comment)
    details = {"request_id": target.request_id, "feedback": feedback}
    audit_record(actor=rater, action="rating.given", obj=rating, details=details)
    outbox_add(topic=TOPIC, key=rating.pk, payload=rating_record(rating, before), at=rating.created_at)
    return rating


def rating_record(rating: Rating, before: Rating | None = None) -> dict[str, Any]:
    """The rating as the warehouse gets it; `before` is the one it takes the place of."""
    insight = rating.insight
    return {
        "rating_id": rating.pk,
        "replaces": before.pk if before else None,
        "target": "insight" if insight else "reply",
        "request_id": rating.request_id,
        "unique_process_id": insight.unique_process_id if insight else None,
        "contact_id": insight.contact_id if insight else None,
        "account_number": insight.account_number if insight else None,
        "feedback": rating.feedback,
        "reason": rating.reason,
        "comment": rating.comment,
        "rater": rating.rater,
        "created_at": rating.created_at.isoformat(),
    }


def _one_at_a_time(name: str) -> None:
    """Until the transaction ends, nobody else is past this line with the same `name`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

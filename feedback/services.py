"""Giving and changing a rating."""

from django.db import connection, transaction

from feedback.models import Rating
from feedback.selectors import rating_record
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
    outbox_add(topic=TOPIC, key=rating.pk, payload=rating_record(rating), at=rating.created_at)
    return rating


def _one_at_a_time(name: str) -> None:
    """Until the transaction ends, nobody else is past this line with the same `name`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])

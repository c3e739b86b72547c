"""Requests and answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

FEEDBACK_GIVEN = OpenApiExample(
    "A CRM agent's thumb",
    request_only=True,
    value={
        "unique_process_id": "a0X5g000001abcd-7f3e",
        "feedback": "not_helpful",
        "reason": "outdated",
        "comment": "The refund was paid on Monday.",
    },
)
FEEDBACK_STORED = OpenApiExample(
    "Stored",
    response_only=True,
    status_codes=["200"],
    value={"request_id": "ins_01k8z3c9v7e2m4n6p8r0t2w4y6", "feedback": "not_helpful"},
)

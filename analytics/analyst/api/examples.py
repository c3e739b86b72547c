"""Requests and answers as the documentation shows them."""

from drf_spectacular.utils import OpenApiExample

ASKED = OpenApiExample(
    "A question", request_only=True, value={"question": "Escalations by channel last week", "conversation": "board"}
)
NOT_UNDERSTOOD = OpenApiExample(
    "Not understood",
    response_only=True,
    status_codes=["200"],
    value={
        "answer": "I do not know what 'planet' means here, so I do not guess.",
        "table": None,
        "chart": None,
        "query": None,
        "definitions": [],
        "notes": [],
        "as_of": None,
        "suggestions": ["α by channel in the last 30 days", "α in the last 30 days"],
        "conversation": "board",
    },
)

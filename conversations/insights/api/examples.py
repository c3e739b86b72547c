"""Examples of the documents of insights."""

from drf_spectacular.utils import OpenApiExample

INSIGHT_REQUEST = OpenApiExample(
    "A call that is put through",
    request_only=True,
    value={
        "unique_process_id": "a0X5g000001abcd-7f3e",
        "account_number": "OE-20671",
        "initial_contact_id": "5f0c3c1e-6a52-4a36-9d0a-51d2f7a9d5a1",
        "contact_id": "5f0c3c1e-6a52-4a36-9d0a-51d2f7a9d5a1",
        "ivr_intent": "delivery_status",
        "max_history_days": 90,
        "max_interactions": 10,
    },
)
INSIGHT_REQUEST_SHORT = OpenApiExample(
    "The least that is needed",
    request_only=True,
    value={"account_number": "OE-20671", "contact_id": "5f0c3c1e-6a52-4a36-9d0a-51d2f7a9d5a1"},
)
INSIGHT_ANSWER = OpenApiExample(
    "A summary",
    response_only=True,
    status_codes=["200"],
    value={
        "contact_id": "5f0c3c1e-6a52-4a36-9d0a-51d2f7a9d5a1",
        "unique_process_id": "a0X5g000001abcd-7f3e",
        "request_id": "ins_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "account_number": "OE-20671",
        "summary": "The customer asked on 19 November by e-mail when the sofa of order HH-4711 arrives. "
        "They were told that it takes four to six weeks. Open: the customer wants to choose the day.",
        "date_range": "2026-11-19 to 2026-11-20",
        "model_used": "eu.amazon.nova-2-lite-v1:0",
        "cache_hit": False,
        "latency_ms": 1846,
        "generated_at": "2026-11-21T10:00:01.846Z",
        "max_history_days": 90,
        "max_interactions": 10,
        "channel_filter": None,
        "prompt_version": "1-1-1.1+5f0c2a9e",
    },
)
INSIGHT_OF_NOTHING = OpenApiExample(
    "No interactions",
    response_only=True,
    status_codes=["200"],
    value={
        "contact_id": "5f0c3c1e-6a52-4a36-9d0a-51d2f7a9d5a1",
        "unique_process_id": "prc_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "request_id": "ins_01k8z3c9v7e2m4n6p8r0t2w4y7",
        "account_number": "OE-99999",
        "summary": "No interactions found for this account in the last 90 days.",
        "date_range": "2026-08-23 to 2026-11-21",
        "model_used": "none",
        "cache_hit": False,
        "latency_ms": 6,
        "generated_at": "2026-11-21T10:00:00.006Z",
        "max_history_days": 90,
        "max_interactions": 10,
        "channel_filter": None,
        "prompt_version": "none",
    },
)

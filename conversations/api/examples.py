"""Examples of the API's documents, as they come back for the demo data."""

from drf_spectacular.utils import OpenApiExample

QUERY_MAIL = OpenApiExample(
    "An e-mail",
    request_only=True,
    value={
        "channel_id": "outlook",
        "user_id": "nora.lindqvist@example.com",
        "subject": "How long for a sofa?",
        "message": "Hello,\n\nhow long does delivery of a sofa take, and can I choose the day?\n\nNora",
        "external_id": "<4f1c2a@mail.example.com>",
    },
)
QUERY_ACCEPTED = OpenApiExample(
    "Taken in",
    response_only=True,
    status_codes=["202"],
    value={
        "request_id": "qry_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "conversation_id": "cnv_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "reference": "CQ-7KF3-WM9P",
        "customer_id": "cus_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "status": "received",
        "status_url": "http://localhost:8000/api/v1/queries/qry_01k8z3c9v7e2m4n6p8r0t2w4y6",
    },
)
QUERY_ANSWERED = OpenApiExample(
    "Answered",
    response_only=True,
    status_codes=["200"],
    value={
        "request_id": "qry_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "status": "answered",
        "decision": "auto_send",
        "reply": {
            "text": "Sofas are delivered within four to six weeks [1].",
            "html": "<p>Sofas are delivered within four to six weeks [1].</p>",
            "sources": [
                {
                    "document_id": "doc_01k8z3c9v7e2m4n6p8r0t2w4y6",
                    "external_id": "delivery",
                    "title": "Delivery",
                    "version": 1,
                    "chunk_id": "chk_01k8z3c9v7e2m4n6p8r0t2w4y6",
                    "quote": "Sofas are delivered within four to six weeks.",
                    "score": 0.97,
                }
            ],
        },
        "score": 100,
        "threshold": 80,
        "factors": {},
        "explanation": "Answered automatically, nothing speaks against it. The confidence score is 100.",
        "intent": "delivery_time",
        "category": "orders_delivery",
        "model_used": "local-extractive",
        "latency_ms": 412,
        "conversation_id": "cnv_01k8z3c9v7e2m4n6p8r0t2w4y6",
    },
)

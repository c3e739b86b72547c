"""Examples of the API's documents."""

from drf_spectacular.utils import OpenApiExample

TRANSCRIPTION_MADE = OpenApiExample(
    "A question",
    response_only=True,
    status_codes=["200"],
    value={
        "transcription_id": "trn_01k8z3c9v7e2m4n6p8r0t2w4y6",
        "text": "what does room delivery cost",
        "confidence": 0.8412,
        "words": [
            {"text": "what", "confidence": 0.98, "start": 0.12, "end": 0.3},
            {"text": "does", "confidence": 0.97, "start": 0.3, "end": 0.48},
            {"text": "room", "confidence": 0.52, "start": 0.48, "end": 0.77},
            {"text": "delivery", "confidence": 0.87, "start": 0.77, "end": 1.36},
            {"text": "cost", "confidence": 0.866, "start": 1.36, "end": 1.9},
        ],
        "doubtful": [{"start_char": 10, "end_char": 14}],
        "language": "en-US",
        "duration_s": 2.4,
        "model_used": "transcribe-streaming",
    },
)

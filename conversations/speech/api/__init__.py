"""POST /api/v1/voice/transcriptions."""

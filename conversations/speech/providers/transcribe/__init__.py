"""Amazon Transcribe: streaming over a websocket for what somebody waits at, batch jobs through S3 for the rest."""

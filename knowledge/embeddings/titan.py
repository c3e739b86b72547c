"""Amazon Titan Text Embeddings V2 on Bedrock (source: Titan Embed parameters, Bedrock User Guide)."""

import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import numpy as np

from knowledge.embeddings.base import Embedder, Vectors
from knowledge.errors import EmbeddingFailed
from omnicqm.common.aws import AwsFailure, aws_call, aws_client, aws_region
from omnicqm.common.ledger import attempt_write
from omnicqm.common.models import Attempt

MODEL_ID = "amazon.titan-embed-text-v2:0"
DIMENSION = 512
IN_PARALLEL = 8  # the service takes one text a call
CALL_SECONDS = 3.0
# For all tries of all texts: a customer waits for a few texts, nobody for many (less than a claim of a version lasts).
FEW_SECONDS, MANY_SECONDS = 5.0, 60.0
TRIES = 3
PAUSE_SECONDS = 0.5  # before the second try, twice as long before the third
MAX_CHARS = 50_000
USD_PER_TOKEN, PRICE_VERSION = Decimal("0.00002") / 1000, "2026-11"
CHARS_PER_TOKEN = 4.7  # of English, as the service's documentation counts; other scripts need more tokens


class TitanEmbedder(Embedder):
    """Titan v2 at 512 dimensions, normalised. `model` names both, because both decide which vectors are comparable."""

    model = f"{MODEL_ID}/{DIMENSION}"
    dimension = DIMENSION
    in_process = False
    token_limit = 512  # far below the service's 8,192: a passage should say one thing

    def embed_texts(self, texts: list[str]) -> Vectors:
        if not texts:
            return np.empty((0, DIMENSION), dtype=np.float32)
        started = time.monotonic()
        deadline = started + (FEW_SECONDS if len(texts) <= IN_PARALLEL else MANY_SECONDS)
        try:
            with ThreadPoolExecutor(IN_PARALLEL) as pool:
                made = list(pool.map(lambda text: _embed(text, deadline), texts))
        except EmbeddingFailed as error:
            _attempt_write(started, Attempt.Outcome.ERROR, code=error.code)
            raise
        _attempt_write(started, Attempt.Outcome.OK, tokens=sum(tokens for _, tokens in made))
        return np.stack([vector for vector, _ in made])

    def token_count(self, text: str) -> int:
        """A careful estimate: the service has no count of its own to ask for. Characters beyond ASCII count double."""
        return math.ceil(sum(1 if char.isascii() else 2 for char in text) / CHARS_PER_TOKEN)

    def prepare(self) -> None:
        """Raises `ConfigurationError` when no region is set."""
        aws_region()


def _embed(text: str, deadline: float, tries: int = TRIES) -> tuple[Vectors, int]:
    """The vector of `text` and the tokens it cost. Raises `EmbeddingFailed` after the last try or at `deadline`."""
    pause = PAUSE_SECONDS * 2 ** (TRIES - tries)
    try:
        return _read(aws_call(lambda: _invoke(text), deadline=min(time.monotonic() + CALL_SECONDS, deadline)))
    except AwsFailure as failure:
        if tries == 1 or not failure.transient or time.monotonic() + pause >= deadline:
            raise EmbeddingFailed(f"Titan did not embed a text ({failure.kind}).") from failure
    time.sleep(pause)
    return _embed(text, deadline, tries - 1)


def _invoke(text: str) -> bytes:
    body = {"inputText": text[:MAX_CHARS].strip() or "-", "dimensions": DIMENSION, "normalize": True}
    answer = aws_client("bedrock-runtime").invoke_model(
        modelId=MODEL_ID, contentType="application/json", accept="application/json", body=json.dumps(body)
    )
    return answer["body"].read()


def _read(body: bytes) -> tuple[Vectors, int]:
    """Raises `EmbeddingFailed` for what is no unit vector of ours."""
    try:
        answer = json.loads(body)
        vector, tokens = np.array(answer["embedding"], dtype=np.float32), int(answer["inputTextTokenCount"])
    except (ValueError, KeyError, TypeError) as error:
        raise EmbeddingFailed("Titan's answer cannot be read.") from error
    if vector.shape != (DIMENSION,) or not abs(float(np.linalg.norm(vector)) - 1) < 0.01:
        raise EmbeddingFailed("Titan's answer is no unit vector of the wanted length.")
    return vector, tokens


def _attempt_write(started: float, outcome: Attempt.Outcome, *, tokens: int = 0, code: str = "") -> None:
    """One row of the ledger for the texts of one request, which stays whatever becomes of the caller's transaction."""
    attempt_write(
        Attempt(
            purpose="embed",
            provider="titan",
            model=MODEL_ID,
            input_tokens=tokens,
            cost_usd=tokens * USD_PER_TOKEN,
            price_version=PRICE_VERSION,
            latency_ms=round((time.monotonic() - started) * 1000),
            outcome=outcome,
            error_code=code,
        )
    )

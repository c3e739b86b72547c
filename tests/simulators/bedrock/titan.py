"""Titan text embeddings v2: what InvokeModel takes and answers (Bedrock User Guide: Titan Embeddings parameters)."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnicqm.common.backends import backend_get
from tests.simulators.bedrock.refusals import invalid
from tests.simulators.bedrock.tokens import text_tokens

DIMENSIONS = (1024, 512, 256)
MAX_CHARACTERS, MAX_TOKENS = 50_000, 8_192
UNNORMALISED_LENGTH = 11.0  # of a vector that was not asked to be normalised; any but 1 will do
_KEYS = {"inputText", "dimensions", "normalize", "embeddingTypes"}

Embed = Callable[[str], Sequence[float]]


def embedding_check(body: Mapping[str, Any]) -> None:
    """Raises `Refusal` for a body that the model would not take."""
    if unknown := sorted(body.keys() - _KEYS):
        raise invalid(f"Malformed input request: #: extraneous key {unknown} is not permitted, please reformat.")
    text = body.get("inputText")
    if not isinstance(text, str) or not text:
        raise invalid("Malformed input request: expected minLength: 1, actual: 0, please reformat your input.")
    if body.get("dimensions", 1024) not in DIMENSIONS:
        raise invalid(f"Malformed input request: #/dimensions: not one of {DIMENSIONS}, please reformat your input.")
    if not set(body.get("embeddingTypes", ["float"])) <= {"float", "binary"}:
        raise invalid("Malformed input request: #/embeddingTypes: neither float nor binary.")
    if len(text) > MAX_CHARACTERS:
        raise invalid(f"Malformed input request: expected maxLength: {MAX_CHARACTERS}, actual: {len(text)}.")
    if (tokens := text_tokens(text)) > MAX_TOKENS:
        raise invalid(f"Too many input tokens. Max input tokens: {MAX_TOKENS}, request input token count: {tokens}")


def embedding_answer(body: Mapping[str, Any], embed: Embed) -> dict[str, Any]:
    """`embed` turns a text into a unit vector of any dimension; it is turned into one of those asked for."""
    vector = _projection(body.get("dimensions", 1024), embed(body["inputText"]))
    if not body.get("normalize", True):
        vector = vector * UNNORMALISED_LENGTH
    made: dict[str, list[Any]] = {}
    for kind in body.get("embeddingTypes", ["float"]):
        made[kind] = vector.tolist() if kind == "float" else (vector > 0).astype(int).tolist()
    single = {"embedding": made["float"]} if "float" in made else {}
    return {**single, "embeddingsByType": made, "inputTextTokenCount": text_tokens(body["inputText"])}


def _projection(dimension: int, vector: Sequence[float]) -> NDArray[np.float64]:
    """Turned into more dimensions all angles stay as they are; into fewer they nearly do."""
    turned = _turn(dimension, len(vector)) @ np.asarray(vector, dtype=np.float64)
    return turned / np.linalg.norm(turned)


@cache
def _turn(rows: int, columns: int) -> NDArray[np.float64]:
    """Always the same matrix with orthonormal columns (rows, when those are fewer)."""
    random = np.random.default_rng(20231101).standard_normal((max(rows, columns), min(rows, columns)))
    matrix, _ = np.linalg.qr(random)
    return matrix if rows >= columns else matrix.T


def local_vector(text: str) -> Sequence[float]:
    """By the embedded model, whichever the settings have chosen for the product."""
    return backend_get("EMBEDDERS", "local").embed_texts([text])[0].tolist()

"""The interface of every embedding provider."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(ABC):
    """Turns texts into unit vectors, so that the dot product of two is their cosine.

    `model` and `dimension` are stored with every vector: vectors of different models are never compared.
    """

    model: str
    dimension: int
    token_limit: int
    in_process: bool = True  # else texts leave this machine

    @abstractmethod
    def embed_texts(self, texts: list[str]) -> Vectors:
        """One L2-normalised row of `dimension` float32 for each text; what exceeds `token_limit` is not read.

        Raises `knowledge.errors.EmbeddingFailed` when the provider does not answer.
        """

    @abstractmethod
    def token_count(self, text: str) -> int:
        """How many tokens the model makes of `text`, its special tokens not counted."""

    def prepare(self) -> None:  # noqa: B027 - a provider without local files has nothing to prepare
        """Make whatever a first use would otherwise wait for. Safe to call at every start."""

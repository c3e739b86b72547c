"""Vectors of texts, remembered: the same exemplars, headings and sentences come up in run after run."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omnicqm.common.backends import backend_get

CAPACITY = 20_000  # texts, about 30 MB
MAX_CHARS = 1_000

Matrix = NDArray[np.float32]


class VectorMemory:
    """Embeds texts with the local model, whatever the documents are embedded with: the engine's bars were set for it,
    and it must work without a network. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Matrix] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One unit vector a row. Raises what the embedder raises when it does not answer."""
        short = [text[:MAX_CHARS] for text in texts]
        if not short:
            return np.zeros((0, 0), dtype=np.float32)
        with self._lock:
            rows = {text: self._known[text] for text in short if text in self._known}
        if missing := [text for text in dict.fromkeys(short) if text not in rows]:
            made = dict(zip(missing, self.embedder.embed_texts(missing), strict=True))
            rows |= made
            self._remember(made)
        return np.stack([rows[text] for text in short])

    def token_count(self, text: str) -> int:
        return int(self.embedder.token_count(text))

    @property
    def embedder(self) -> Any:
        return backend_get("EMBEDDERS", "local")

    def _remember(self, made: dict[str, Matrix]) -> None:
        with self._lock:
            self._known.update(made)
            while len(self._known) > CAPACITY:
                self._known.popitem(last=False)


memory = VectorMemory()

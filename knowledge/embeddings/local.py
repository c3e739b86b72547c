"""The default embedder: a small model run by onnxruntime in this process. No account, network or download."""

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Encoding, Tokenizer

from knowledge.embeddings import minilm
from knowledge.embeddings.base import Embedder, Vectors

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BATCH = 8  # texts a run: more gains nothing on two cores and delays the search that waits for one
THREADS = 2


class LocalEmbedder(Embedder):
    """all-MiniLM-L6-v2, loaded on first use and shared by the threads of the process (about 240 MB).

    `graph_path` is where the ONNX file is kept; it is built there when missing (90 MB, about a second).
    """

    model = minilm.MODEL_NAME
    dimension = minilm.DIMENSION
    token_limit = 256

    def __init__(self, graph_path: str | Path) -> None:
        self.graph_path = Path(graph_path)
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Build the graph file unless it is there. Raises OSError when the folder cannot be written."""
        if not self.graph_path.exists():
            minilm.graph_write(self.graph_path)

    def embed_texts(self, texts: list[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with self._lock:
            session, tokenizer = self._session, self._tokenizer
        # Texts of like length share a batch, so that little padding is computed.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            encoded = tokenizer.encode_batch_fast([texts[row] for row in rows])
            vectors[rows] = session.run(["vectors"], _inputs(encoded))[0]
        return vectors

    def token_count(self, text: str) -> int:
        with self._lock:
            tokenizer = self._counter
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    @cached_property
    def _session(self) -> "InferenceSession":
        self.prepare()
        session = self._open()
        if session.get_modelmeta().custom_metadata_map.get("revision") != minilm.REVISION:
            minilm.graph_write(self.graph_path)
            session = self._open()
        return session

    def _open(self) -> "InferenceSession":
        import onnxruntime  # web processes only count tokens, and do without it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        # Idle threads sleep instead of spinning: the other processes need the cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(self.graph_path, options, providers=["CPUExecutionProvider"])

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = _tokenizer_read()
        # The file fixes both at 128, which would cut a chunk in half and pad every question.
        tokenizer.enable_truncation(self.token_limit)
        tokenizer.enable_padding()
        return tokenizer

    @cached_property
    def _counter(self) -> Tokenizer:
        tokenizer = _tokenizer_read()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer


def _tokenizer_read() -> Tokenizer:
    return Tokenizer.from_file(str(minilm.model_folder() / "tokenizer.json"))


def _inputs(encoded: list[Encoding]) -> dict[str, np.ndarray]:
    return {
        "ids": np.array([row.ids for row in encoded], dtype=np.int64),
        "mask": np.array([row.attention_mask for row in encoded], dtype=np.int64),
    }

"""The local embedder: the same numbers as the model's own definition, for any batch and any thread."""

from concurrent.futures import ThreadPoolExecutor
from math import erf

import numpy as np
import onnx
import pytest
from django.conf import settings
from tokenizers import Tokenizer

from knowledge.embeddings import minilm
from knowledge.embeddings.local import LocalEmbedder
from omnicqm.common.backends import backend_get

TEXTS = ["How do I block my card?", "Fees", "", "A card that was lost must be blocked at once. " * 12, "日本 café 🙂"]


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder(**settings.EMBEDDERS["local"]["OPTIONS"])


class Oracle:
    """BERT's forward pass in plain numpy, one text at a time, straight from the published weights."""

    def __init__(self):
        self.weights = minilm.weights_load()
        self.tokenizer = Tokenizer.from_file(str(minilm.model_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(256)

    def embed(self, text):
        ids = self.tokenizer.encode(text).ids
        hidden = self._get("embeddings.word_embeddings")[ids] + self._get("embeddings.position_embeddings")[: len(ids)]
        hidden = self._norm(hidden + self._get("embeddings.token_type_embeddings")[0], "embeddings.LayerNorm")
        for number in range(6):
            hidden = self._layer(hidden, f"encoder.layer.{number}")
        mean = hidden.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _layer(self, hidden, name):
        query, key, value = (
            self._linear(hidden, f"{name}.attention.self.{part}").reshape(-1, 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(32)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (weights / weights.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(-1, 384)
        attended = self._linear(mixed, f"{name}.attention.output.dense")
        hidden = self._norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        inner = self._linear(hidden, f"{name}.intermediate.dense")
        gelu = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        return self._norm(hidden + self._linear(gelu, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _get(self, name):
        return self.weights[f"{name}.weight"].astype(np.float64)

    def _linear(self, value, name):
        return value @ self._get(name).T + self.weights[f"{name}.bias"]

    def _norm(self, value, name):
        centred = value - value.mean(-1, keepdims=True)
        return centred / np.sqrt(value.var(-1, keepdims=True) + 1e-12) * self._get(name) + self.weights[f"{name}.bias"]


def test_vectors_equal_a_plain_forward_pass(embedder):
    oracle = Oracle()
    expected = np.stack([oracle.embed(text) for text in TEXTS])
    found = embedder.embed_texts(TEXTS)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), embedder.dimension)
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_padding_and_order_of_a_batch_make_no_difference(embedder):
    texts = [f"{'word ' * (number % 40)}{number}" for number in range(30)]
    together = embedder.embed_texts(texts)
    alone = np.concatenate([embedder.embed_texts([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_text_gives_no_vector(embedder):
    assert embedder.embed_texts([]).shape == (0, embedder.dimension)


def test_what_is_beyond_the_limit_is_not_read(embedder):
    base = "card " * 254
    np.testing.assert_array_equal(*embedder.embed_texts([base, base + "and something else"]))


def test_tokens_are_counted_without_the_special_ones_and_without_a_limit(embedder):
    assert embedder.token_count("block my card") == 3
    assert embedder.token_count("card " * 400) == 400


def test_threads_share_one_model(embedder):
    texts = [f"question number {number} about cards" for number in range(40)]
    expected = embedder.embed_texts(texts)
    with ThreadPoolExecutor(6) as pool:
        rows = list(pool.map(lambda text: embedder.embed_texts([text])[0], texts))
    np.testing.assert_allclose(np.stack(rows), expected, atol=1e-6)


def test_the_graph_file_is_built_once_whole_and_checked(tmp_path):
    path = tmp_path / "models" / "graph.onnx"
    embedder = LocalEmbedder(path)
    embedder.prepare()
    onnx.checker.check_model(str(path))
    built = path.stat().st_mtime_ns
    embedder.prepare()
    assert path.stat().st_mtime_ns == built
    assert list(path.parent.iterdir()) == [path]


def test_a_graph_of_another_revision_is_built_anew(tmp_path, monkeypatch):
    path = tmp_path / "graph.onnx"
    monkeypatch.setattr(minilm, "REVISION", "0")
    minilm.graph_write(path)
    monkeypatch.undo()
    assert LocalEmbedder(path).embed_texts(["card"]).shape == (1, 384)
    properties = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert properties["revision"] == minilm.REVISION


def test_settings_name_the_embedder_in_use():
    assert isinstance(backend_get("EMBEDDERS", settings.EMBEDDINGS), LocalEmbedder)

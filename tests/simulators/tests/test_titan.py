"""Embeddings by InvokeModel, and token counts."""

import json
from typing import Any

import numpy as np
import pytest

from tests.simulators.bedrock import ConnectionClosed, Simulator, Throttle
from tests.simulators.bedrock.models import CLAUDE_HAIKU_4_5, TITAN_V2
from tests.simulators.tests.asking import SEARCH, asked, user

PATIENCE = 30  # the embedding model is loaded for the first text


def embedded(client: Any, text: str, **more: Any) -> dict[str, Any]:
    body = json.dumps({"inputText": text, **more})
    answer = client.invoke_model(modelId=TITAN_V2, body=body, contentType="application/json", accept="application/json")
    return json.loads(answer["body"].read())


@pytest.mark.parametrize("dimensions", [1024, 512, 256])
def test_likeness_survives_in_every_dimension(bedrock: Simulator, client: Any, dimensions: int) -> None:
    texts = ("When do you open?", "What are your opening hours?", "My card was stolen.")
    hours, likewise, card = (np.array(embedded(client, text, dimensions=dimensions)["embedding"]) for text in texts)
    assert len(hours) == dimensions
    assert np.linalg.norm(hours) == pytest.approx(1)
    assert hours @ likewise > hours @ card + 0.3


def test_defaults_and_kinds(bedrock: Simulator, client: Any) -> None:
    answer = embedded(client, "When do you open?", embeddingTypes=["float", "binary"])
    assert len(answer["embedding"]) == len(answer["embeddingsByType"]["binary"]) == 1024
    assert set(answer["embeddingsByType"]["binary"]) == {0, 1}
    assert answer["inputTextTokenCount"] == 5
    assert "embedding" not in embedded(client, "Hello", embeddingTypes=["binary"])


def test_without_normalising_the_length_is_another(bedrock: Simulator, client: Any) -> None:
    assert np.linalg.norm(embedded(client, "Hello", normalize=False)["embedding"]) > 2


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("", {}),
        ("word " * 10_001, {}),
        ("\N{SNOWMAN}" * 20_000, {}),
        ("Hello", {"dimensions": 384}),
        ("Hello", {"embeddingTypes": ["int8"]}),
        ("Hello", {"inputTexts": ["Hello"]}),
    ],
    ids=["empty", "too long", "too many tokens", "dimension", "kind", "unknown key"],
)
def test_wrong_bodies_are_refused(bedrock: Simulator, client: Any, text: str, more: dict[str, Any]) -> None:
    with pytest.raises(client.exceptions.ValidationException):
        embedded(client, text, **more)


def test_it_can_fail_like_everything(bedrock: Simulator, client: Any) -> None:
    bedrock.script(TITAN_V2, [Throttle(), ConnectionClosed()])
    with pytest.raises(client.exceptions.ThrottlingException):
        embedded(client, "Hello")
    with pytest.raises(Exception, match="Connection was closed"):
        embedded(client, "Hello")
    assert len(embedded(client, "Hello")["embedding"]) == 1024


def test_tokens_are_counted_without_asking_a_model(bedrock: Simulator, client: Any) -> None:
    request = asked(user("word" * 100), system=[{"text": "rule" * 50}], toolConfig={"tools": [SEARCH]})
    request.pop("modelId")
    found = client.count_tokens(modelId=CLAUDE_HAIKU_4_5, input={"converse": request})["inputTokens"]
    assert found == 150 + -(-len(json.dumps(SEARCH)) // 4)
    raw = client.count_tokens(modelId=CLAUDE_HAIKU_4_5, input={"invokeModel": {"body": b"x" * 40}})
    assert raw["inputTokens"] == 10


def test_not_every_model_counts(bedrock: Simulator, client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException, match="counting tokens"):
        client.count_tokens(modelId="amazon.nova-lite-v1:0", input={"converse": {"messages": [user("Hello")]}})

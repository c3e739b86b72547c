"""Good answers of Converse and ConverseStream, as boto3 reads them."""

import json
import time
from typing import Any

from agents.providers.base import ToolUse
from tests.simulators.bedrock import LatencyProfile, Reply, Simulator
from tests.simulators.tests.asking import NOVA, SEARCH, asked, events, text_of, user


def test_a_reply_comes_as_scripted(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("We open at nine.")])
    answer = client.converse(**asked(user("When do you open?" * 4)))
    assert answer["output"]["message"] == {"role": "assistant", "content": [{"text": "We open at nine."}]}
    assert answer["stopReason"] == "end_turn"
    assert answer["usage"] | {"inputTokens": 17, "outputTokens": 4, "totalTokens": 21} == answer["usage"]
    assert answer["metrics"]["latencyMs"] >= 0
    assert answer["ResponseMetadata"]["RequestId"]


def test_replies_come_in_order_and_the_standing_one_after_them(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("first"), lambda call: Reply(f"to {call.operation}")])
    bedrock.always(NOVA, Reply("again"))
    said = [client.converse(**asked())["output"]["message"]["content"][0]["text"] for _ in range(4)]
    assert said == ["first", "to Converse", "again", "again"]


def test_calls_are_kept_as_they_came(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("yes")])
    client.converse(**asked(requestMetadata={"purpose": "compose"}))
    (call,) = bedrock.calls
    assert (call.operation, call.model_id, call.purpose) == ("Converse", NOVA, "compose")
    assert call.body["messages"][0]["content"] == [{"text": "When do you open?"}]
    assert call.headers["content-type"] == "application/json"


def test_tool_uses_come_with_ids(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("Let me see.", [ToolUse("", "search", {"q": 1}), ToolUse("mine", "search", {})])])
    answer = client.converse(**asked(toolConfig={"tools": [SEARCH]}))
    text, first, second = answer["output"]["message"]["content"]
    assert answer["stopReason"] == "tool_use"
    assert text == {"text": "Let me see."}
    assert first["toolUse"]["toolUseId"].startswith("tooluse_")
    assert (first["toolUse"]["input"], second["toolUse"]["toolUseId"]) == ({"q": 1}, "mine")


def test_a_stream_tells_the_reply_in_order(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("We open at nine, and on Sundays at ten.")])
    found = events(client.converse_stream(**asked()))
    assert [name for name, _ in found] == [
        "messageStart",
        *["contentBlockDelta"] * 2,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    assert text_of(found) == "We open at nine, and on Sundays at ten."
    assert found[-2][1] == {"stopReason": "end_turn"}
    assert found[-1][1]["usage"]["outputTokens"] == 10
    assert all("p" not in data for _, data in found), "the padding is dropped by the client"


def test_a_streamed_tool_use_has_its_input_in_fragments(bedrock: Simulator, client: Any) -> None:
    arguments = {"query": "opening hours on a Sunday in November", "context": ["before"]}
    bedrock.script(NOVA, [Reply("Well,", [ToolUse("a", "search", arguments), ToolUse("b", "search", {})])])
    found = events(client.converse_stream(**asked(toolConfig={"tools": [SEARCH]})))
    fragments: dict[int, list[str]] = {}
    for name, data in found:
        if name == "contentBlockDelta" and "toolUse" in data["delta"]:
            fragments.setdefault(data["contentBlockIndex"], []).append(data["delta"]["toolUse"]["input"])
    starts = [data["start"]["toolUse"] for name, data in found if name == "contentBlockStart"]
    assert starts == [{"toolUseId": "a", "name": "search"}, {"toolUseId": "b", "name": "search"}]
    assert len(fragments[1]) > 1
    assert json.loads("".join(fragments[1])) == arguments
    assert fragments[2] == [""], "an empty input is an empty string"


def test_reasoning_comes_before_the_text(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("Nine.", reasoning="They ask for hours.")] * 2)
    content = client.converse(**asked())["output"]["message"]["content"]
    assert [next(iter(block)) for block in content] == ["reasoningContent", "text"]
    assert text_of(events(client.converse_stream(**asked()))) == "Nine."


def test_usage_can_be_told(bedrock: Simulator, client: Any) -> None:
    bedrock.script(NOVA, [Reply("Nine.", usage={"inputTokens": 5, "cacheReadInputTokens": 4_000})])
    usage = client.converse(**asked())["usage"]
    assert (usage["inputTokens"], usage["cacheReadInputTokens"], usage["outputTokens"]) == (5, 4_000, 2)


def test_a_model_can_be_slow(bedrock: Simulator, client: Any) -> None:
    bedrock.latency(NOVA, LatencyProfile(first_byte=0.05, per_event=0.01))
    bedrock.script(NOVA, [Reply("Nine."), Reply("Nine.")])
    assert client.converse(**asked())["output"]
    assert events(client.converse_stream(**asked()))[-1][1]["metrics"]["latencyMs"] >= 0


def test_a_client_that_stops_listening_is_noticed(bedrock: Simulator, client: Any) -> None:
    bedrock.latency(NOVA, LatencyProfile(per_event=0.02))
    bedrock.script(NOVA, [Reply("word " * 2_000)])
    stream = client.converse_stream(**asked())["stream"]
    next(iter(stream))
    stream.close()
    client.close()
    deadline = time.monotonic() + 5
    while not bedrock.calls[0].abandoned:
        assert time.monotonic() < deadline, "the simulator went on talking"
        time.sleep(0.01)

"""The provider against the simulator: what is sent, what comes back, what every failure is called."""

from decimal import Decimal

import pytest

from agents.errors import (
    ContextTooLong,
    InvalidModelOutput,
    ModelAccessDenied,
    ModelRequestInvalid,
    ModelThrottled,
    ModelTimeout,
    ModelUnavailable,
)
from agents.providers.base import ModelMessage, OutputSchema, Purpose, StopReason, Text, ToolResult, ToolSpec, ToolUse
from agents.providers.bedrock import BedrockProvider
from omnicqm.common.errors import ConfigurationError
from tests.agents.bedrock.conftest import CLAUDE, NOVA
from tests.simulators import bedrock as simulated
from tests.simulators.bedrock import Reply

SEARCH = ToolSpec(
    "search", "Searches.", {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
)
MOOD = OutputSchema(
    "mood",
    "How the customer feels.",
    {
        "type": "object",
        "properties": {"mood": {"type": "string", "maxLength": 20}},
        "required": ["mood"],
        "additionalProperties": False,
    },
)
LONG = "We answer customers from what our documents say. " * 500  # about 6,000 tokens


def streamed(provider, request):
    pieces = []
    reply = provider.converse_stream(request, pieces.append)
    return reply, pieces


class TestAnswers:
    def test_a_reply_comes_back_whole_with_its_cost(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply("Good morning.", usage={"inputTokens": 1000, "outputTokens": 200})])
        reply = nova.converse(ask())
        assert (reply.text, reply.stop_reason) == ("Good morning.", StopReason.END_TURN)
        assert (reply.model, reply.provider, reply.tier) == (NOVA, "primary", "default")
        assert (reply.usage.input_tokens, reply.usage.output_tokens) == (1000, 200)
        assert reply.usage.cost_usd == Decimal("0.000429") + Decimal("0.003597") / 5
        assert reply.price_version == "2026-11"

    def test_a_streamed_reply_is_handed_over_piece_by_piece(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply("Good morning, how may I help you today?")])
        reply, pieces = streamed(nova, ask())
        assert "".join(pieces) == reply.text == "Good morning, how may I help you today?"
        assert len(pieces) > 1
        assert reply.usage.output_tokens > 0
        assert reply.first_byte_ms is not None

    def test_the_service_learns_the_purpose_and_nothing_else(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply("Good morning.")])
        nova.converse(ask(purpose=Purpose.COMPOSE))
        [call] = bedrock.calls
        assert call.body["requestMetadata"] == {"purpose": "compose"}

    @pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
    def test_tools_are_asked_for_and_answered(self, bedrock, nova, ask, whole):
        uses = [ToolUse("one", "search", {"query": "fees"}), ToolUse("two", "search", {})]
        bedrock.script(NOVA, [Reply("Let me look.", tool_uses=uses), Reply("It is $35.")])
        first = nova.converse(ask(tools=(SEARCH,))) if whole else streamed(nova, ask(tools=(SEARCH,)))[0]
        assert first.stop_reason is StopReason.TOOL_USE
        assert [(use.name, dict(use.input)) for use in first.tool_uses] == [
            ("search", {"query": "fees"}),
            ("search", {}),
        ]
        results = (ToolResult("one", "The fee is $35."), ToolResult("two", "query: missing", "error"))
        thread = (ModelMessage("user", (Text("Fees?"),)), first.message, ModelMessage("user", results))
        second = nova.converse(ask(messages=thread, tools=(SEARCH,)))
        assert second.text == "It is $35."
        sent = bedrock.calls[1].body["messages"][-1]["content"]
        assert [block["toolResult"]["status"] for block in sent] == ["success", "error"]

    @pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
    def test_what_a_model_says_to_itself_is_left_out(self, bedrock, nova, ask, whole):
        """Also as an empty text: the service would refuse it when the thread goes on."""
        bedrock.script(NOVA, [Reply("Nine.", reasoning="They ask for the hours.")])
        reply = nova.converse(ask()) if whole else streamed(nova, ask())[0]
        assert reply.message.content == (Text("Nine."),)

    def test_text_of_an_unfinished_reply_ends_the_call_when_it_is_refused(self, bedrock, nova, ask):
        class Withdrawn(Exception): ...

        def refuse(piece: str) -> None:
            raise Withdrawn

        bedrock.always(NOVA, simulated.Drip(0.05, size=40))
        with pytest.raises(Withdrawn):
            nova.converse_stream(ask(), refuse)


class TestStructuredOutput:
    def test_a_forced_tool_brings_the_json(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply(tool_uses=[ToolUse("one", "mood", {"mood": "calm"})])])
        reply = nova.converse(ask(output=MOOD, tools=(SEARCH,)))
        assert (reply.text, reply.stop_reason) == ('{"mood": "calm"}', StopReason.END_TURN)
        assert bedrock.calls[0].body["toolConfig"]["toolChoice"] == {"tool": {"name": "mood"}}

    def test_another_tool_than_the_forced_one_is_no_answer(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply(tool_uses=[ToolUse("one", "search", {"query": "x"})])])
        with pytest.raises(InvalidModelOutput):
            nova.converse(ask(output=MOOD, tools=(SEARCH,)))

    def test_a_model_that_takes_schemas_is_asked_with_one_when_settings_say_so(self, bedrock, ask):
        bedrock.script(CLAUDE, [Reply('{"mood": "calm"}')])
        provider = BedrockProvider(alias="secondary", model_id=CLAUDE, native_output=True)
        assert provider.converse(ask(output=MOOD)).text == '{"mood": "calm"}'
        schema = bedrock.calls[0].body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"]
        assert "maxLength" not in schema

    def test_a_model_that_takes_none_is_given_the_tool_all_the_same(self, bedrock, ask):
        bedrock.script(NOVA, [Reply(tool_uses=[ToolUse("one", "mood", {"mood": "calm"})])])
        provider = BedrockProvider(alias="primary", model_id=NOVA, native_output=True)
        assert provider.converse(ask(output=MOOD)).text == '{"mood": "calm"}'


class TestPromptCache:
    @pytest.mark.parametrize("model", ["nova", "claude"])
    def test_a_long_static_part_is_read_from_the_cache_the_second_time(self, bedrock, request, ask, model):
        provider = request.getfixturevalue(model)
        first, second = (provider.converse(ask(text, system=LONG, tools=(SEARCH,))) for text in ("Hello", "Good day"))
        assert first.usage.cache_write_tokens > 4_000
        assert second.usage.cache_read_tokens >= 4_000
        assert second.usage.cost_usd < first.usage.cost_usd
        assert [call.refused for call in bedrock.calls] == ["", ""]

    @pytest.mark.parametrize("model", ["nova", "claude"])
    def test_a_growing_thread_is_read_from_the_cache_as_far_as_it_was_known(self, bedrock, request, ask, model):
        provider = request.getfixturevalue(model)
        question = ModelMessage("user", (Text(LONG),))
        bedrock.script(provider.model, [Reply(tool_uses=[ToolUse("one", "search", {"query": "fees"})]), Reply("$35.")])
        first = provider.converse(ask(messages=(question,), tools=(SEARCH,)))
        result = ModelMessage("user", (ToolResult("one", LONG),))
        second = provider.converse(ask(messages=(question, first.message, result), tools=(SEARCH,)))
        assert second.usage.cache_read_tokens == first.usage.cache_write_tokens > 0
        assert second.usage.cache_write_tokens > 0

    def test_there_are_never_more_cache_points_than_the_service_takes(self, bedrock, claude, ask):
        turns = [(ModelMessage("user", (Text(LONG),)), ModelMessage("assistant", (Text("Yes."),))) for _ in range(6)]
        thread = (*(message for turn in turns for message in turn), ModelMessage("user", (Text("And?"),)))
        tools = (ToolSpec("search", LONG * 4, SEARCH.schema),)
        bedrock.script(CLAUDE, [Reply("Done.")])
        assert claude.converse(ask(messages=thread, system=LONG, tools=tools)).text == "Done."
        assert str(bedrock.calls[0].body).count("cachePoint") == 4

    def test_before_a_forced_tool_only_tools_and_system_are_kept(self, bedrock, claude, ask):
        bedrock.script(CLAUDE, [Reply(tool_uses=[ToolUse("one", "mood", {"mood": "calm"})])])
        claude.converse(ask(LONG, system=LONG, tools=(SEARCH,), output=MOOD))
        body = bedrock.calls[0].body
        assert "cachePoint" in str(body["system"])
        assert "cachePoint" not in str(body["messages"])

    def test_a_short_prompt_has_no_cache_point(self, bedrock, claude, ask):
        claude.converse(ask(tools=(SEARCH,)))
        assert "cachePoint" not in str(bedrock.calls[0].body)


class TestModelIds:
    @pytest.mark.parametrize(
        ("region", "profile"),
        [("eu-central-1", "eu"), ("us-east-1", "us"), ("ap-northeast-1", "jp"), ("ap-south-1", "apac")],
    )
    def test_a_profile_of_the_own_geography_is_used(self, bedrock, monkeypatch, region, profile):
        monkeypatch.setenv("AWS_REGION", region)
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
        assert (
            BedrockProvider(alias="a", model_id="amazon.nova-2-lite-v1:0").model == f"{profile}.amazon.nova-2-lite-v1:0"
        )

    def test_a_region_without_profiles_of_its_own_has_to_choose(self, bedrock, monkeypatch):
        monkeypatch.setenv("AWS_REGION", "sa-east-1")
        with pytest.raises(ConfigurationError, match="OMNICQM_MODEL_PRIMARY"):
            BedrockProvider(alias="a", model_id="amazon.nova-2-lite-v1:0")
        assert BedrockProvider(alias="a", model_id=NOVA).model == NOVA

    @pytest.mark.parametrize(
        ("model_id", "remark"),
        [
            (NOVA, ""),
            ("jp.amazon.nova-2-lite-v1:0", "The price of jp.amazon.nova-2-lite-v1:0"),
            ("eu.somebody.else-v1:0", "The model eu.somebody.else-v1:0 is not in our table"),
        ],
    )
    def test_what_is_not_known_of_a_model_is_said(self, bedrock, model_id, remark):
        found = BedrockProvider(alias="a", model_id=model_id).remarks
        assert [told[: len(remark)] for told in found] == ([remark] if remark else [])

    def test_a_chosen_global_profile_stays(self, bedrock):
        chosen = "global.amazon.nova-2-lite-v1:0"
        assert BedrockProvider(alias="a", model_id=chosen).model == chosen

    def test_an_unknown_model_costs_the_highest_known_price(self, bedrock, ask):
        provider = BedrockProvider(alias="a", model_id="jp.amazon.nova-2-lite-v1:0")
        bedrock.script(provider.model, [Reply("Hi.", usage={"inputTokens": 1000, "outputTokens": 0})])
        reply = provider.converse(ask())
        assert (reply.usage.cost_usd, reply.price_version) == (Decimal("0.000429"), "2026-11?")


class TestFailures:
    @pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
    @pytest.mark.parametrize(
        ("item", "error"),
        [
            (simulated.Throttle(), ModelThrottled),
            (simulated.error_of("ModelNotReadyException"), ModelUnavailable),
            (simulated.error_of("ModelTimeoutException"), ModelTimeout),
            (simulated.error_of("ModelErrorException"), ModelUnavailable),
            (simulated.error_of("InternalServerException"), ModelUnavailable),
            (simulated.error_of("ServiceUnavailableException"), ModelUnavailable),
            (simulated.error_of("AccessDeniedException"), ModelAccessDenied),
            (simulated.error_of("ResourceNotFoundException"), ModelAccessDenied),
            (simulated.error_of("ValidationException"), ModelRequestInvalid),
            (simulated.error_of("ValidationException", "Input is too long for requested model."), ContextTooLong),
            (simulated.HttpError(503), ModelUnavailable),
            (simulated.ConnectionClosed(), ModelUnavailable),
            (simulated.GarbageJson(), InvalidModelOutput),
            (simulated.BadChecksum(), InvalidModelOutput),
            (simulated.HugeReply(), InvalidModelOutput),
            (Reply("Hm.", stop_reason="model_context_window_exceeded"), ContextTooLong),
        ],
        ids=lambda value: getattr(value, "type", None) or type(value).__name__ if not isinstance(value, type) else None,
    )
    def test_each_has_a_name(self, bedrock, nova, ask, item, error, whole):
        bedrock.script(NOVA, [item])
        with pytest.raises(error):
            nova.converse(ask()) if whole else streamed(nova, ask())
        assert len(bedrock.calls) == 1  # nobody retried behind our back

    @pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
    def test_an_answer_that_cannot_be_used_still_tells_what_it_cost(self, bedrock, nova, ask, whole):
        bedrock.script(NOVA, [Reply("")])
        with pytest.raises(InvalidModelOutput) as raised:
            nova.converse(ask()) if whole else streamed(nova, ask())
        charge = raised.value.charge
        assert (charge.usage.input_tokens > 0, charge.usage.cost_usd > 0, charge.tier) == (True, True, "default")
        assert charge.price_version

    @pytest.mark.parametrize("code", simulated.STREAM_ERRORS)
    def test_an_error_in_the_middle_of_a_stream_is_known_by_its_code(self, bedrock, nova, ask, code):
        bedrock.script(NOVA, [simulated.MidStreamError(code)])
        expected = {"throttlingException": ModelThrottled, "validationException": ModelRequestInvalid}
        with pytest.raises(expected.get(code, ModelUnavailable)):
            streamed(nova, ask())

    @pytest.mark.parametrize("events", [0, 1, 3, -1])
    def test_a_stream_that_just_ends_is_no_reply(self, bedrock, nova, ask, events):
        bedrock.script(NOVA, [simulated.TruncatedStream(events)])
        with pytest.raises(InvalidModelOutput):
            streamed(nova, ask())

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"output": {}},
            {"output": {"message": {"role": "assistant", "content": []}}, "stopReason": "end_turn", "usage": {}},
            {"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, "stopReason": "end_turn"},
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
                "stopReason": "bored",
                "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            },
        ],
        ids=["nothing", "no message", "no content", "no usage", "unknown reason"],
    )
    def test_json_that_is_no_answer_is_no_reply(self, bedrock, nova, ask, data):
        bedrock.script(NOVA, [simulated.RawJson(data)])
        with pytest.raises(InvalidModelOutput):
            nova.converse(ask())

    @pytest.mark.parametrize("whole", [True, False], ids=["whole", "streamed"])
    @pytest.mark.parametrize("item", [simulated.Hang(5), simulated.Drip(0.05)], ids=["hangs", "drips"])
    def test_who_waits_leaves_at_the_deadline(self, bedrock, nova, ask, item, whole):
        bedrock.script(NOVA, [item])
        with pytest.raises(ModelTimeout):
            nova.converse(ask(seconds=0.2)) if whole else streamed(nova, ask(seconds=0.2))

    def test_a_refusal_is_a_reply_that_says_so(self, bedrock, nova, ask):
        bedrock.script(NOVA, [Reply("I cannot.", stop_reason="content_filtered")])
        assert nova.converse(ask()).stop_reason is StopReason.REFUSED

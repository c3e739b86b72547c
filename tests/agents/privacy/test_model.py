"""What a model elsewhere gets to read, and what comes back from it."""

import time

from agents.privacy import PrivateModel, Vault
from agents.providers.base import ModelMessage, ModelRequest, OutputSchema, Purpose, Text, ToolResult, ToolUse
from tests.agents.scripted import ScriptedModel, call

MAIL = "I am Efua Owusu, efua@example.com, +1 213 555 0147."


def asked(purpose: Purpose, *messages: ModelMessage, **options) -> ModelRequest:
    return ModelRequest(purpose, "Be kind.", messages, time.monotonic() + 5, **options)


def private(**lines) -> tuple[PrivateModel, ScriptedModel]:
    inner = ScriptedModel(**lines)
    return PrivateModel(inner, Vault({"NAME": ["Efua Owusu"]})), inner


def test_the_model_reads_tokens_in_messages_tool_calls_and_tool_results():
    model, inner = private()
    model.converse(
        asked(
            Purpose.GATHER,
            ModelMessage("user", (Text(MAIL),)),
            ModelMessage("assistant", (ToolUse("1", "find", {"mail": "efua@example.com"}),)),
            ModelMessage("user", (ToolResult("1", "efua@example.com is Efua Owusu"),)),
        )
    )
    [request] = inner.requests
    assert request.messages[0].text == "I am ⟨NAME_1⟩, ⟨EMAIL_1⟩, ⟨PHONE_1⟩."
    assert request.messages[1].tool_uses[0].input == {"mail": "⟨EMAIL_1⟩"}
    assert request.messages[2].content[0].text == "⟨EMAIL_1⟩ is ⟨NAME_1⟩"


def test_tools_are_called_with_the_data_itself():
    model, _ = private(gather=[[call("find", mail="⟨EMAIL_1⟩")]])
    reply = model.converse(asked(Purpose.GATHER, ModelMessage("user", (Text(MAIL),))))
    assert reply.tool_uses[0].input == {"mail": "efua@example.com"}


def test_the_reply_speaks_to_the_customer_and_so_does_the_stream():
    model, _ = private(compose=["Dear ⟨NAME_1⟩, we wrote to ⟨EMAIL_1⟩."])
    pieces: list[str] = []
    reply = model.converse_stream(asked(Purpose.COMPOSE, ModelMessage("user", (Text(MAIL),))), pieces.append)
    assert reply.text == "".join(pieces) == "Dear Efua Owusu, we wrote to efua@example.com."


def test_structured_output_is_restored_as_json():
    model, _ = private(assess=['{"summary": "⟨NAME_1⟩ asks"}'])
    schema = OutputSchema("assessment", "It.", {"type": "object"})
    reply = model.converse(asked(Purpose.ASSESS, ModelMessage("user", (Text(MAIL),)), output=schema))
    assert reply.text == '{"summary": "Efua Owusu asks"}'

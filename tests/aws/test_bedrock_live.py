"""One live call for each feature of Bedrock that we use. Skips without credentials, and says so."""

import time

import pytest

from agents.providers.base import ModelMessage, ModelRequest, OutputSchema, Purpose, StopReason, Text, ToolSpec
from agents.providers.bedrock import BedrockProvider
from agents.providers.bedrock.guardrails import Guardrail
from knowledge.embeddings.titan import TitanEmbedder
from omnicqm.common.aws import aws_credentials_source, aws_region
from omnicqm.common.errors import ConfigurationError
from tests.plugin import developers_settings

pytestmark = pytest.mark.aws
LONG = "You answer customers of a shop for furniture from what its documents say, briefly and kindly. " * 400
SEARCH = ToolSpec(
    "search",
    "Searches the documents of the shop. Always use it before you answer.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
)
MOOD = OutputSchema(
    "mood",
    "How the customer feels, in one word.",
    {
        "type": "object",
        "properties": {"mood": {"type": "string"}},
        "required": ["mood"],
        "additionalProperties": False,
    },
)


@pytest.fixture(autouse=True)
def shell(monkeypatch) -> dict[str, str]:
    """What the shell exports; its AWS variables hold for the test."""
    exported = developers_settings()
    for name, value in exported.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    try:
        aws_region(), aws_credentials_source()
    except ConfigurationError as error:
        pytest.skip(error.message)
    return exported


@pytest.fixture(params=["primary", "secondary"])
def model(request, settings, shell) -> BedrockProvider:
    options = settings.MODEL_PROVIDERS[request.param]["OPTIONS"]
    chosen = shell.get(f"OMNICQM_MODEL_{request.param.upper()}", options["model_id"])
    return BedrockProvider(alias=request.param, model_id=chosen)


def ask(text: str, system: str = "Answer in one short sentence.", **options) -> ModelRequest:
    messages = (ModelMessage("user", (Text(text),)),)
    return ModelRequest(Purpose.GATHER, system, messages, time.monotonic() + 30, **options)


def test_converse(model):
    reply = model.converse(ask("Say good morning."))
    assert reply.stop_reason is StopReason.END_TURN
    assert reply.usage.cost_usd > 0


def test_converse_stream(model):
    pieces = []
    reply = model.converse_stream(ask("Count from one to twenty in words."), pieces.append)
    assert "".join(pieces) == reply.text
    assert len(pieces) > 1


def test_tool_use(model):
    reply = model.converse(ask("How long is the warranty on a sofa?", tools=(SEARCH,)))
    assert [use.name for use in reply.tool_uses] == ["search"]


def test_structured_output(model):
    assert '"mood"' in model.converse(ask("I am furious!", output=MOOD)).text


def test_prompt_cache(model):
    for text in ("Hello", "Good day"):
        usage = model.converse(ask(text, system=LONG)).usage
    assert usage.cache_read_tokens > 0


def test_guardrail(shell):
    if "OMNICQM_GUARDRAIL_ID" not in shell:
        pytest.skip("OMNICQM_GUARDRAIL_ID is not set.")
    guardrail = Guardrail(shell["OMNICQM_GUARDRAIL_ID"], shell.get("OMNICQM_GUARDRAIL_VERSION", "DRAFT"))
    verdict = guardrail.check("When do you open?", source="INPUT", deadline=time.monotonic() + 10)
    assert not verdict.blocked


@pytest.mark.django_db
def test_titan():
    assert TitanEmbedder().embed_texts(["When do you open?"]).shape == (1, 512)

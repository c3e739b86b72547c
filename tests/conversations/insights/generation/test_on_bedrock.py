"""The same over the wire: real boto3 against the simulator of Bedrock."""

import pytest

from conversations.models import Customer
from tests.conversations.insights.generation.histories import history
from tests.simulators.bedrock import Hang, Reply, Simulator

NOVA, CLAUDE = "eu.amazon.nova-2-lite-v1:0", "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
MAIL = "Efua Owusu here. My lamp of order 4471903 is broken, please write to efua@example.com."


@pytest.fixture
def on_bedrock(bedrock: Simulator, settings, db) -> Simulator:
    settings.MODEL_ROUTE = ["primary", "secondary", "local"]
    settings.MODEL_SECONDS = {"primary": 20.0, "secondary": 20.0}  # the machine may be busy
    return bedrock


def test_a_second_summary_reads_the_prompt_from_the_cache(on_bedrock, summarise):
    customer = Customer.objects.create(display_name="Efua Owusu")
    first = summarise(history(MAIL, customer_id=customer.pk), seconds=60)
    second = summarise(history("I want to return a chair.", customer_id=customer.pk), seconds=60)
    assert (first.model_used, first.fell_back, first.prompt_cache_hit) == (NOVA, False, False)
    assert second.prompt_cache_hit
    assert "“My lamp of order 4471903 is broken, please write to efua@example.com.”" in first.text
    assert first.usage.cost_usd > 0
    said = str([call.body["messages"] for call in on_bedrock.calls])
    assert "4471903" in said
    assert "Efua" not in said
    assert "efua@" not in said


def test_a_model_that_hangs_and_one_that_writes_nonsense(on_bedrock, settings, summarise):
    settings.MODEL_SECONDS = {"primary": 0.3, "secondary": 20.0}
    on_bedrock.always(NOVA, Hang())
    on_bedrock.always(CLAUDE, Reply("I am sorry, I cannot do that."))
    summary = summarise(history(MAIL), seconds=60)
    assert (summary.model_used, summary.fell_back) == ("local-extractive", True)
    assert [failed["found"] for failed in summary.checks["failed"]] == [["model_timeout"], ["format"], ["format"]]

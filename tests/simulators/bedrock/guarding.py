"""A guardrail inside Converse: what the request's guardrailConfig does to question and answer."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from tests.simulators.bedrock.guardrails import Guardrail, Passage, Source, Verdict, evaluate, outputs
from tests.simulators.bedrock.refusals import invalid
from tests.simulators.bedrock.script import Reply

Guardrails = Mapping[tuple[str, str], Guardrail]


def guardrail_check(body: Mapping[str, Any], guardrails: Guardrails) -> None:
    """Raises `Refusal` for a guardrail that the account does not have."""
    config = body.get("guardrailConfig")
    if config is not None and _name(config) not in guardrails:
        raise invalid("The guardrail identifier or version provided in the request does not exist.")


def guarded(reply: Reply, body: Mapping[str, Any], guardrails: Guardrails) -> Reply:
    """The reply as it leaves the service: blocked for the question's sake, blocked for its own, masked, or as it is.

    Tool definitions, uses and results are not looked at. A question is marked by guardContent blocks, else it is all
    that the messages say.
    """
    config = body.get("guardrailConfig")
    if config is None:
        return reply
    guardrail = guardrails[_name(config)]
    question = evaluate(guardrail, "INPUT", list(_question(body)))
    if question.blocked:
        return _intervened(reply, guardrail, "INPUT", question, config)
    answer = evaluate(guardrail, "OUTPUT", [Passage(reply.text)] if reply.text else [])
    return _intervened(reply, guardrail, "OUTPUT", answer, config) if answer.intervened else reply


def _name(config: Mapping[str, str]) -> tuple[str, str]:
    return config.get("guardrailIdentifier", ""), config.get("guardrailVersion", "")


def _question(body: Mapping[str, Any]) -> Iterator[Passage]:
    blocks = [block for message in body["messages"] for block in message["content"]]
    marked = [block["guardContent"]["text"]["text"] for block in blocks if "text" in block.get("guardContent", {})]
    yield from (Passage(text) for text in marked or [block["text"] for block in blocks if "text" in block])


def _intervened(
    reply: Reply, guardrail: Guardrail, source: Source, verdict: Verdict, config: Mapping[str, str]
) -> Reply:
    name = config["guardrailIdentifier"]
    seen = (
        {"inputAssessment": {name: verdict.assessment}}
        if source == "INPUT"
        else {"outputAssessments": {name: [verdict.assessment]}}
    )
    return replace(
        reply,
        text="\n".join(outputs(guardrail, source, verdict)),
        tool_uses=() if verdict.blocked else reply.tool_uses,
        stop_reason="guardrail_intervened",
        trace={"guardrail": seen} if config.get("trace", "disabled") != "disabled" else None,
    )

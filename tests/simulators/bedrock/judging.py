"""Answers who is asked to judge, by the embedded judge: enough to walk through the product, no measure of any model."""

import json
import time

from agents.blocks import Block, blocks_parse
from agents.judging import Evidence, JudgeCase
from agents.judging.embedded import EmbeddedJudge
from agents.providers.base import ModelRequest


def grade_made(request: ModelRequest) -> str:
    """The output a judging model would give, as JSON."""
    blocks = blocks_parse("\n".join(message.text for message in request.messages))
    claims = [block for block in blocks if block.kind == "claim"]
    marks = EmbeddedJudge().judge(_case(blocks), deadline=time.monotonic() + 60)
    supported = {claim.text: list(claim.sources) for claim in marks.claims if claim.supported}
    return json.dumps(
        {
            "relevance": {"score": marks.relevance.score, "rationale": marks.relevance.rationale},
            "claims": [
                {
                    "n": int(claim.attributes["n"]),
                    "supported": bool(supported.get(claim.text)),
                    "sources": supported.get(claim.text, []),
                }
                for claim in claims
            ],
            "accuracy_rationale": marks.accuracy.rationale,
            "safety": {"score": marks.safety.score, "rationale": marks.safety.rationale},
        }
    )


def _case(blocks: list[Block]) -> JudgeCase:
    of = {kind: "\n".join(block.text for block in blocks if block.kind == kind) for kind in ("question", "text")}
    sources = [block for block in blocks if block.kind == "source"]
    evidence = [Evidence(int(one.attributes["n"]), one.attributes.get("title", ""), one.text) for one in sources]
    return JudgeCase(of["question"], of["text"], evidence=tuple(evidence))

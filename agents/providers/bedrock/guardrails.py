"""Bedrock Guardrails on what customers write, what documents say and what we answer, by ApplyGuardrail.

Called by ourselves and not through Converse, which looks at no tool results (Bedrock User Guide, "Guardrails with
Converse").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agents.providers.bedrock.failures import model_error
from agents.providers.guarding import Grounding, GuardrailVerdict
from omnicqm.common.aws import AwsFailure, aws_call, aws_client

# Characters of one call (Bedrock User Guide, "Contextual grounding").
MAX_SOURCE_CHARS, MAX_QUERY_CHARS, MAX_CONTENT_CHARS = 100_000, 1_000, 5_000


@dataclass(frozen=True)
class Guardrail:
    """A guardrail of the account, by id and version (a number, or DRAFT)."""

    id: str
    version: str

    def check(
        self,
        text: str,
        *,
        source: Literal["INPUT", "OUTPUT"],
        deadline: float,
        grounding: Grounding | None = None,
    ) -> GuardrailVerdict:
        """What the guardrail says about `text`, looked at in pieces when it is long.

        `deadline` is a `time.monotonic()` instant. Raises a `ModelError` when there is no verdict in time: the caller
        decides whether to go on without one.
        """
        verdicts = [
            self._apply(piece, source=source, deadline=deadline, grounding=grounding) for piece in _pieces(text)
        ]
        return GuardrailVerdict(
            blocked=any(verdict.blocked for verdict in verdicts),
            findings=tuple(dict.fromkeys(found for verdict in verdicts for found in verdict.findings)),
        )

    def _apply(
        self, text: str, *, source: Literal["INPUT", "OUTPUT"], deadline: float, grounding: Grounding | None
    ) -> GuardrailVerdict:
        arguments = {
            "guardrailIdentifier": self.id,
            "guardrailVersion": self.version,
            "source": source,
            "content": [*_grounding(grounding), _content(text, "guard_content" if grounding else "")],
        }
        try:
            answer = aws_call(lambda: aws_client("bedrock-runtime").apply_guardrail(**arguments), deadline=deadline)
        except AwsFailure as failure:
            raise model_error(failure) from failure
        return _verdict(answer)


def _pieces(text: str) -> list[str]:
    starts = range(0, len(text), MAX_CONTENT_CHARS)
    return [piece for start in starts if (piece := text[start : start + MAX_CONTENT_CHARS]).strip()]


def _grounding(grounding: Grounding | None) -> list[dict[str, Any]]:
    if grounding is None:
        return []
    sources = "\n\n".join(grounding.sources)[:MAX_SOURCE_CHARS]
    return [_content(sources, "grounding_source"), _content(grounding.query[:MAX_QUERY_CHARS], "query")]


def _content(text: str, qualifier: str) -> dict[str, Any]:
    return {"text": {"text": text, **({"qualifiers": [qualifier]} if qualifier else {})}}


def _verdict(answer: Mapping[str, Any]) -> GuardrailVerdict:
    """Masking is an intervention too, but only what the guardrail blocks is blocked: the vault has hidden what is
    personal before, and a reply may tell customers their own data."""
    found = [finding for assessment in answer.get("assessments", []) for finding in _findings(assessment)]
    against = tuple(name for name, action in found if action == "BLOCKED")
    intervened = answer.get("action") == "GUARDRAIL_INTERVENED"
    blocked = bool(against) or (intervened and not found)  # stopped for a reason we do not know
    return GuardrailVerdict(blocked, against)


def _findings(assessment: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and action of whatever a policy found."""
    for topic in assessment.get("topicPolicy", {}).get("topics", []):
        yield f"topic:{topic.get('name', '')}", topic.get("action", "")
    for policy in ("contentPolicy", "contextualGroundingPolicy"):
        for found in assessment.get(policy, {}).get("filters", []):
            yield str(found.get("type", "")).lower(), found.get("action", "")
    words = assessment.get("wordPolicy", {})
    for found in [*words.get("customWords", []), *words.get("managedWordLists", [])]:
        yield "word", found.get("action", "")
    personal = assessment.get("sensitiveInformationPolicy", {})
    for found in [*personal.get("piiEntities", []), *personal.get("regexes", [])]:
        yield f"personal:{found.get('type') or found.get('name', '')}".lower(), found.get("action", "")

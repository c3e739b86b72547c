"""A guardrail as an account would have set it up, and what it finds in a text.

The real one judges with models; this one looks for the words it is given, so that a test knows what it will say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.simulators.bedrock.refusals import invalid

Source = Literal["INPUT", "OUTPUT"]
TEXT_UNIT = 1_000  # characters
LIMITS = {"grounding_source": 100_000, "query": 1_000, "guard_content": 5_000}  # characters
_WORD = re.compile(r"\w+")
_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"


@dataclass(frozen=True)
class Guardrail:
    """`words`, `topics` (name: phrases) and `attacks` (input only) block; `masks` and `secrets` are patterns by kind of
    personal data, of which the first are replaced by ``{KIND}`` and the second block. `grounding` and `relevance` are
    the least scores an output with a grounding source needs."""

    words: Sequence[str] = ()
    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attacks: Sequence[str] = ("ignore all previous instructions",)
    masks: Mapping[str, str] = field(default_factory=lambda: {"EMAIL": _EMAIL})
    secrets: Mapping[str, str] = field(default_factory=dict)
    grounding: float | None = None
    relevance: float | None = None
    blocked_input: str = "The guardrail does not let this question through."
    blocked_output: str = "The guardrail does not let this answer through."


@dataclass(frozen=True)
class Passage:
    """A piece of text to evaluate, with what it is there for."""

    text: str
    qualifiers: frozenset[str] = frozenset()

    @property
    def is_guarded(self) -> bool:
        return not self.qualifiers or "guard_content" in self.qualifiers


@dataclass(frozen=True)
class Verdict:
    """`assessment` in the service's form. `texts` are the guarded texts with personal data masked."""

    assessment: dict[str, Any]
    texts: list[str]
    blocked: bool

    @property
    def masked(self) -> bool:
        return any("sensitiveInformationPolicy" in key for key in self.assessment) and not self.blocked

    @property
    def intervened(self) -> bool:
        return self.blocked or self.masked


def evaluate(guardrail: Guardrail, source: Source, passages: Sequence[Passage]) -> Verdict:
    """What `guardrail` says about the guarded of `passages`. Raises `Refusal` for what is too long to ground."""
    guarded = [passage.text for passage in passages if passage.is_guarded]
    whole = "\n".join(guarded).lower()
    found = {
        "topicPolicy": {"topics": list(_topics(guardrail, whole))},
        "contentPolicy": {"filters": list(_attacks(guardrail, whole)) if source == "INPUT" else []},
        "wordPolicy": {"customWords": list(_words(guardrail, whole)), "managedWordLists": []},
        "sensitiveInformationPolicy": {"piiEntities": list(_personal(guardrail, "\n".join(guarded))), "regexes": []},
        "contextualGroundingPolicy": {"filters": list(_scores(guardrail, source, passages))},
    }
    assessment = {name: policy for name, policy in found.items() if any(policy.values())}
    masked = [_masked(guardrail, text) for text in guarded]
    return Verdict(assessment, masked, _blocks(assessment))


def _topics(guardrail: Guardrail, text: str) -> Any:
    for name, phrases in guardrail.topics.items():
        if any(phrase.lower() in text for phrase in phrases):
            yield {"name": name, "type": "DENY", "action": "BLOCKED", "detected": True}


def _attacks(guardrail: Guardrail, text: str) -> Any:
    if any(phrase.lower() in text for phrase in guardrail.attacks):
        yield {
            "type": "PROMPT_ATTACK",
            "confidence": "HIGH",
            "filterStrength": "HIGH",
            "action": "BLOCKED",
            "detected": True,
        }


def _words(guardrail: Guardrail, text: str) -> Any:
    said = set(_WORD.findall(text))
    for word in guardrail.words:
        if word.lower() in said:
            yield {"match": word, "action": "BLOCKED", "detected": True}


# --- Personal data ---------------------------------------------------------------------------------------------------
def _personal(guardrail: Guardrail, text: str) -> Any:
    for patterns, action in ((guardrail.masks, "ANONYMIZED"), (guardrail.secrets, "BLOCKED")):
        for kind, pattern in patterns.items():
            for match in re.findall(pattern, text):
                yield {"match": match, "type": kind, "action": action, "detected": True}


def _masked(guardrail: Guardrail, text: str) -> str:
    for kind, pattern in guardrail.masks.items():
        text = re.sub(pattern, f"{{{kind}}}", text)
    return text


# --- Contextual grounding --------------------------------------------------------------------------------------------
def _scores(guardrail: Guardrail, source: Source, passages: Sequence[Passage]) -> Any:
    """The share of the answer's words that the source holds, and of the question's that the answer holds."""
    texts = {name: _of_kind(passages, name) for name in LIMITS}
    if source != "OUTPUT" or not texts["grounding_source"]:
        return
    for name, most in LIMITS.items():
        if len(texts[name]) > most:
            raise invalid(f"The {name} of contextual grounding is longer than {most} characters.")
    answer = texts["guard_content"]
    for kind, threshold, score in (
        ("GROUNDING", guardrail.grounding, _share(answer, texts["grounding_source"])),
        ("RELEVANCE", guardrail.relevance, _share(texts["query"], answer)),
    ):
        if threshold is not None:
            low = score < threshold
            action = "BLOCKED" if low else "NONE"
            yield {"type": kind, "threshold": threshold, "score": score, "action": action, "detected": low}


def _of_kind(passages: Sequence[Passage], name: str) -> str:
    plain_is_guarded = name == "guard_content"
    return "\n".join(
        passage.text
        for passage in passages
        if name in passage.qualifiers or (plain_is_guarded and not passage.qualifiers)
    )


def _share(words_of: str, within: str) -> float:
    wanted = set(_WORD.findall(words_of.lower()))
    return round(len(wanted & set(_WORD.findall(within.lower()))) / len(wanted), 3) if wanted else 1.0


def _blocks(assessment: Mapping[str, Any]) -> bool:
    entries = [entry for policy in assessment.values() for row in policy.values() for entry in row]
    return any(entry["action"] == "BLOCKED" for entry in entries)


# --- The service's answer --------------------------------------------------------------------------------------------
def application(guardrail: Guardrail, source: Source, passages: Sequence[Passage]) -> dict[str, Any]:
    """The body that ApplyGuardrail answers."""
    verdict = evaluate(guardrail, source, passages)
    characters = sum(len(passage.text) for passage in passages if passage.is_guarded)
    return {
        "usage": _usage(guardrail, characters),
        "action": "GUARDRAIL_INTERVENED" if verdict.intervened else "NONE",
        "actionReason": _reason(verdict),
        "outputs": [{"text": text} for text in outputs(guardrail, source, verdict)],
        "assessments": [verdict.assessment],
        "guardrailCoverage": {"textCharacters": {"guarded": characters, "total": characters}},
    }


def _reason(verdict: Verdict) -> str:
    return "Guardrail blocked." if verdict.blocked else "Guardrail masked." if verdict.masked else "No action."


def outputs(guardrail: Guardrail, source: Source, verdict: Verdict) -> list[str]:
    """What to use instead of the guarded texts; nothing when they may stay as they are."""
    if verdict.blocked:
        return [guardrail.blocked_input if source == "INPUT" else guardrail.blocked_output]
    return verdict.texts if verdict.masked else []


def _usage(guardrail: Guardrail, characters: int) -> dict[str, int]:
    units = -(-characters // TEXT_UNIT)
    grounds = guardrail.grounding is not None or guardrail.relevance is not None
    return {
        "topicPolicyUnits": units if guardrail.topics else 0,
        "contentPolicyUnits": units if guardrail.attacks else 0,
        "wordPolicyUnits": units if guardrail.words else 0,
        "sensitiveInformationPolicyUnits": units if guardrail.masks or guardrail.secrets else 0,
        "sensitiveInformationPolicyFreeUnits": 0,
        "contextualGroundingPolicyUnits": units if grounds else 0,
    }

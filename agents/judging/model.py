"""The judge that is a model: our own provider interface, a forced structure, temperature 0.

It is asked under aliases of its own (`settings.MODEL_JUDGES`), so that its breaker, its lane and its times are not
those of replies; first the one whose model did not write what is judged. What it says of figures and dangers is bounded
by our rules: a model may find more than they do, and cannot wave through what they find.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from django.conf import settings

from agents.blocks import block_wrap, facts_wrap
from agents.budgets import budget_spent
from agents.errors import BudgetExhausted, OutputInvalid
from agents.judging.base import Judge
from agents.judging.claims import Stated, claims_of
from agents.judging.embedded.safety import safety_mark
from agents.judging.grading import mark_make, mark_none
from agents.judging.output import GRADE_SCHEMA, Graded, output_parse
from agents.judging.types import Claim, JudgeCase, Mark, Marks
from agents.judging.withholding import case_clean
from agents.privacy import Vault
from agents.prompts import PromptSet, prompts_load
from agents.providers.base import ModelMessage, ModelProvider, ModelReply, ModelRequest, Purpose, StopReason, Text
from agents.routing import RoutedModel, model_open
from agents.routing.stops import route_build
from agents.words import numbers_in

FOLDER = Path(__file__).parent / "prompts"
NAMES = ("system", "judge", "repair")
SCOPE = "judge"  # of budgets and of the ledger
COUNTING = "1"  # how scores are made of what the model says; raised when that changes
MAX_TOKENS = 2_000
MAX_SOURCE_CHARS = 6_000
MAX_TURNS = 6
REPAIR_SECONDS = 2.0  # what must be left to ask again


class ModelJudge(Judge):
    """Asks a model; see the module."""

    name = "model"

    @property
    def prompts(self) -> PromptSet:
        return prompts_load(FOLDER, NAMES)

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        made = f"{self.prompts.digest}{GRADE_SCHEMA.schema}{COUNTING}"
        return hashlib.sha256(made.encode()).hexdigest()

    @cached_property
    def version(self) -> str:  # type: ignore[override]
        return f"model-{self.prompts.version}.{COUNTING}+{self.digest[:8]}"

    def judge(self, case: JudgeCase, *, deadline: float) -> Marks:
        """See `Judge`. Raises `BudgetExhausted` when the judge's money of the day is spent, `OutputInvalid` when no
        model gives a usable answer even after one repair each, and the `ModelError` of the last one asked."""
        judging_money_check()
        clean = case_clean(case)
        asked = _Asked(clean, tuple(claims_of(clean)), self.prompts)
        model = model_open(
            scope=SCOPE,
            run_id=case.id,
            deadline=deadline,
            vault=Vault(case.personal),
            route=route_for(case.answered_by),
        )
        graded = _ask(model, asked, deadline)
        return asked.marks(graded, safety_mark(case, clean), model.answered_by)


def judging_money_check() -> None:
    """Raises `BudgetExhausted` when `settings.JUDGE_USD_PER_DAY` is spent; budgets of an admin count as well, when a
    model is asked."""
    if budget_spent(SCOPE) >= settings.JUDGE_USD_PER_DAY:
        raise BudgetExhausted("The money for judging is spent for today.")


def route_for(answered_by: str) -> list[str]:
    """The judges' aliases, those first whose model is another than the one that wrote the text."""
    stops = route_build(settings.MODEL_JUDGES)
    return [stop.alias for stop in sorted(stops, key=lambda stop: _same(stop.provider, answered_by))]


def _same(provider: ModelProvider, model: str) -> bool:
    return bool(model) and provider.model == model


def _ask(model: RoutedModel, asked: "_Asked", deadline: float) -> Graded:
    """A usable answer of the first model that gives one."""
    while True:
        try:
            return _ask_one(model, asked, deadline)
        except OutputInvalid:
            if not model.go_on():
                raise


def _ask_one(model: RoutedModel, asked: "_Asked", deadline: float) -> Graded:
    request = asked.request(deadline)
    reply = model.converse(request)
    try:
        return asked.read(reply)
    except OutputInvalid as error:
        if deadline - time.monotonic() < REPAIR_SECONDS or not reply.message.content:
            raise
        again = ModelMessage("user", (Text(asked.prompts.fill("repair", problem=error.message)),))
        return asked.read(model.converse(replace(request, messages=(*request.messages, reply.message, again))))


@dataclass(frozen=True)
class _Asked:
    """What the model is asked of one clean case, and how its answer is read."""

    case: JudgeCase
    claims: tuple[Stated, ...]
    prompts: PromptSet

    def request(self, deadline: float) -> ModelRequest:
        case = self.case
        material = [
            *(block_wrap("earlier_turn", turn.text, author=turn.author) for turn in case.history[-MAX_TURNS:]),
            block_wrap("question", case.question),
            *(
                block_wrap("source", entry.text[:MAX_SOURCE_CHARS], n=str(entry.number), title=entry.title)
                for entry in case.evidence
            ),
            block_wrap("text", case.reply),
        ]
        claims = "\n".join(block_wrap("claim", claim.text, n=str(n)) for n, claim in enumerate(self.claims, start=1))
        task = self.prompts.fill("judge", facts=facts_wrap({"kind": case.kind}), claims=claims)
        return ModelRequest(
            purpose=Purpose.JUDGE,
            system=self.prompts.fill("system"),
            messages=(ModelMessage("user", (Text("\n".join(material)), Text(task))),),
            deadline=deadline,
            output=GRADE_SCHEMA,
            max_tokens=MAX_TOKENS,
        )

    def read(self, reply: ModelReply) -> Graded:
        if reply.stop_reason is StopReason.MAX_TOKENS:
            raise OutputInvalid("It was cut off: be brief.")
        numbers = [entry.number for entry in self.case.evidence]
        return output_parse(reply.text, claims=len(self.claims), sources=numbers)

    def marks(self, graded: Graded, rules: Mark, model: str) -> Marks:
        claims = self._checked(graded.supported)
        safety, reason = graded.safety
        if rules.score is not None and rules.score < safety:
            safety, reason = rules.score, f"{rules.rationale} {reason}"
        return Marks(
            relevance=mark_make(*graded.relevance),
            accuracy=_accuracy(claims, graded.accuracy_rationale),
            safety=mark_make(safety, reason),
            claims=claims,
            model=model,
        )

    def _checked(self, supported: Sequence[tuple[int, ...] | None]) -> tuple[Claim, ...]:
        """A claim with a number that no source has is not supported, whatever the model says."""
        told = "\n".join((self.case.question, *(turn.text for turn in self.case.history)))
        known = numbers_in("\n".join((told, *(f"{entry.title}\n{entry.text}" for entry in self.case.evidence))))
        checked = []
        for claim, sources in zip(self.claims, supported, strict=True):
            holds = sources is not None and numbers_in(claim.text) <= known
            checked.append(Claim(claim.text, holds, sources or () if holds else ()))
        return tuple(checked)


def _accuracy(claims: Sequence[Claim], rationale: str) -> Mark:
    if not claims:
        return mark_none("The text states nothing that could be checked.")
    supported = sum(claim.supported for claim in claims)
    return mark_make(supported / len(claims), f"{supported} of {len(claims)} claims are supported. {rationale}")

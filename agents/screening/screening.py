"""The screening of one run: our rules always, a guardrail of the account beside them when settings name one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.conf import settings
from django.utils.module_loading import import_string

from agents.errors import GuardHit
from agents.privacy import Vault
from agents.providers.guarding import Grounding, TextGuard
from agents.screening.rules import Screened, message_screen, planted_find
from agents.types import Blocker

SECONDS = 3.0  # for one question to the guardrail
PROMPT_ATTACK = "prompt_attack"
_GUARDRAIL = "agents.providers.bedrock.guardrails.Guardrail"  # loaded when used: it brings the client of AWS along


@dataclass(frozen=True)
class Screening:
    """Looks at what goes in and out. The guardrail is a service elsewhere: it reads tokens of `vault`.

    Without a verdict in time its questions raise `ModelError`: what was not looked at goes to a person.
    """

    vault: Vault
    deadline: float
    guardrail: TextGuard | None = None

    def message(self, subject: str, message: str) -> Screened:
        """What a customer's message is flagged for."""
        screened = message_screen(subject, message)
        found = self._ask(f"{subject}\n{message}".strip(), "INPUT")
        flags = {Blocker.INJECTION if finding == PROMPT_ATTACK else Blocker.SAFETY for finding in found}
        return replace(screened, blockers=screened.blockers | flags, words=(*screened.words, *found))

    def flagged(self, texts: Sequence[str]) -> list[bool]:
        """Which of `texts`, documents or results of tools, may not be read by a model."""
        planted = [bool(planted_find(text)) for text in texts]
        clean = [text for text, is_planted in zip(texts, planted, strict=True) if not is_planted]
        if not self._ask("\n\n".join(clean), "INPUT"):  # one question for all, and single ones only if there is cause
            return planted
        return [is_planted or bool(self._ask(text, "INPUT")) for text, is_planted in zip(texts, planted, strict=True)]

    def reply_check(self, text: str, *, sources: Sequence[str], question: str) -> None:
        """Raises `GuardHit` when the guardrail speaks against a reply; with `sources` it must rest on them."""
        if self.guardrail is None:
            return
        hidden = [self.vault.hide(source) for source in sources]
        grounding = Grounding(hidden, self.vault.hide(question)) if sources else None
        if found := self._ask(text, "OUTPUT", grounding):
            raise GuardHit(f"The guardrail speaks against the reply: {', '.join(found)}.")

    def _ask(
        self, text: str, source: Literal["INPUT", "OUTPUT"], grounding: Grounding | None = None
    ) -> tuple[str, ...]:
        if self.guardrail is None or not text:
            return ()
        deadline = min(self.deadline, time.monotonic() + SECONDS)
        verdict = self.guardrail.check(self.vault.hide(text), source=source, deadline=deadline, grounding=grounding)
        return (verdict.findings or ("blocked",)) if verdict.blocked else ()


def screening_open(*, vault: Vault, deadline: float) -> Screening:
    """The screening for one run, with the guardrail that settings name."""
    if not settings.GUARDRAIL_ID:
        return Screening(vault, deadline)
    return Screening(vault, deadline, import_string(_GUARDRAIL)(settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION))

"""What a judge is."""

from abc import ABC, abstractmethod
from typing import cast

from agents.judging.types import JudgeCase, Marks
from omnicqm.common.backends import backend_get


class Judge(ABC):
    """Scores texts of the agent. Implementations are safe to share between threads.

    `version` names the rules and prompts that judge, with the beginning of `digest`, the SHA-256 of all of them, so
    that figures of different versions are never mixed.
    """

    name: str
    version: str
    digest: str

    @abstractmethod
    def judge(self, case: JudgeCase, *, deadline: float) -> Marks:
        """What it says of `case`. `deadline` is a `time.monotonic()` instant.

        Raises `agents.errors.AgentError` when it cannot say anything: nothing is made up then.
        """


def judge_get(name: str) -> Judge:
    """The judge that `settings.JUDGES` has under `name`. Raises `ConfigurationError`."""
    return cast(Judge, backend_get("JUDGES", name))

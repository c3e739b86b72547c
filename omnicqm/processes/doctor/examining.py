"""How examinations are run: one after the other, none of them able to end the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from omnicqm.common.errors import OmniError


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Examination:
    """`look` returns what it found in a few words, or raises; `remedy` is what to do then.

    It is skipped when the part it `needs` did not pass.
    """

    part: str
    look: Callable[[], str]
    remedy: str
    needs: str = ""


@dataclass(frozen=True)
class Finding:
    part: str
    outcome: Outcome
    detail: str
    remedy: str = ""


class Unwell(Exception):
    """A part answers, but not as it should. The message says what was found."""


def examine(examinations: Iterable[Examination]) -> Iterator[Finding]:
    """One finding for each examination, as soon as it is known."""
    passed: set[str] = set()
    for examination in examinations:
        finding = _examine(examination, passed)
        if finding.outcome is Outcome.OK:
            passed.add(finding.part)
        yield finding


def _examine(examination: Examination, passed: set[str]) -> Finding:
    part = examination.part
    if examination.needs and examination.needs not in passed:
        return Finding(part, Outcome.SKIPPED, f"not examined, since {examination.needs} failed")
    try:
        return Finding(part, Outcome.OK, examination.look())
    except (Unwell, OmniError) as error:
        return Finding(part, Outcome.FAILED, str(error), examination.remedy)
    except Exception as error:
        return Finding(part, Outcome.FAILED, _in_a_line(error), examination.remedy)


def _in_a_line(error: Exception) -> str:
    """What a library says about a failure, without its traceback."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__

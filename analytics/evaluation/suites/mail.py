"""What is read of a mail, on ``email_parsing`` (cases.jsonl and messages)."""

from collections.abc import Sequence
from pathlib import Path

from analytics.evaluation.configuration import Configuration
from analytics.evaluation.results import Figure, Result, figure_make
from analytics.evaluation.suites.mail_cases import Outcome, outcomes
from omnicqm.common.errors import InvalidInput

SUITE = "mail"


def mail_measure(data: Path, configurations: Sequence[Configuration], most: int) -> list[Result]:
    """The share of mails read as people expect, strictly and allowing for what the sources disagree on, and by kind.

    No model reads a mail here, so every configuration has the same figures. Raises `InvalidInput` without the data.
    """
    folder = data / "email_parsing"
    if not (folder / "cases.jsonl").is_file():
        raise InvalidInput(f"There is no email_parsing/cases.jsonl in {data}.", param="data")
    found = list(outcomes(folder))
    found = found[:: max(1, len(found) // most)] if most else found
    kinds = dict.fromkeys(outcome.case["kind"] for outcome in found)
    figures = (
        _figure("read right", found, "right"),
        _figure("read right, allowing", found, "allowing"),
        *(
            _figure(f"{kind}, allowing", [one for one in found if one.case["kind"] == kind], "allowing")
            for kind in kinds
        ),
    )
    return [Result(SUITE, one.name, figures) for one in configurations]


def _figure(name: str, found: Sequence[Outcome], field: str) -> Figure:
    return figure_make(name, {outcome.case["id"]: float(getattr(outcome, field)) for outcome in found})

"""The suites: each measures one thing the product is for, on the files of a data folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.evaluation.configuration import Configuration
from analytics.evaluation.results import Result
from analytics.evaluation.suites.knowledge import knowledge_measure
from analytics.evaluation.suites.mail import mail_measure
from analytics.evaluation.suites.routing import routing_measure
from analytics.evaluation.suites.summaries import summaries_measure

Measure = Callable[[Path, Sequence[Configuration], int], list[Result]]


@dataclass(frozen=True)
class Suite:
    """`measure` gives a result for each configuration; of every kind of case at most so many (0: all). `keys` are those
    of a configuration that change what it measures."""

    name: str
    about: str
    measure: Measure
    keys: frozenset[str] = frozenset()

    def unheeded(self, configuration: Configuration) -> list[str]:
        """The keys of `configuration` that change nothing here."""
        return sorted(configuration.keys - self.keys)


SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite(
            "knowledge",
            "what search finds, and whether it knows when nothing is known",
            knowledge_measure,
            frozenset({"floor"}),
        ),
        Suite(
            "routing",
            "who answers: decisions, scores, factors, wishes for a person",
            routing_measure,
            frozenset({"model", "prompts", "threshold"}),
        ),
        Suite("mail", "what is read of a mail: the reply without quotes and signatures", mail_measure),
        Suite(
            "summaries",
            "summaries for CRM agents, by their checks and against references",
            summaries_measure,
            frozenset({"model", "summary_prompts"}),
        ),
    )
}

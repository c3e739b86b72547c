"""Customers from a company's own records: a CSV file, read as a whole and stored as a whole."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from conversations.services.customer_import.reading import (
    CustomerRecord,
    LineProblem,
    record_problems,
    records_read,
)
from conversations.services.customer_import.storing import Stored, record_store

__all__ = ["ImportReport", "LineProblem", "customers_import"]


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `problems` name lines that could not be imported; with them and without `skip_bad_lines`
    nothing was stored and the counts are 0. `notices` name values that were left out of an imported line."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: tuple[LineProblem, ...] = ()
    notices: tuple[LineProblem, ...] = ()


class _Undo(Exception):
    """Rolls the import back; never leaves this module."""


def customers_import(
    *, content: bytes, actor: str, region: str | None = None, skip_bad_lines: bool = False
) -> ImportReport:
    """Create or update the customers of a CSV file, in one transaction.

    A customer is recognised by account number, else e-mail address, else phone; the identities of the file count as
    verified. Repeating a file changes nothing. Should a line be wrong, nothing is stored and all wrong lines are
    reported; with `skip_bad_lines` the others are stored. `region` (``US``) is the country of phone numbers written
    without one. Raises `InvalidInput` or `TooLarge` when the file as a whole cannot be read.
    """
    records, problems = records_read(content)
    problems += record_problems(records)
    bad = {problem.line for problem in problems}
    good = [record for record in records if record.line not in bad]
    try:
        with transaction.atomic():
            counts, found, notices = _store(good, actor, region)
            problems = sorted([*problems, *found], key=lambda problem: problem.line)
            if problems and not skip_bad_lines:
                raise _Undo
    except _Undo:
        return ImportReport(problems=tuple(problems))
    return ImportReport(
        created=counts[Stored.CREATED],
        updated=counts[Stored.UPDATED],
        unchanged=counts[Stored.UNCHANGED],
        problems=tuple(problems),
        notices=tuple(notices),
    )


def _store(
    records: Iterable[CustomerRecord], actor: str, region: str | None
) -> tuple[Counter[Stored], list[LineProblem], list[LineProblem]]:
    counts: Counter[Stored] = Counter()
    problems: list[LineProblem] = []
    notices: list[LineProblem] = []
    for record in records:
        stored, found, noticed = record_store(record=record, actor=actor, region=region)
        problems += found
        notices += noticed
        if stored:
            counts[stored] += 1
    return counts, problems, notices

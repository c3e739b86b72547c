"""Personal data of twelve kinds, to plant wherever a run takes something in, and what is looked through for it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from omnicqm.common.logs import TaskFilter
from omnicqm.common.tracebacks import exception_write

PLANTED = {
    "e-mail": "zaphyra.quill@example.com",
    "telephone": "+1 415 555 2671",
    "telephone without country": "020 7946 0958",
    "card": "4111 1111 1111 1111",
    "IBAN": "DE89 3704 0044 0532 0130 00",
    "IPv4": "203.0.113.77",
    "IPv6": "2001:db8:85a3::8a2e:370:7334",
    "US social security number": "219-09-9999",
    "UK national insurance number": "AB 12 34 56 C",
    "name": "Zaphyra Quill",
    "address": "74 Thornapple Crescent",
    "account": "OE-77431-ZQ",
}
PERSONAL = {"NAME": (PLANTED["name"],), "ADDRESS": (PLANTED["address"],), "ACCOUNT": (PLANTED["account"],)}
TOLD = ".\n".join(f"My {kind} is {value}" for kind, value in PLANTED.items())
_NAMES = ("zaphyra", "quill")  # of the name, either part


def planted_in(text: str) -> set[str]:
    """The kinds that `text` holds, with or without the spaces they are written with."""
    small = text.lower()
    found = {
        kind for kind, value in PLANTED.items() if value.lower() in small or value.replace(" ", "").lower() in small
    }
    return found | {name for name in _NAMES if name in small}


@contextmanager
def log_written() -> Iterator[list[str]]:
    """The lines that the product writes to its log meanwhile, with what it lets through of exceptions."""
    lines: list[str] = []
    handler = _Kept(lines)
    logging.getLogger().addHandler(handler)
    try:
        yield lines
    finally:
        logging.getLogger().removeHandler(handler)


class _Kept(logging.Handler):
    """Writes records into `lines` the way `omnicqm.common.logs` sets it up for stderr."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.INFO)
        self.lines = lines
        self.addFilter(TaskFilter())
        as_text = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                processors=[as_text, exception_write, lambda *told: json.dumps(told[2], default=repr)]
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

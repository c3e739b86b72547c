"""Read a file in a process of its own, with a limit on memory and time.

A PDF, a Word file or a very large page can make its parser loop or eat all memory; a thread of a worker could not be
stopped then.
"""

import json
import math
import subprocess
import sys
from pathlib import Path

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.types import Block, Format, Kind, Parsed
from omnicqm.common.logs import get_logger

SECONDS = 60

_ROOT = Path(__file__).resolve().parents[2]
_ERRORS = {error.code: error for error in (FileUnreadable, FileTooLarge)}

log = get_logger(__name__)


def parse_apart(data: bytes, content_type: Format) -> Parsed:
    """Parse in a child process. Raises `FileUnreadable` or `FileTooLarge`, also when the child hit a limit."""
    command = [sys.executable, "-m", "knowledge.parsing.child", content_type, str(math.ceil(SECONDS))]
    try:
        child = subprocess.run(command, input=data, capture_output=True, cwd=_ROOT, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise FileTooLarge(f"The file could not be read within {SECONDS} seconds. Split it.") from error
    if child.returncode:
        log.warning("parser_died", content_type=content_type, code=child.returncode, stderr=child.stderr[-300:])
        raise FileUnreadable("The file is broken or far too large to be read. Save it again or split it.")
    return _decode(child.stdout)


def _decode(answer: bytes) -> Parsed:
    value = json.loads(answer)
    if "code" in value:
        raise _ERRORS[value["code"]](value["message"])
    blocks = [Block(block["text"], tuple(block["heading"]), Kind(block["kind"])) for block in value["blocks"]]
    return Parsed(value["title"], blocks)

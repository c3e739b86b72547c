"""The other end of `sandbox`: ``… child MEDIA_TYPE SECONDS``, bytes on stdin, JSON on stdout."""

import json
import resource
import sys
from dataclasses import asdict

from knowledge.errors import FileTooLarge, FileUnreadable
from knowledge.parsing.formats import parse_here
from knowledge.parsing.types import Format

MEMORY = 1536 * 1024**2  # bytes of address space


def main(content_type: str, seconds: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    try:
        answer = asdict(parse_here(sys.stdin.buffer.read(), Format(content_type)))
    except (FileUnreadable, FileTooLarge) as error:
        answer = {"code": error.code, "message": error.message}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Forms with a file, within limits."""

from typing import IO, Any

from rest_framework.parsers import MultiPartParser

from knowledge.errors import FileTooLarge
from knowledge.parsing import MAX_BYTES

FORM_BYTES = 64 * 1024  # what a form may add to its file


class FileFormParser(MultiPartParser):
    """Refuses by the announced length, before anything is read and put on the disk."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        announced = parser_context["request"].META.get("CONTENT_LENGTH") or "0"
        if announced.isdigit() and int(announced) > MAX_BYTES + FORM_BYTES:
            raise FileTooLarge(f"The file is larger than {MAX_BYTES // 2**20} MB. Split it into several files.")
        return super().parse(stream, media_type, parser_context)

"""One log file a child, each kept below a size."""

import shutil
from pathlib import Path
from typing import IO

LIMIT_BYTES = 20_000_000


class LogFolder:
    """The files ``<name>.log`` of a folder. Children append to them; `trim` keeps one older file beside each."""

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self._limit = limit
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def open(self, name: str) -> IO[bytes]:
        return self.path(name).open("ab")

    def tail(self, name: str, lines: int = 5) -> str:
        """The last `lines` lines that say something; empty when there is no such file."""
        try:
            text = self.path(name).read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    def trim(self) -> None:
        """Move what exceeds the limit to ``<name>.log.1``. The file itself stays, since its writer holds it open."""
        for log in self.folder.glob("*.log"):
            if log.stat().st_size > self._limit:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                with log.open("r+b") as file:
                    file.truncate()

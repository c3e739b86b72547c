"""Objects as files of this machine."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from omnicqm.common.errors import ServiceUnavailable


class FolderStore:
    """Keys become paths below `folder`; an object appears there whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.place = str(folder)

    def put(self, key: str, body: bytes, *, deadline: float) -> None:
        """See `ObjectStore`; a file system has no deadline."""
        path = self._folder / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._write(path, body)
        except OSError as error:
            raise ServiceUnavailable(f"{self._folder} cannot be written: {error.strerror}.") from error

    def _write(self, path: Path, body: bytes) -> None:
        with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
            try:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

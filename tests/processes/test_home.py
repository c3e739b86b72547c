"""A data folder that cannot be used is refused in a sentence that says what to do."""

import errno
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from omnicqm.processes.errors import CannotStart
from omnicqm.processes.home import State, home_claimed, refusals_told, state_read, state_write


def test_a_missing_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with home_claimed(home):
        assert home.stat().st_mode & 0o777 == 0o700


def test_two_starts_cannot_share_a_folder(tmp_path: Path) -> None:
    with home_claimed(tmp_path):
        state_write(tmp_path, State(4711, "http://localhost:8000"))
        with pytest.raises(
            CannotStart, match=r"already runs from .* \(process 4711, http://localhost:8000\)\. Stop it"
        ):
            home_claimed(tmp_path).__enter__()


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    with home_claimed(tmp_path):
        state_write(tmp_path, State(1, "http://localhost:8000"))
    with home_claimed(tmp_path):
        assert state_read(tmp_path) is None


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("")
    with pytest.raises(CannotStart, match=f"{home} is a file, not a folder"), home_claimed(home):
        pass


def test_a_folder_below_a_file_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="is a file, not a folder"), home_claimed(tmp_path / "file" / "home"):
        pass


def test_too_little_space_is_refused_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**10, 10**10, 7_000_000))
    with (
        pytest.raises(CannotStart, match=r"only 7 MB left and 500 MB are needed\. Free some"),
        home_claimed(tmp_path),
    ):
        pass


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotStart, match=f"The disk of {tmp_path} is full. Free some space"),
        refusals_told(tmp_path),
        open("/dev/full", "wb", buffering=0) as file,
    ):
        file.write(b"x")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (errno.EROFS, "is on a read-only file system. Make it writable"),
        (errno.EIO, "cannot be used: Input/output error"),
    ],
)
def test_other_refusals_are_told(tmp_path: Path, number: int, sentence: str) -> None:
    with pytest.raises(CannotStart, match=re.escape(sentence)), refusals_told(tmp_path):
        raise OSError(number, os.strerror(number), str(tmp_path))


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """As root nothing is refused, so the question is asked as nobody."""
    tmp_path.chmod(0o500)
    script = (
        "import os, sys, pathlib\n"
        "from omnicqm.processes import home\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "home.home_claimed(pathlib.Path(sys.argv[1])).__enter__()\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "home")], capture_output=True, text=True)
    assert re.search(r"CannotStart: The user \w+ may not write .*home\. Change its owner or permissions", done.stderr)

"""What a bare machine meets first."""

import os
import subprocess
import sys
from pathlib import Path

from tests.running import ROOT


def program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def find_python(path: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "HOME": str(home)}
    if library_path := os.environ.get("LD_LIBRARY_PATH"):
        environment["LD_LIBRARY_PATH"] = library_path
    return subprocess.run(["/bin/sh", ROOT / "scripts/find-python.sh"], env=environment, capture_output=True, text=True)


def works(done: subprocess.CompletedProcess[str]) -> bool:
    version = subprocess.run(
        [done.stdout.strip(), "-c", "import sys; print(sys.version_info >= (3, 12))"], capture_output=True
    )
    return version.stdout == b"True\n"


def test_a_shim_on_the_path_that_fails_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "shims", "python3.12", "echo 'pyenv: python3.12: command not found' >&2; exit 127")
    program(tmp_path / "real one", "python3.12", f'exec "{sys.executable}" "$@"')
    assert works(find_python(f"{tmp_path}/shims:{tmp_path}/real one", tmp_path))


def test_a_python_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "old", "python3", "exit 1")  # as the question "are you 3.12?" ends there
    program(tmp_path / "new", "python", f'exec "{sys.executable}" "$@"')
    assert works(find_python(f"{tmp_path}/old:{tmp_path}/new", tmp_path))


def test_pyenvs_versions_are_looked_through(tmp_path: Path) -> None:
    versions = tmp_path / ".pyenv" / "versions"
    for version in ("3.11.7", "3.12.1"):
        (versions / version / "bin").mkdir(parents=True)
    program(versions / "3.11.7" / "bin", "python3", "exit 1")
    program(versions / "3.12.1" / "bin", "python3", f'exec "{sys.executable}" "$@"')
    assert works(find_python("/nowhere", tmp_path))


def test_uv_is_asked_last(tmp_path: Path) -> None:
    program(tmp_path / "bin", "uv", f'[ "$2" = find ] && echo "{sys.executable}"')
    assert works(find_python(f"{tmp_path}/bin", tmp_path))


def test_without_any_python_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = find_python("/nowhere", tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("OmniCQM needs Python 3.12 or newer")
    assert len(done.stderr.splitlines()) == 1


def test_the_benchmarks_measure_tracing_with_mlflow_there_and_away(tmp_path: Path) -> None:
    """Against a Python that only notes what it is asked for, and fails while MLflow is away."""
    program(tmp_path / "scripts", "bench.sh", (ROOT / "scripts" / "bench.sh").read_text())
    program(tmp_path / "scripts", "environment.sh", "exit 0")
    (tmp_path / ".venv").mkdir()
    program(tmp_path / ".venv" / "bin", "python", 'echo "asked: $*"; case "$*" in *--mlflow*) exit 1;; esac')
    environment = {"PATH": os.environ["PATH"], "OMNICQM_TEST_DATA": "/nowhere"}
    done = subprocess.run([tmp_path / "scripts" / "bench.sh"], env=environment, capture_output=True, text=True)
    asked = [line.removeprefix("asked: benchmarks/") for line in done.stdout.splitlines() if line.startswith("asked")]
    assert [line for line in asked if line.startswith("tracing")] == [
        "tracing.py",
        "tracing.py --mlflow stopped hanging full",
    ]
    assert done.returncode == 1
    assert "below target: tracing" in done.stdout

"""``python -m tests.console.access``: what differs from matrix.csv; ``--write`` writes it there, for review."""

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

if __name__ == "__main__":
    if "--write" in sys.argv:
        os.environ["OMNICQM_TEST_ACCESS_WRITE"] = "1"
    sys.exit(pytest.main([str(HERE), "-q", "-p", "no:cacheprovider", "-s"]))

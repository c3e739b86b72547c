import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real test data: OMNICQM_TEST_DATA, or ``../shared/data`` beside the repository."""
    folder = Path(os.environ.get("OMNICQM_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no test data at {folder}; set OMNICQM_TEST_DATA")
    return folder

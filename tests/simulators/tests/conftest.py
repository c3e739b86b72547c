from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.simulators.bedrock import Simulator


@pytest.fixture
def client(bedrock: Simulator) -> Iterator[Any]:
    """The real client of boto3: one attempt, a second of patience with silence."""
    with_patience = Config(read_timeout=1, connect_timeout=1, retries={"total_max_attempts": 1, "mode": "standard"})
    client = boto3.client("bedrock-runtime", config=with_patience)
    yield client
    client.close()

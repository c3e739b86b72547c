from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.simulators.bedrock import Simulator

PATIENCE = 1  # seconds of silence


@pytest.fixture
def make_client(request: pytest.FixtureRequest, bedrock: Simulator) -> Iterator[Callable[[], Any]]:
    """Makes real clients of boto3 with one attempt. A module's PATIENCE replaces ours."""
    patience = getattr(request.module, "PATIENCE", PATIENCE)
    once = Config(read_timeout=patience, connect_timeout=1, retries={"total_max_attempts": 1, "mode": "standard"})
    with ExitStack() as clients:

        def make() -> Any:
            client = boto3.client("bedrock-runtime", config=once)
            clients.callback(client.close)
            return client

        yield make


@pytest.fixture
def client(make_client: Callable[[], Any]) -> Any:
    return make_client()

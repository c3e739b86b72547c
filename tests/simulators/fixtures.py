"""Fixtures of the simulators, known to every test."""

import os
from collections.abc import Iterator

import pytest

from tests.simulators.bedrock import Simulator, simulator_running


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A running Bedrock simulator that the AWS variables of this process lead to. Its own failures fail the test."""
    with simulator_running() as simulator:
        for name, value in aws_environment(simulator.url).items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        yield simulator
        assert simulator.failures == []


def aws_environment(url: str) -> dict[str, str]:
    """What leads boto3 to the simulator at `url` and nowhere else."""
    return {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
        "AWS_ACCESS_KEY_ID": "AKIASIMULATOR",
        "AWS_SECRET_ACCESS_KEY": "simulator",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }

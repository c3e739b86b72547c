"""Fixtures of the simulators, known to every test."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from omnicqm.processes.addresses import free_ports
from tests.simulators.bedrock import Simulator, simulator_running

if TYPE_CHECKING:
    from tests.simulators.aws import AwsServer


@pytest.fixture(scope="session")
def bedrock_port() -> int:
    """The same for every test: a client of boto3, a tenth of a second of work, is then made only once."""
    return free_ports(1)[0]


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch, bedrock_port: int) -> Iterator[Simulator]:
    """A running Bedrock simulator that the AWS variables of this process lead to. Its own failures fail the test."""
    with simulator_running(bedrock_port) as simulator:
        _lead_to(monkeypatch, aws_environment(simulator.url))
        yield simulator
        assert simulator.failures == []


@pytest.fixture(scope="session")
def aws_server() -> Iterator["AwsServer"]:
    from tests.simulators.aws import AwsServer  # moto takes two seconds to load, which most runs do without

    with AwsServer().serving() as server:
        yield server


@pytest.fixture
def aws(aws_server: "AwsServer", monkeypatch: pytest.MonkeyPatch) -> Iterator["AwsServer"]:
    """S3 and DynamoDB, empty, that the AWS variables of this process lead to."""
    _lead_to(monkeypatch, aws_environment(aws_server.url, "S3", "DYNAMODB"))
    yield aws_server
    aws_server.reset()


def _lead_to(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def aws_environment(url: str, *services: str) -> dict[str, str]:
    """What leads boto3 to the simulator of `services` (default: Bedrock's runtime) at `url` and nowhere else."""
    return {
        **{f"AWS_ENDPOINT_URL_{service}": url for service in services or ("BEDROCK_RUNTIME",)},
        "AWS_ACCESS_KEY_ID": "AKIASIMULATOR",
        "AWS_SECRET_ACCESS_KEY": "simulator",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }

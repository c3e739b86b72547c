"""The one factory of clients."""

import os
import threading
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from omnicqm.common.aws.calls import MAX_SILENCE_SECONDS, POOLS, read_timeout_set
from omnicqm.common.aws.failures import NO_CREDENTIALS
from omnicqm.common.errors import ConfigurationError

CONNECT_SECONDS = 2.0
MAX_CONNECTIONS = 1000  # kept by a client; what exceeds them would be opened and thrown away, a handshake each
_NO_REGION = "AWS_REGION is not set. Name the region whose services are to be used, e.g. eu-central-1."

_clients: dict[tuple[Any, ...], Any] = {}
_credentials: dict[tuple[Any, ...], Any] = {}
_building = threading.Lock()


def aws_client(service: str) -> Any:
    """The boto3 client of `service`, e.g. ``"bedrock-runtime"``; one per process and AWS environment, thread-safe.

    It never retries by itself. Raises `ConfigurationError` when region or endpoint are missing or wrong.
    """
    key = (service, *_environment())
    with _building:  # sessions are not thread-safe
        if key not in _clients:
            _clients[key] = _client_build(service)
        return _clients[key]


def aws_region() -> str:
    """The region that AWS's own variables and files name. Raises `ConfigurationError` when none does."""
    if region := os.environ.get("AWS_REGION"):
        return region
    with _building:
        region = _session().region_name
    if not region:
        raise ConfigurationError(_NO_REGION, param="AWS_REGION")
    return str(region)


def aws_credentials_source() -> str:
    """Where the credentials come from, e.g. ``env`` or ``iam-role``; may ask the machine's metadata service.

    Raises `ConfigurationError` when there are none.
    """
    if os.environ.get("AWS_BEARER_TOKEN_BEDROCK"):
        return "AWS_BEARER_TOKEN_BEDROCK"
    return str(aws_credentials().method)


def aws_credentials() -> Any:
    """botocore's credentials, which renew themselves; may ask the machine's metadata service.

    Raises `ConfigurationError` when there are none.
    """
    key = _environment()
    with _building:
        if key not in _credentials:
            _credentials[key] = _credentials_find()
        return _credentials[key]


def _credentials_find() -> Any:
    try:
        credentials = _session().get_credentials()
    except exceptions.BotoCoreError as error:
        raise ConfigurationError(f"The AWS credentials cannot be read: {error}", param="AWS_*") from error
    if credentials is None:
        raise ConfigurationError(NO_CREDENTIALS, param="AWS_ACCESS_KEY_ID")
    return credentials


def _environment() -> tuple[Any, ...]:
    return (os.getpid(), *sorted(item for item in os.environ.items() if item[0].startswith("AWS_")))


def _session() -> boto3.session.Session:
    """boto3 itself reads AWS_DEFAULT_REGION, of AWS's two variables the older (measured with 1.44.5)."""
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)


def _client_build(service: str) -> Any:
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=MAX_SILENCE_SECONDS,
        max_pool_connections=MAX_CONNECTIONS,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
    )
    try:
        client = _session().client(service, config=config)
    except exceptions.NoRegionError as error:
        raise ConfigurationError(_NO_REGION, param="AWS_REGION") from error
    except (exceptions.BotoCoreError, ValueError) as error:
        raise ConfigurationError(f"No AWS client for {service}: {error}", param="AWS_*") from error
    client.meta.events.register("request-created", read_timeout_set)
    # In place: the session hands the same dictionary to its managers, those of proxies too.
    client._endpoint.http_session._pool_classes_by_scheme.update(POOLS)
    return client

"""Addresses of AWS that carry their signature, for what boto3 has no client for."""

import os
from urllib.parse import quote, urlencode, urlsplit

from botocore import exceptions
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest

from omnicqm.common.aws.clients import aws_credentials, aws_region
from omnicqm.common.errors import ConfigurationError

_SCHEMES = {"https": "wss", "http": "ws"}


def aws_presigned_socket(service: str, endpoint_name: str, *, path: str, query: dict[str, str], seconds: int) -> str:
    """The address of a websocket of `service` (its signing name), signed for `seconds` from now.

    ``AWS_ENDPOINT_URL_<endpoint_name>`` leads elsewhere than to the region's own endpoint, which is
    ``<service>streaming.<region>.amazonaws.com`` at port 8443. May ask the machine's metadata service for credentials.
    Raises `ConfigurationError` without region, credentials or with a wrong endpoint.
    """
    region, variable = aws_region(), f"AWS_ENDPOINT_URL_{endpoint_name}"
    endpoint = os.environ.get(variable) or f"https://{service}streaming.{region}.amazonaws.com:8443"
    parts = urlsplit(endpoint)
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise ConfigurationError(f"{variable} is not of the form https://host:port.", param=variable)
    # The signature is over this form of the query: blanks as %20, commas escaped.
    request = AWSRequest("GET", f"{parts.scheme}://{parts.netloc}{path}?{urlencode(query, quote_via=quote)}")
    try:
        SigV4QueryAuth(aws_credentials(), service, region, expires=seconds).add_auth(request)
    except exceptions.BotoCoreError as error:
        raise ConfigurationError(f"The AWS credentials cannot be read: {error}", param="AWS_*") from error
    return f"{_SCHEMES[parts.scheme]}{str(request.url).removeprefix(parts.scheme)}"

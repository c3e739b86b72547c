"""A simulator in the place of Amazon Bedrock: the real client, loop and router run without an account.

It lives with the tests, in the repository; an installation without them has none.
"""

import http.client
import os
from collections.abc import Mapping
from pathlib import Path

from omnicqm.processes.errors import CannotStart

MODULE = "tests.simulators.bedrock"
NOTICE = (
    "  Model           A SIMULATOR in the place of Amazon Bedrock. The embedded engine makes its answers: they\n"
    "                  show how the product works with a model, and say nothing about the quality of one."
)
_OTHER_CREDENTIALS = ("AWS_BEARER_TOKEN_BEDROCK", "AWS_SESSION_TOKEN", "AWS_PROFILE")


def model_choose() -> None:
    """Choose Bedrock in the environment, before settings read it."""
    os.environ["OMNICQM_MODEL"] = "bedrock"


def clients_lead(port: int) -> None:
    """Lead the AWS clients of the children started from now on to the simulator, with credentials worth nothing."""
    for name in _OTHER_CREDENTIALS:
        os.environ.pop(name, None)
    os.environ.update(_client_variables(port))


def _client_variables(port: int) -> Mapping[str, str]:
    return {
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "simulator",
        "AWS_SECRET_ACCESS_KEY": "simulator",
        "AWS_REGION": os.environ.get("AWS_REGION") or "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def installed_check(project: Path) -> None:
    """Raises `CannotStart` where the repository's tests are missing."""
    if not (project / MODULE.replace(".", "/")).is_dir():
        raise CannotStart("The simulator is part of the repository's tests, which are not here. Start without it.")


def own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """For the simulator itself, whose engine and embeddings are the embedded ones."""
    return {**environment, "OMNICQM_MODEL": "local", "OMNICQM_EMBEDDINGS": "local"}


def answers(port: int) -> bool:
    """Whether it serves already."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

import pytest

from conversations.services.channels import channels_ensure_defaults
from tests.api import ApiClient


@pytest.fixture
def api(db: None) -> ApiClient:
    """A client with all scopes, and the default channels to write to."""
    channels_ensure_defaults()
    return ApiClient()

import pytest

from tests.conversations.insights.asking import Caller


@pytest.fixture
def crm(db: None) -> Caller:
    """A CRM that may ask for insights and send interactions in."""
    return Caller.new()

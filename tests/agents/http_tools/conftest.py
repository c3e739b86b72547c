from collections.abc import Callable, Iterator

import pytest

from agents.models import HttpTool
from tests.agents.http_tools.company import Company, company_running, tool_make


@pytest.fixture
def company(settings) -> Iterator[Company]:
    """A running system that an operator has allowed."""
    with company_running() as running:
        settings.OUTGOING_ALLOW = [running.host]
        yield running


@pytest.fixture
def connect(company, db) -> Callable[..., HttpTool]:
    """Stores a tool that asks `company`: ``connect(needs_verified=False)``."""
    return lambda **fields: tool_make(company.host, save=True, **fields)

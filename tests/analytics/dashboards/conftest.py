from typing import Any

import pytest
from django.test import Client

from tests.analytics.dashboards.facts import analyst_make, month_seed


@pytest.fixture
def figures(db: Any) -> None:
    """The month of `facts`."""
    month_seed()


@pytest.fixture
def analyst(client: Client, figures: None) -> Client:
    """A browser signed in as an analyst, over the month of `facts`."""
    client.force_login(analyst_make())
    return client

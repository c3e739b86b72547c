from tests.agents.conftest import know  # noqa: F401 - a fixture for all here

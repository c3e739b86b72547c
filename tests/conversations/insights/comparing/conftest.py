from tests.conversations.insights.generation.conftest import models

__all__ = ["models"]

from collections.abc import Callable

import pytest

from agents.services import run_execute
from agents.types import RunRequest, RunResult
from knowledge.models import Audience
from knowledge.services import upload_create, versions_sweep
from tests.agents.scripted import ScriptedModel

HOURS = "# Opening hours\n\nWe open at 9 and close at 18 o'clock. On Sundays we are closed.\n"


@pytest.fixture
def know(db, settings, tmp_path) -> Callable[..., None]:
    """Puts a document into the knowledge base: ``know("# Fees\\n\\nIt is $35.", internal=True)``."""
    settings.MEDIA_ROOT = tmp_path / "files"

    def know(text: str, *, internal: bool = False, name: str = "document.md", external_id: str | None = None) -> None:
        audience = Audience.INTERNAL if internal else Audience.CUSTOMER
        upload_create(
            data=text.encode(),
            name=name,
            source="test",
            actor="system:test",
            external_id=external_id,
            audience=audience,
        )
        versions_sweep()

    return know


@pytest.fixture
def use_model(monkeypatch, settings) -> Callable[[ScriptedModel], ScriptedModel]:
    """Makes `run_execute` think with a scripted model."""

    def use(model: ScriptedModel) -> ScriptedModel:
        settings.MODEL_PROVIDERS = {"scripted": {"BACKEND": "tests.agents.conftest.hand_over"}}
        settings.MODEL_ROUTE = ["scripted"]
        monkeypatch.setitem(_HANDED, "model", model)
        return model

    return use


_HANDED: dict[str, ScriptedModel] = {}


def hand_over() -> ScriptedModel:
    return _HANDED["model"]


@pytest.fixture
def run(db) -> Callable[..., RunResult]:
    """Runs a message: ``run("When do you open?", sender_verified=True)``."""

    def run(message: str, subject: str = "", **options) -> RunResult:
        return run_execute(RunRequest(scope="channel:test", subject=subject, message=message, **options))

    return run

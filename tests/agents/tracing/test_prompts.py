"""The prompts we ship, as MLflow's registry knows them."""

from pathlib import Path

import pytest
from django.apps import apps

from agents.prompts import FOLDER, NAMES
from agents.services import run_execute
from agents.tracing.preparing import ALIAS, DIGEST, _versions, prompts_register, tracing_prepare
from agents.types import RunRequest
from omnicqm.processes.addresses import free_ports
from tests.agents.scripted import ScriptedModel


def shipped(folder: Path, text: str, version: str = "1") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "task.txt").write_text(f"version: {version}\nvariables: name\n---\n{text} {{{{name}}}}\n")


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    settings.PROMPT_FOLDERS = {"test": tmp_path / "prompts"}
    shipped(tmp_path / "prompts", "Hello")
    return tmp_path / "prompts"


def in_production(mlflow):
    return mlflow.client.get_prompt_version_by_alias("omnicqm.test.task", ALIAS)


def folders_of_the_tree(root: Path) -> set[Path]:
    """Of our own apps: what is installed beside them may have folders of that name, too."""
    ours = {root / config.name.partition(".")[0] for config in apps.get_app_configs()}
    return {folder for app in ours for folder in app.rglob("prompts") if list(folder.glob("*.txt"))}


def test_every_folder_of_prompts_in_the_tree_is_registered(settings):
    assert set(settings.PROMPT_FOLDERS.values()) == folders_of_the_tree(settings.BASE_DIR)


def test_all_prompts_are_registered_once(mlflow, settings):
    files = [file for folder in folders_of_the_tree(settings.BASE_DIR) for file in folder.glob("*.txt")]
    assert (prompts_register(mlflow), prompts_register(mlflow)) == (len(files), len(files))
    known = {prompt.name for prompt in mlflow.client.search_prompts(max_results=1000)}
    assert len(known) == len(files), "no two have the same name"
    for name in NAMES:
        kept = mlflow.client.get_prompt_version_by_alias(f"omnicqm.agents.{name}", ALIAS)
        assert (int(kept.version), len(kept.tags[DIGEST])) == (1, 64)
        assert kept.template in (FOLDER / f"{name}.txt").read_text()
        assert len(_versions(mlflow.client, f"omnicqm.agents.{name}")) == 1


def test_a_changed_text_is_a_new_version_and_the_alias_moves(mlflow, folder):
    prompts_register(mlflow)
    shipped(folder, "Good morning", "2")
    prompts_register(mlflow)
    kept = in_production(mlflow)
    assert (int(kept.version), kept.template) == (2, "Good morning {{name}}")


def test_an_earlier_text_that_comes_back_is_pointed_at_again(mlflow, folder):
    prompts_register(mlflow)
    shipped(folder, "Good morning")
    prompts_register(mlflow)
    shipped(folder, "Hello")
    prompts_register(mlflow)
    assert int(in_production(mlflow).version) == 1
    assert len(_versions(mlflow.client, "omnicqm.test.task")) == 2


def test_without_a_registry_runs_go_on_and_the_failure_is_told(mlflow, settings, use_model, caplog):
    settings.MLFLOW_TRACKING_URI = f"http://127.0.0.1:{free_ports(1)[0]}"
    assert tracing_prepare() is False
    assert "tracing_not_ready" in caplog.text
    use_model(ScriptedModel())
    assert run_execute(RunRequest(scope="channel:test", subject="", message="Hello")).run_id


def test_preparing_makes_the_experiment_and_says_so(mlflow, caplog):
    caplog.set_level("INFO")
    assert tracing_prepare() is True
    assert "tracing_ready" in caplog.text
    assert mlflow.client.get_experiment_by_name("omnicqm").experiment_id == mlflow.experiment_id

"""One line of import: omnicqm.common <- knowledge <- agents <- conversations <- feedback <- analytics <- omnicqm."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.processes.directions import ROOMS, imports_in, room_of, upward
from tests.running import ROOT

# What settings need before Django is set up; these modules import no app.
SETTINGS_MAY_IMPORT = ("omnicqm.common.", "omnicqm.processes.addresses", "omnicqm.console.theme")

# What an app keeps to itself; those on its right use its services, selectors, types and errors.
PRIVATE = {"models", "tasks", "views", "consumers", "admin", "management", "api", "urls"}


def test_no_room_imports_one_on_its_right() -> None:
    assert [str(found) for found in upward(imports_in(ROOT))] == []


def test_an_app_uses_no_tables_and_no_doors_of_another() -> None:
    between_apps = range(1, len(ROOMS) - 1)  # the ground is everybody's, and the root puts all together
    taken = [
        str(found)
        for found in imports_in(ROOT)
        if (there := room_of(found.imported)) != (here := room_of(found.importer))
        if there in between_apps and here in between_apps and PRIVATE & set(found.imported.split("."))
    ]
    assert taken == []


def test_no_import_of_ours_hides_in_a_function() -> None:
    entrances = ("apps.py", "__main__.py")
    hidden = [str(found) for found in imports_in(ROOT) if found.hidden and found.file.name not in entrances]
    assert hidden == []


def test_settings_import_nothing_that_needs_them() -> None:
    foreign = [
        str(found)
        for found in imports_in(ROOT)
        if found.importer == "omnicqm.settings" and not found.imported.startswith(SETTINGS_MAY_IMPORT)
    ]
    assert foreign == []


def test_foreign_keys_point_left() -> None:
    ours = [model for model in apps.get_models() if room_of(model.__module__) is not None]
    wrong = [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model in ours
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model
        if (room_of(field.related_model.__module__) or 0) > (room_of(model.__module__) or 0)
    ]
    assert len(ours) > 10
    assert wrong == []


def test_migrations_depend_on_their_left() -> None:
    rooms = {config.label: room_of(config.name) for config in apps.get_app_configs()}
    migrations = MigrationLoader(None).disk_migrations.items()
    wrong = [
        f"{app}.{name} depends on {needed}"
        for (app, name), migration in migrations
        if rooms.get(app) is not None
        for needed, _ in [*migration.dependencies, *migration.run_before]
        if (rooms.get(needed) or 0) > (rooms[app] or 0)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("knowledge/search/rank.py", "import conversations.services"),
        ("knowledge/search/rank.py", "from conversations import services"),
        ("knowledge/search/rank.py", "def later():\n    from conversations.services import x"),
        ("knowledge/search/rank.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import omnicqm.console"),
        ("omnicqm/common/api/problems.py", "from ...console import home"),
        ("omnicqm/common/__init__.py", "from omnicqm import settings"),
    ],
)
def test_an_upward_import_is_seen_wherever_it_stands(tmp_path: Path, file: str, text: str) -> None:
    module = tmp_path / file
    module.parent.mkdir(parents=True)
    module.write_text(text)
    assert len(upward(imports_in(tmp_path))) == 1


def test_web_processes_load_no_models_and_no_client_of_aws() -> None:
    """They answer pages; what thinks is loaded by the worker, when it is used."""
    start = "import django; django.setup(); import omnicqm.urls, omnicqm.asgi, sys; print(*sys.modules)"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", start], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert {"omnicqm.urls", "boto3", "onnxruntime"} & set(done.stdout.decode().split()) == {"omnicqm.urls"}


def test_imports_from_the_left_and_the_same_room_are_fine(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "loop.py").write_text(
        "import json\nfrom agents import models\nfrom omnicqm.common import ids\nfrom . import tools\nimport knowledge"
    )
    assert upward(imports_in(tmp_path)) == []

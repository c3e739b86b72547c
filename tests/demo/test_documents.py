"""What README and guides promise exists."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from omnicqm.common.ids import IdField

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_exists(page):
    named = set(re.findall(r"manage\.py`?:? `?([a-z_]+)", page.read_text()))
    assert named <= {*get_commands(), "makemigrations"}


def test_every_target_of_make_named_exists():
    named = set(re.findall(r"make (run|test|check|fix|bench|[a-z]+)`", (ROOT / "README.md").read_text()))
    makefile = (ROOT / "Makefile").read_text()
    assert named
    assert [target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


def test_every_folder_of_the_map_exists():
    block = (ROOT / "README.md").read_text().split("## The map of the house")[1].split("```")[1]
    parent, missing = ROOT, []
    for line in block.splitlines():
        for name in re.findall(r"(?<![\w/])([a-z]+/)(?= |$)", line.split("  ")[0] + " "):
            inner = line.startswith(("├", "└"))
            folder = (parent if inner else ROOT) / name
            if not folder.is_dir():
                missing.append(str(folder.relative_to(ROOT)))
            if not inner:
                parent = folder
    assert missing == []


@pytest.mark.parametrize("image", sorted((ROOT / "docs" / "images").glob("*")), ids=lambda image: image.name)
def test_pictures_are_small(image):
    assert image.suffix == ".png"
    assert image.stat().st_size <= 300 * 1024


def test_the_glossary_knows_the_prefix_of_every_id():
    ours = [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, IdField)]
    prefixes = {field.prefix for field in ours}
    section = (ROOT / "docs" / "glossary.md").read_text().split("## Prefixes of ids")[1]
    assert prefixes == set(re.findall(r"`([a-z]{3})`", section))

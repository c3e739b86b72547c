"""Prompts as versioned text files with strict variables.

A file ``gather.txt`` starts with a head of ``name: value`` lines, closed by a line ``---``: its version and the names
of its variables, which stand in the text as ``{{name}}``. The loader refuses a text whose variables differ from those
declared; filling refuses missing and unknown values. `PromptSet.digest` is stored on every run, so an answer leads
back to its exact prompts.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from agents.errors import PromptInvalid

FOLDER = Path(__file__).parent
MOST_FOLDERS = 100
NAMES = ("system", "gather", "assess", "compose", "repair")
_VARIABLE = re.compile(r"{{(\w+)}}")


@dataclass(frozen=True)
class Prompt:
    name: str
    version: str
    variables: frozenset[str]
    text: str

    def fill(self, **values: str) -> str:
        """The text with its variables replaced. Raises `PromptInvalid` for a missing or an unknown variable."""
        if wrong := self.variables ^ values.keys():
            raise PromptInvalid(f"Prompt '{self.name}' does not agree on: {', '.join(sorted(wrong))}.", param=self.name)
        return _VARIABLE.sub(lambda match: values[match[1]], self.text) if values else self.text


@dataclass(frozen=True)
class PromptSet:
    prompts: Mapping[str, Prompt]
    digest: str

    @property
    def version(self) -> str:
        return "-".join(prompt.version for prompt in self.prompts.values())

    def fill(self, prompt: str, **values: str) -> str:
        return self.prompts[prompt].fill(**values)


def prompt_parse(name: str, source: str) -> Prompt:
    """Read one prompt file. Raises `PromptInvalid` that names the file and what is wrong with its head or variables."""
    head, separator, text = source.partition("\n---\n")
    fields = dict(re.findall(r"^(\w+):[ \t]*(.*)$", head, re.MULTILINE))
    if not separator or fields.keys() != {"version", "variables"}:
        raise PromptInvalid(f"Prompt '{name}' needs a head with version and variables, then ---.", param=name)
    declared = frozenset(re.findall(r"\w+", fields["variables"]))
    if wrong := declared ^ set(_VARIABLE.findall(text)):
        raise PromptInvalid(f"Prompt '{name}' declares other variables than it uses: {sorted(wrong)}.", param=name)
    return Prompt(name, fields["version"].strip(), declared, text.strip())


@cache
def prompts_load(folder: Path = FOLDER, names: tuple[str, ...] = NAMES) -> PromptSet:
    """The prompts `names` of `folder`, by default those of runs. Raises `PromptInvalid` when one is missing or
    malformed."""
    return _load({name: folder / f"{name}.txt" for name in names})


def prompt_folders() -> dict[str, Path]:
    """Prompts that may be tried out, by name: the folders in `settings.PROMPTS_FOLDER`. No customer is answered with
    them."""
    place = Path(settings.PROMPTS_FOLDER)
    found = [folder for folder in sorted(place.iterdir()) if folder.is_dir()] if place.is_dir() else []
    return {folder.name: folder for folder in found[:MOST_FOLDERS]}


def prompts_try(name: str) -> PromptSet:
    """The prompts of the folder `name` as its files are now; what it does not have is as it is in use.

    Raises `PromptInvalid` for an unknown folder and a malformed file.
    """
    folder = prompt_folders().get(name)
    if folder is None:
        raise PromptInvalid(f"There is no folder '{name}' in {settings.PROMPTS_FOLDER}.", param="prompts")
    tried = {prompt: folder / f"{prompt}.txt" for prompt in NAMES}
    return _load({name: path if path.exists() else FOLDER / path.name for name, path in tried.items()})


def _load(files: Mapping[str, Path]) -> PromptSet:
    sources = {name: _read(path) for name, path in files.items()}
    digest = hashlib.sha256("\0".join(sources.values()).encode()).hexdigest()
    return PromptSet({name: prompt_parse(name, source) for name, source in sources.items()}, digest)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptInvalid(f"The prompt file {path.name} cannot be read.", param=path.stem) from error

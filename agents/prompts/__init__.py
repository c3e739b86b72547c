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

from agents.errors import PromptInvalid

FOLDER = Path(__file__).parent
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
    sources = {name: _read(folder / f"{name}.txt") for name in names}
    digest = hashlib.sha256("\0".join(sources.values()).encode()).hexdigest()
    return PromptSet({name: prompt_parse(name, source) for name, source in sources.items()}, digest)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptInvalid(f"The prompt file {path.name} cannot be read.", param=path.stem) from error

"""What the chat says of its own accord, in every language it speaks.

One file a language: `page` is said by pages from the server, `script` by the page's own JavaScript, `error` by code
what went wrong, `notice` what stands in the thread as a message. English is the original; a test holds the others
against it.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation.trans_real import parse_accept_lang_header

from omnicqm.common.errors import OmniError

FOLDER = Path(__file__).parent
DEFAULT = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "ar": "العربية"}  # each as its speakers call it
_RIGHT_TO_LEFT = frozenset({"ar"})


@cache
def words_of(language: str) -> Mapping[str, Mapping[str, str]]:
    """The words of one of `LANGUAGES`, by part and name."""
    return json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))


def word(language: str, part: str, name: str, **values: Any) -> str:
    """One text with its ``{values}`` filled in. Raises `KeyError` for one that does not exist."""
    return words_of(language)[part][name].format(**values)


def error_text(language: str, error: OmniError) -> str:
    """What went wrong, as a customer reads it: the error's own sentence in English, else that of its code."""
    if language == DEFAULT:
        return error.message
    texts = words_of(language)["error"]
    return texts.get(error.code) or texts["error"]


def direction_of(language: str) -> str:
    """``ltr`` or ``rtl``, as HTML has it."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def language_known(code: str) -> str:
    """The one of `LANGUAGES` that `code` (``de-AT``, ``ar``) means; empty when there is none."""
    main = code.lower().replace("_", "-").partition("-")[0]
    return main if main in LANGUAGES else ""


def language_accepted(header: str) -> str:
    """The first of `LANGUAGES` that an ``Accept-Language`` header asks for; English when it asks for none."""
    wanted = parse_accept_lang_header(header[:500].lower())
    return next((known for code, _ in wanted if (known := language_known(code))), DEFAULT)

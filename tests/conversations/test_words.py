"""The words of the chat in every language: all there, with the same places to fill in."""

import gzip
import re
from pathlib import Path

import pytest

from conversations.chat.views.thread import SCRIPT_MODULES
from conversations.words import DEFAULT, LANGUAGES, direction_of, error_text, language_accepted, word, words_of
from omnicqm.common.errors import InvalidInput, RateLimited
from tests.running import ROOT

OTHERS = [language for language in LANGUAGES if language != DEFAULT]


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("part", ["page", "script", "notice"])
def test_nothing_is_left_untranslated(language, part):
    original, translated = words_of(DEFAULT)[part], words_of(language)[part]
    assert original.keys() == translated.keys()
    same = {name for name in original if original[name] and original[name] == translated[name]}
    assert same <= {"chat", "app"}


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_filled_in_stands_in_every_language(language):
    for part in ("page", "script", "notice"):
        for name, text in words_of(DEFAULT)[part].items():
            places = sorted(re.findall(r"\{\w+\}", text))
            assert sorted(re.findall(r"\{\w+\}", words_of(language)[part][name])) == places, name


def test_errors_are_known_by_the_same_codes_in_every_language():
    assert len({frozenset(words_of(language)["error"]) for language in OTHERS}) == 1


def test_every_word_that_a_page_or_script_asks_for_is_there_and_every_one_there_is_asked_for():
    templates = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    views = "".join(path.read_text() for path in (ROOT / "conversations" / "chat").rglob("*.py"))
    asked = set(re.findall(r"""\{% word ["'](\w+)""", templates))
    asked |= set(re.findall(r"""["']page["'], ["'](\w+)["']""", views)) | set(re.findall(r'title="(\w+)"', views))
    asked |= set(re.findall(r'words = \{"\w+": "(\w+)"\}', views))
    assert asked == words_of(DEFAULT)["page"].keys()
    scripts = "".join(path.read_text() for path in (ROOT / "static" / "chat").glob("*.js"))
    said = set(re.findall(r"(?<!/)\bwords\.(\w+)", scripts)) | set(re.findall(r'\bsay\("(\w+)"', scripts))
    assert said - {"errors"} == words_of(DEFAULT)["script"].keys()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr-FR, ar;q=0.8, de;q=0.7", "ar"),
        ("fr", "en"),
        ("*", "en"),
        ("de;q=x, " + "en," * 2000, "en"),
    ],
)
def test_the_browser_chooses(header, language):
    assert language_accepted(header) == language


def test_arabic_is_read_from_the_right():
    assert [direction_of(language) for language in ("en", "de", "ar")] == ["ltr", "ltr", "rtl"]


def test_an_error_is_told_in_its_own_words_or_by_its_code():
    assert error_text("en", RateLimited("Wait a minute.")) == "Wait a minute."
    assert error_text("de", RateLimited("Wait a minute.")) == words_of("de")["error"]["rate_limited"]
    assert error_text("ar", InvalidInput("No.", code="never_heard_of")) == words_of("ar")["error"]["error"]


def test_a_word_that_does_not_exist_is_an_error():
    with pytest.raises(KeyError):
        word("en", "page", "nonsense")


def test_every_module_of_the_page_is_preloaded():
    here = {path.name for path in (ROOT / "static" / "chat").glob("*.js")}
    assert here - {"chat.js", "voice_worklet.js"} == set(SCRIPT_MODULES)


def test_the_scripts_stay_small():
    """60 KB of our own, as they are sent."""
    scripts = (ROOT / "static" / "chat").glob("*.js")
    assert sum(len(gzip.compress(Path(path).read_bytes())) for path in scripts) < 60_000

"""Which language a message is written in: a statistical identifier, checked against English function words."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from agents.words import STOP_WORDS, words_in

ENGLISH = "en"
MIN_PROBABILITY = 0.6
MAX_ENGLISH_SHARE = 0.34  # of function words; "was", "in" and "so" are words elsewhere too
MAX_CHARS = 4_000
# Languages customers write in. Creoles and Latin, which short English resembles, are left out.
_CODES = (
    "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nl no pl pt ro ru sk sl sr sv th tr uk vi zh"
)
# Also words of other languages, so no sign of English.
_SHARED = "a am an as die do has he in is just me more no not on or per plan so to too was we will"
_ENGLISH_ONLY = STOP_WORDS - set(_SHARED.split())
_LETTER = re.compile(r"[^\W\d_]")


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CODES.split())
    return identifier


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language of `text`; English when there is too little to tell."""
    excerpt = re.sub(r"\S*(?:://|@)\S*", " ", text[:MAX_CHARS])
    if len(_LETTER.findall(excerpt)) < 3:
        return ENGLISH
    language, probability = _identifier().classify(excerpt.lower())
    if language == ENGLISH or probability < MIN_PROBABILITY or _english_share(excerpt) > MAX_ENGLISH_SHARE:
        return ENGLISH
    return str(language)


def _english_share(text: str) -> float:
    words = words_in(text)
    english = [word for word in words if word.split("'")[0] in _ENGLISH_ONLY]
    return len(english) / len(words) if words else 0.0

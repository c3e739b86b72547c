"""What Transcribe says, read as our words. Every field beyond the words themselves may be missing."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from conversations.speech.errors import SpeechUnavailable
from conversations.speech.spoken import fillers_drop
from conversations.speech.types import Transcript, Word


def heard_live(results: Iterable[Mapping[str, Any]], *, language: str, duration_s: float, model: str) -> Transcript:
    """From the results of a stream that are not partial."""
    items = [item for result in results for item in _alternative(result).get("Items") or ()]
    spoken = [(_live_word(item), item.get("Type") == "punctuation") for item in items]
    if not items:  # words without items: their confidence is not known
        text = " ".join(str(_alternative(result).get("Transcript", "")) for result in results).strip()
        return Transcript(text, (), language, duration_s, model)
    return _transcript(spoken, language, duration_s, model)


def heard_partial(results: Iterable[Mapping[str, Any]]) -> str:
    return " ".join(filter(None, (str(_alternative(result).get("Transcript", "")) for result in results)))


def heard_batch(file: bytes, *, duration_s: float, model: str, language: str) -> Transcript:
    """From the file that a job wrote, in which numbers are texts. Raises `SpeechUnavailable` when it is none."""
    try:
        results = json.loads(file)["results"]
        spoken = [(_batch_word(item), item.get("type") == "punctuation") for item in results["items"]]
        language = str(results.get("language_code") or language)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise SpeechUnavailable("garbled") from error
    return _transcript(spoken, language, duration_s, model)


def _transcript(spoken: list[tuple[Word, bool]], language: str, duration_s: float, model: str) -> Transcript:
    kept = fillers_drop(word for word, is_mark in spoken if not is_mark)
    stays = {id(word) for word in kept}
    text = "".join(
        word.text if is_mark else f" {word.text}" for word, is_mark in spoken if is_mark or id(word) in stays
    )
    return Transcript(text.strip().lstrip(",. "), tuple(kept), language, duration_s, model)


def _alternative(result: Mapping[str, Any]) -> Mapping[str, Any]:
    alternatives = result.get("Alternatives") or [{}]
    return alternatives[0]


def _live_word(item: Mapping[str, Any]) -> Word:
    return Word(
        str(item.get("Content", "")),
        _confidence(item.get("Confidence")),
        _seconds(item.get("StartTime")),
        _seconds(item.get("EndTime")),
    )


def _batch_word(item: Mapping[str, Any]) -> Word:
    best = item["alternatives"][0]
    return Word(
        str(best["content"]),
        _confidence(best.get("confidence")),
        _seconds(item.get("start_time")),
        _seconds(item.get("end_time")),
    )


def _confidence(told: Any) -> float | None:
    if told is None:
        return None
    value = float(told)
    return round(value, 4) if 0 <= value <= 1 else None


def _seconds(told: Any) -> float:
    return round(float(told), 3) if told is not None else 0.0

"""How well the embedded engine hears: word error rate, and what its confidence is worth.

    python benchmarks/voice.py [--data FOLDER] [--show]

Hears the clips of the shared test data, and, where flite is installed (Debian: apt install flite), sentences a customer
might say in three of its voices. Prints the word error rate of each group (substitutions, insertions and deletions over
the words said; "mister" and "mr" are one word, numbers count as they are written) and seconds of processor and
waiting per second of sound. Then, for several thresholds of doubt, how many of the words heard wrong and how many of
those heard right are doubtful. Exit code 1 above 45 % on the clips: the engine, its options or the way to it broke.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from conversations.speech.audio.decoding import audio_decode
from conversations.speech.doubt import doubtful_spans
from conversations.speech.providers.local.provider import transcript_make
from conversations.speech.types import Transcript
from tests.conversations.speech.hearing import distance, words_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "voice"
MOST_ERRORS = 0.45
VOICES = ("slt", "rms", "awb")
SENTENCES = (
    "how long do i have to return an unused item",
    "what does room delivery cost and how long does it take",
    "where is my order",
    "i would like to speak to a person",
    "can i pay in three monthly instalments",
    "the leg of my oak table is broken and i want a spare part",
    "please cancel my order",
    "do you have a gift card for fifty pounds",
    "my account number is four seven one one nine two",
)
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.6)


@dataclass(frozen=True)
class Clip:
    group: str
    said: str
    file: Path


@dataclass(frozen=True)
class Outcome:
    clip: Clip
    heard: Transcript
    seconds: float

    @property
    def errors(self) -> int:
        return distance(words_of(self.clip.said), words_of(self.heard.text))


def clips(data: Path, folder: Path) -> Iterator[Clip]:
    if (data / "transcripts.jsonl").is_file():
        for line in (data / "transcripts.jsonl").read_text().splitlines():
            row = json.loads(line)
            group = "clips, read sentences" if "austen" in row["file"] else "clips, short commands"
            yield Clip(group, row["text"], data / row["file"])
    else:
        print(f"no clips at {data}")
    if shutil.which("flite") is None:
        print("flite is not installed: no made sentences")
        return
    for voice in VOICES:
        for number, sentence in enumerate(SENTENCES):
            file = folder / f"{voice}-{number}.wav"
            subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", str(file)], check=True)
            yield Clip(f"flite, voice {voice}", sentence, file)


def hear(clip: Clip) -> Outcome:
    pcm = audio_decode(clip.file.read_bytes(), most_seconds=60, most_bytes=2**24)
    started = time.monotonic()
    heard = transcript_make(pcm)
    return Outcome(clip, heard, time.monotonic() - started)


def errors_print(found: list[Outcome]) -> float:
    """The table by group; returns the share of errors on the clips."""
    print(f"\n{'group':28}{'recordings':>11}{'words':>7}{'errors':>8}{'WER':>8}{'waited per s':>14}")
    groups = list(dict.fromkeys(outcome.clip.group for outcome in found))
    for name, rows in [(group, [row for row in found if row.clip.group == group]) for group in groups]:
        _row_print(name, rows)
    for prefix in ("clips", "flite"):
        if rows := [row for row in found if row.clip.group.startswith(prefix)]:
            _row_print(f"{prefix}, all", rows)
    rows = [row for row in found if row.clip.group.startswith("clips")]
    return sum(row.errors for row in rows) / max(sum(len(words_of(row.clip.said)) for row in rows), 1)


def _row_print(name: str, rows: list[Outcome]) -> None:
    words, errors = sum(len(words_of(row.clip.said)) for row in rows), sum(row.errors for row in rows)
    waited = sum(row.seconds for row in rows) / sum(row.heard.duration_s for row in rows)
    print(f"{name:28}{len(rows):11}{words:7}{errors:8}{errors / words:8.1%}{waited:14.2f}")


def doubt_print(found: list[Outcome]) -> None:
    print(f"\n{'doubtful below':16}{'of wrong words':>16}{'of right words':>16}{'recordings asked for':>22}")
    for below in THRESHOLDS:
        wrong, right = [0, 0], [0, 0]
        asked = 0
        for outcome in found:
            spans = doubtful_spans(outcome.heard.text, outcome.heard.words, below=below)
            asked += bool(spans)
            for is_right, is_doubtful in _judged(outcome, spans):
                counted = right if is_right else wrong
                counted[0] += is_doubtful
                counted[1] += 1
        shares = [counted[0] / max(counted[1], 1) for counted in (wrong, right)]
        print(f"{below:<16}{shares[0]:16.0%}{shares[1]:16.0%}{asked / len(found):22.0%}")


def _judged(outcome: Outcome, spans: list) -> Iterator[tuple[bool, bool]]:
    """For every word heard: whether it was said, whether it is doubtful."""
    heard = words_of(outcome.heard.text)
    blocks = SequenceMatcher(None, words_of(outcome.clip.said), heard, autojunk=False).get_matching_blocks()
    said = {at for block in blocks for at in range(block.b, block.b + block.size)}
    position = 0
    for number, word in enumerate(outcome.heard.text.split()):
        start = outcome.heard.text.index(word, position)
        position = start + len(word)
        yield number in said, any(span.start <= start < span.end for span in spans)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--show", action="store_true", help="what was said and heard")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = [hear(clip) for clip in clips(options.data, Path(folder))]
    if not found:
        return
    for outcome in found if options.show else ():
        print(f"{outcome.clip.group}\n  said   {outcome.clip.said}\n  heard  {outcome.heard.text}")
    share = errors_print(found)
    doubt_print(found)
    if share > MOST_ERRORS:
        sys.exit(1)


if __name__ == "__main__":
    main()

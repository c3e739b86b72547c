"""How good a summary is, in numbers.

ROUGE and BLEU say how near it is to what people wrote, where they wrote something. Support says how much of its weakest
statement its events bear out: the engine's own measure, and the judge here until one judges summaries.
"""

import importlib
import re
import statistics
from collections.abc import Sequence
from typing import Any

from omnicqm.common.errors import ConfigurationError

ROUGE = ("rouge1", "rouge2", "rougeL")
_LABEL = re.compile(r"^(?:Problem|Outcome|Open|Mood|Note): ", re.MULTILINE)
_SOURCE = re.compile(r" \(\d{1,2} \w+(?: \d{4})?, [^()\n]*\)$", re.MULTILINE)


def plain(text: str) -> str:
    """A summary as people write them: without the overview, the labels and where each statement is from."""
    _, _, statements = text.partition("\n")
    return " ".join(_LABEL.sub("", _SOURCE.sub("", statements)).split())


def rouge_measure(text: str, references: Sequence[str]) -> dict[str, float]:
    """ROUGE-1, -2 and -L of `text`, F1, 0 to 1: the mean over `references`, which are one or more."""
    scorer = _library("rouge_score.rouge_scorer").RougeScorer(list(ROUGE), use_stemmer=True)
    scores = [scorer.score(reference, text) for reference in references]
    return {name: statistics.fmean(score[name].fmeasure for score in scores) for name in ROUGE}


def bleu_measure(texts: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """BLEU of a corpus, 0 to 100. Each text has one or more references."""
    most = max(map(len, references))
    streams = [[own[place] if place < len(own) else None for own in references] for place in range(most)]
    return float(_library("sacrebleu").corpus_bleu(list(texts), streams).score)


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigurationError(
            f"Comparing with references needs {name.split('.')[0]}; it is in requirements-dev.txt.", param="references"
        ) from error

"""The grammar's lexicon of this installation: the catalogue with the values that its dimensions take now."""

from functools import lru_cache

from analytics.analyst.grammar.lexicon import Lexicon, lexicon_make
from analytics.catalogue.dimensions import DIMENSIONS
from analytics.catalogue.values import dimension_values

MOST_VALUES = 300  # of one dimension; who has more names them in a filter of their own
_Frozen = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def lexicon_now() -> Lexicon:
    values = {name: dimension_values(dimension) for name, dimension in DIMENSIONS.items()}
    return _made(tuple((name, tuple(labels.items())[:MOST_VALUES]) for name, labels in values.items()))


@lru_cache(maxsize=4)
def _made(values: _Frozen) -> Lexicon:
    return lexicon_make({name: dict(labels) for name, labels in values})

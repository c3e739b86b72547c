"""HTML that would keep a parser busy for minutes: anybody may send us mail.

Parsers take time in length times depth, in the square of the attributes of one tag, and repeat every formatting element
that is still open in each new paragraph. No honest mail comes near these limits.
"""

import re

MAX_DEPTH = 2_000
MAX_FORMATTING_DEPTH = 60
MAX_ATTRIBUTES = 1_000
_READINGS = 20  # times each character may be looked at: tags that begin inside of others are read again

# Elements that nest for sure: <p>, <li> and <td> are often left open and close by themselves.
_NESTING = re.compile(
    r"<(/?)(?!/)(?!(?:p|br|li|td|tr|th|dt|dd|hr|img|meta|link|base|input|col|o:p|option|wbr)\b)([a-z]\w*)", re.I
)
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_TAG_START = re.compile(r"<(?=[a-z])", re.I)
# A tag as the HTML standard reads it, up to so many attributes; without ">" at the end there are more.
_ATTRIBUTE = r"[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
_TAG = re.compile(rf"<[^\s/>]++(?:{_ATTRIBUTE}){{0,{MAX_ATTRIBUTES}}}+[\s/]*+(>?)")


def html_is_heavy(html: str) -> bool:
    """Whether `html` should not be given to a parser."""
    return _nests_deeply(html) or _has_many_attributes(html)


def _nests_deeply(html: str) -> bool:
    depth = formatting = 0
    for match in _NESTING.finditer(html):
        step = -1 if match[1] else 1
        depth += step
        if match[2].lower() in _FORMATTING:
            formatting = max(formatting + step, 0)
        if depth > MAX_DEPTH or formatting > MAX_FORMATTING_DEPTH:
            return True
    return False


def _has_many_attributes(html: str) -> bool:
    """Reads a tag at every place where one may begin: which of them are real, only a parser would know."""
    read = 0
    for start in _TAG_START.finditer(html):
        tag = _TAG.match(html, start.start())
        if tag is None:
            continue
        read += tag.end() - tag.start()
        if (not tag[1] and tag.end() < len(html)) or read > _READINGS * len(html):
            return True
    return False

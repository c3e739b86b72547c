"""Delimited blocks: the only way untrusted text reaches a model.

A block is ``<untrusted kind="customer_message">…</untrusted>``. Whatever in the text looks like a delimiter of ours
is disarmed, so a text cannot close its block and speak as somebody else. Facts of ours travel as
``<facts>{json}</facts>``.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_DELIMITER = re.compile(r"<(?=\s*/?\s*(?:untrusted|facts|task)\b)", re.IGNORECASE)
_DISARMED = re.compile(r"&lt;(?=\s*/?\s*(?:untrusted|facts|task)\b)", re.IGNORECASE)
_BLOCK = re.compile(r"<untrusted (?P<attributes>[^>\n]*)>\n(?P<text>.*?)\n</untrusted>", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"\n]*)"')
_FACTS = re.compile(r"<facts>(?P<json>.*?)</facts>", re.DOTALL)


@dataclass(frozen=True)
class Block:
    kind: str
    attributes: Mapping[str, str]
    text: str


def block_wrap(kind: str, text: str, **attributes: str) -> str:
    """`text` as a block of `kind`; attribute values are escaped, delimiters inside the text disarmed."""
    head = " ".join(f'{name}="{_escaped(value)}"' for name, value in {"kind": kind, **attributes}.items())
    disarmed = _DELIMITER.sub("&lt;", text) if "<" in text else text
    return f"<untrusted {head}>\n{disarmed}\n</untrusted>"


@lru_cache(maxsize=1_000)  # channels, authors and numbers: the same ones over and over
def _escaped(value: str) -> str:
    return html.escape(" ".join(value.split()))


def blocks_parse(text: str) -> list[Block]:
    """The blocks of `text`, in order, with their texts as they were before wrapping."""
    return [_block(match) for match in _BLOCK.finditer(text)]


def _block(match: re.Match[str]) -> Block:
    attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(match["attributes"])}
    return Block(attributes.pop("kind", ""), attributes, _DISARMED.sub("<", match["text"]))


def facts_wrap(facts: Mapping[str, Any]) -> str:
    """Trusted facts of ours for the model, as one line of JSON."""
    line = json.dumps(facts, sort_keys=True).replace("<", "\\u003c")
    return f"<facts>{line}</facts>"


def facts_parse(text: str) -> dict[str, Any]:
    """All facts of `text` that stand outside blocks; later ones replace earlier ones."""
    facts: dict[str, Any] = {}
    for match in _FACTS.finditer(_BLOCK.sub("", text)):
        facts.update(json.loads(match["json"]))
    return facts

"""Links in a reply: whatever a mail program, a chat page or a person would follow, however it is written."""

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from agents.errors import GuardHit
from agents.tools import Entry

SCHEMES = ("http", "https", "mailto", "tel")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]+)")  # of Markdown, relative ones too
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,20}://|(?:mailto|tel|sms|javascript|vbscript|data|file|blob|callto):|www\.)[^\s)\]>\"']+"
    r"|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{0,190}\w"
    rf"|(?<![\w@.-])(?!\d+\.[^\W\d_]+(?![\w.-]))(?:{_LABEL}\.)*(?:[^\W_][\w-]{{0,61}}[^\W_]|(?-i:[a-z0-9]))\."
    r"(?:[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w-])(?:[:/?#][^\s)\]>\"']*)?",
    re.IGNORECASE,
)
_DOTS = str.maketrans("。｡", "..")  # a browser takes them for full stops
_SPELLED = re.compile(r"\s?[\[({](?:\.|dot|punkt)[\])}]\s?", re.IGNORECASE)


def links_check(unit: str, passages: Sequence[Entry]) -> None:
    """Links, addresses and bare host names stand in what is cited, or lead to a host that settings allow."""
    known = frozenset[str]().union(*(_known(passage.text) for passage in passages))
    if not all(_may_stay(link, known) for link in links_in(unit)):
        raise GuardHit("The reply holds a link that no cited passage has.")


def links_in(text: str) -> list[str]:
    """Every link of `text` (Markdown), also where letters are encoded, spelled out or from another alphabet's forms."""
    plain = _SPELLED.sub(".", unicodedata.normalize("NFKC", html.unescape(text)).translate(_DOTS))
    found = [*_TARGET.findall(plain), *_LINK.findall(plain)]
    return [link.rstrip(".,;:!?*_") for link in found]


def _may_stay(link: str, known: frozenset[str]) -> bool:
    scheme = _SCHEME.match(link)
    if scheme and "://" in link and scheme[1].lower() not in SCHEMES:
        return False
    return _bare(link) in known or _host(link) in settings.REPLY_LINK_HOSTS


@lru_cache(maxsize=256)
def _known(text: str) -> frozenset[str]:
    """The links of a text, and the hosts they lead to."""
    links = links_in(text)
    return frozenset(map(_bare, links)) | frozenset(host for link in links if "@" not in link and (host := _host(link)))


def _bare(link: str) -> str:
    """`link` without what makes no difference: its scheme, the letter case of its host."""
    rest = re.sub(r"^(?:https?://|mailto:)", "", link, flags=re.IGNORECASE).rstrip("/")
    end = re.search(r"[/?#]", rest)
    cut = end.start() if end else len(rest)
    return rest[:cut].lower() + rest[cut:]


def _host(link: str) -> str:
    """Where `link` leads as a browser reads it; empty for what is no web or mail address."""
    rest = link.replace("\\", "/").removeprefix("mailto:")
    if "@" in rest and "/" not in rest and "?" not in rest:
        return rest.rpartition("@")[2].lower()
    try:
        parts = urlsplit(rest if "://" in rest else f"//{rest}")
    except ValueError:
        return ""
    return (parts.hostname or "").lower() if parts.username is None else ""

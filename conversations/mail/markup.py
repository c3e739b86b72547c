"""The visible text of an HTML mail, with what is quoted marked as such.

Marks are characters of Unicode's private use area: they survive as text and nobody types them.
"""

import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser, LexborNode

from conversations.mail.weight import html_is_heavy

QUOTED = "\ue000"  # opens a quoted line
THREAD = "\ue001"  # a line of its own: from here on, the mails before this one
_MARKS = re.compile(f"[{QUOTED}{THREAD}]")

_TAG = re.compile(r"<[^<>]{0,2000}>")

_UNSEEN = {"head", "style", "script", "title", "template", "noscript", "base", "iframe", "object", "svg", "select"}
_LINES = {"div", "tr", "li", "dt", "dd", "address", "article", "section", "header", "footer", "center", "form", "hr"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "table", "pre"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.I)
# Templates set this on tables and give their text a size again: it hides only where text stands directly.
_VANISHING = re.compile(r"font-size\s*:\s*0(?![.\d])", re.I)
_TEXT_HOLDERS = {"span", "font", "p", "a", "b", "i"}
_BORDER_ABOVE = re.compile(r"border-top[a-z-]{0,20}\s{0,9}:[^;]{0,80}(?:solid|rgb|#|\d)", re.I)
_HEADER_START = re.compile(r"\s*[^\W\d_][^\n:]{0,24}:")

_QUOTE_NAMES = re.compile(r"yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra\b|__QUOTED_TEXT__")
_THREAD_NAMES = re.compile(
    r"divRplyFwdMsg|OLK_SRC_BODY_SECTION|mail-editor-reference-message|mobile-reference-message|OutlookMessageHeader"
)
_SIGNATURE_NAMES = re.compile(
    r"gmail_signature|\bSignature$|moz-signature|signature_block|outlook-mobile-signature|AppleMailSignature"
)


def marks_remove(text: str) -> str:
    """`text` without the characters this module uses as marks."""
    return _MARKS.sub("", text)


def html_text(html: str, *, signatures: bool = True) -> str:
    """The visible text of `html`. Quoted lines start with `QUOTED`; a line of `THREAD` opens the mails before this one.

    With `signatures` false, what the mail program marks as a signature is left out.
    """
    html = marks_remove(html)
    if html_is_heavy(html):
        return tags_strip(html)
    root = LexborHTMLParser(html).root
    layout = _Layout()
    hidden = 0
    for node, entering in _walk(root) if root is not None else ():
        if hidden:
            hidden = 0 if node.mem_id == hidden and not entering else hidden
        elif not entering:
            layout.leave(node.tag or "")
        elif node.tag == "-text":
            layout.write(node.text_content or "")
        elif _is_unseen(node.tag, attributes := node.attributes) or (not signatures and _is_signature(attributes)):
            hidden = node.mem_id
        else:
            layout.enter(node, attributes)
    return layout.text()


def tags_strip(html: str) -> str:
    """The text of HTML that no parser should see: whatever looks like a tag is taken out."""
    return _TAG.sub(" ", html).strip()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node twice, entering and leaving, in document order. Without recursion: mails nest as deep as they like."""
    node: LexborNode | None = root
    while node is not None:
        yield node, True
        if node.child is not None:
            node = node.child
            continue
        yield node, False
        while node is not None and node.next is None:
            node = node.parent
            if node is not None:
                yield node, False
        node = node.next if node is not None else None


type Attributes = Mapping[str, str | None]


def _is_unseen(tag: str | None, attributes: Attributes) -> bool:
    if tag in _UNSEEN or "hidden" in attributes:
        return True
    style = attributes.get("style") or ""
    return bool(_HIDING.search(style) or (tag in _TEXT_HOLDERS and _VANISHING.search(style)))


def _is_signature(attributes: Attributes) -> bool:
    return "data-signatureblock" in attributes or bool(_SIGNATURE_NAMES.search(_names(attributes)))


def _names(attributes: Attributes) -> str:
    """What mail programs know an element by."""
    return " ".join(filter(None, (attributes.get("class"), attributes.get("data-marker"), attributes.get("id"))))


def _is_thread(node: LexborNode, attributes: Attributes) -> bool:
    """Whether the earlier mails start here. Outlook draws a line above "From: …" and gives the block no name."""
    if _THREAD_NAMES.search(_names(attributes)):
        return True
    if node.tag != "div" or not _BORDER_ABOVE.search(attributes.get("style") or ""):
        return False
    bold = node.css_first("b, strong")
    return bold is not None and bool(_HEADER_START.match(bold.text()))


class _Layout:
    """Text laid out in lines while a document is walked."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blocks: list[bool] = []  # for every open block, whether it quotes
        self._depth = 0  # of blocks that quote
        self._has_quoted = False
        self._preformatted = 0
        self._last_words = ""

    def enter(self, node: LexborNode, attributes: Attributes) -> None:
        tag = node.tag
        if tag == "br":
            self._line_end()
        elif tag in ("td", "th"):
            self._line += ["  "] if self._line else []
        elif tag in _LINES or tag in _PARAGRAPHS:
            self._block_start(node, attributes)

    def leave(self, tag: str) -> None:
        if tag in _LINES or tag in _PARAGRAPHS:
            self._line_close()
            self._depth -= self._blocks.pop()
            if tag in _PARAGRAPHS:
                self._blank_line()
            self._preformatted -= tag == "pre"

    def write(self, text: str) -> None:
        if self._preformatted:
            first, *others = text.split("\n")
            self._line.append(first)
            for line in others:
                self._line_end()
                self._line.append(line)
        elif words := " ".join(text.split()):
            self._line += [" " * text[0].isspace(), words, " " * text[-1].isspace()]
        elif text:
            self._line.append(" ")
        self._last_words = text.strip() or self._last_words

    def text(self) -> str:
        """Everything written so far."""
        self._line_close()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _block_start(self, node: LexborNode, attributes: Attributes) -> None:
        self._line_close()
        if node.tag in _PARAGRAPHS:
            self._blank_line()
        if _is_thread(node, attributes):
            self._lines.append(THREAD)
        self._blocks.append(self._quotes(node, attributes))
        self._depth += self._blocks[-1]
        self._has_quoted |= self._blocks[-1]
        if node.tag == "li":
            self._line.append("* ")
        self._preformatted += node.tag == "pre"

    def _quotes(self, node: LexborNode, attributes: Attributes) -> bool:
        """Gmail indents with a blockquote of the same name as it quotes with: a quote is announced by "… wrote:"."""
        if node.tag != "blockquote":
            return bool(_QUOTE_NAMES.search(_names(attributes)))
        is_indent = attributes.get("class") == "gmail_quote" and attributes.get("type") != "cite"
        return not is_indent or self._has_quoted or self._last_words.endswith(":")

    def _line_end(self) -> None:
        line = "".join(self._line) if self._preformatted else re.sub(" {3,}", "  ", "".join(self._line)).strip()
        self._lines.append(QUOTED + line if self._depth else line)
        self._line = []

    def _line_close(self) -> None:
        if "".join(self._line).strip():
            self._line_end()
        self._line = []

    def _blank_line(self) -> None:
        self._lines.append(QUOTED if self._depth else "")

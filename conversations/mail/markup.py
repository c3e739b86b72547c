"""The visible text of an HTML mail, with what is quoted marked as such.

Marks are characters of Unicode's private use area: they survive as text and nobody types them.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

QUOTED = "\ue000"  # opens a quoted line
THREAD = "\ue001"  # a line of its own: from here on, the mails before this one
_MARKS = re.compile(f"[{QUOTED}{THREAD}]")

_UNSEEN = {"head", "style", "script", "title", "template", "noscript", "base", "iframe", "object", "svg", "select"}
_LINES = {"div", "tr", "li", "dt", "dd", "address", "article", "section", "header", "footer", "center", "form", "hr"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "dl", "table", "pre"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?![.\d])", re.I)
_BORDER_ABOVE = re.compile(r"border-top[a-z-]*\s*:[^;]*(?:solid|rgb|#|\d)", re.I)
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
    root = LexborHTMLParser(marks_remove(html)).root
    layout = _Layout()
    hidden = 0
    for node, entering in _walk(root) if root is not None else ():
        if hidden:
            hidden = 0 if node.mem_id == hidden and not entering else hidden
        elif entering and (_is_unseen(node) or (not signatures and _SIGNATURE_NAMES.search(_names(node)))):
            hidden = node.mem_id
        elif entering:
            layout.enter(node)
        else:
            layout.leave(node)
    return layout.text()


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


def _is_unseen(node: LexborNode) -> bool:
    if node.tag in _UNSEEN or "hidden" in node.attributes:
        return True
    return bool(_HIDING.search(node.attributes.get("style") or ""))


def _names(node: LexborNode) -> str:
    """What mail programs know the element by."""
    attributes = node.attributes
    marked = "signature_block" if "data-signatureblock" in attributes else ""
    return " ".join(
        filter(None, (attributes.get("class"), attributes.get("data-marker"), attributes.get("id"), marked))
    )


def _is_thread(node: LexborNode) -> bool:
    """Whether the earlier mails start here. Outlook draws a line above "From: …" and gives the block no name."""
    if _THREAD_NAMES.search(_names(node)):
        return True
    if node.tag != "div" or not _BORDER_ABOVE.search(node.attributes.get("style") or ""):
        return False
    bold = node.css_first("b, strong")
    return bold is not None and bool(_HEADER_START.match(bold.text()))


class _Layout:
    """Text laid out in lines while a document is walked."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes: list[bool] = []
        self._preformatted = 0
        self._last_words = ""

    def enter(self, node: LexborNode) -> None:
        tag = node.tag
        if tag == "-text":
            self._write(node.text_content or "")
        elif tag == "br":
            self._line_end()
        elif tag == "td" or tag == "th":
            self._line += ["  "] if self._line else []
        elif tag in _LINES or tag in _PARAGRAPHS:
            self._block_start(node)

    def leave(self, node: LexborNode) -> None:
        tag = node.tag
        if tag in _LINES or tag in _PARAGRAPHS:
            self._line_close()
            if self._is_quote_block(node):
                self._quotes.pop()
            if tag in _PARAGRAPHS:
                self._blank_line()
            self._preformatted -= tag == "pre"

    def text(self) -> str:
        self._line_close()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip("\n")

    def _block_start(self, node: LexborNode) -> None:
        self._line_close()
        if node.tag in _PARAGRAPHS:
            self._blank_line()
        if _is_thread(node):
            self._lines.append(THREAD)
        if self._is_quote_block(node):
            self._quotes.append(self._quotes_other(node))
        if node.tag == "li":
            self._line.append("* ")
        self._preformatted += node.tag == "pre"

    def _is_quote_block(self, node: LexborNode) -> bool:
        return node.tag == "blockquote" or bool(_QUOTE_NAMES.search(_names(node)))

    def _quotes_other(self, node: LexborNode) -> bool:
        """Gmail indents with a blockquote of the same name as it quotes with: a quote is announced by "… wrote:"."""
        is_indent = node.attributes.get("class") == "gmail_quote" and node.attributes.get("type") != "cite"
        return not is_indent or any(self._quotes) or self._last_words.endswith(":")

    def _write(self, text: str) -> None:
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

    def _line_end(self) -> None:
        line = "".join(self._line) if self._preformatted else re.sub(" {3,}", "  ", "".join(self._line)).strip()
        self._lines.append(QUOTED + line if any(self._quotes) else line)
        self._line = []

    def _line_close(self) -> None:
        if "".join(self._line).strip():
            self._line_end()
        self._line = []

    def _blank_line(self) -> None:
        self._lines.append(QUOTED if any(self._quotes) else "")

"""HTML: the readable text of a page, without its menus, scripts and hidden parts."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from knowledge.parsing.lines import link_text
from knowledge.parsing.types import BlockWriter, Kind, Parsed, table_lines

_DROPPED = ["script", "style", "noscript", "template", "svg", "nav", "aside", "form", "iframe", "object", "select"]
_CHROME = "header, footer, [role=navigation], [role=banner], [role=contentinfo], [role=search]"
_HIDDEN = "[hidden], [aria-hidden=true], [style*='display:none'], [style*='display: none'], [style*='visibility:h']"
_BLOCK_LIST = """
    address article blockquote body caption center dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 hr
    li main ol p pre section summary table tbody td th thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_LIST.split())
_SPACES = re.compile(r"[ \t\r\n\f\u00a0]+")


def html_parse(text: str) -> Parsed:
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    page_title = _SPACES.sub(" ", title.text()).strip() if title else ""
    _clean(tree)
    reader = _Reader()
    if root := _main(tree):
        reader.read(root)
    parsed = reader.writer.parsed()
    # The first heading names the page better than <title>, which often carries the name of the site.
    return Parsed(parsed.title or page_title, parsed.blocks)


def _clean(tree: LexborHTMLParser) -> None:
    tree.strip_tags(_DROPPED)
    for node in tree.css(f"{_CHROME}, {_HIDDEN}"):
        if node.css_first("h1") is None or node.css_matches(_HIDDEN):  # a header with the page's heading stays
            node.decompose()


def _main(tree: LexborHTMLParser) -> LexborNode | None:
    """The page's own content where it is marked, else all of it."""
    marked = tree.css("main, [role=main]") or tree.css("article")
    return marked[0] if len(marked) == 1 else tree.body


class _Reader:
    """Walks the tree once, without recursion: pages nest deeper than Python's stack."""

    def __init__(self) -> None:
        self.writer = BlockWriter()
        self.buffer: list[str] = []
        self.lists: list[int | None] = []  # open lists: the next number of an ordered one
        self.items: list[str] = []
        self.links: list[tuple[int, str]] = []

    def read(self, root: LexborNode) -> None:
        steps = _walk(root)
        for node, entering in steps:
            tag = node.tag or ""
            if node.is_text_node:
                self.buffer.append(_SPACES.sub(" ", node.text_content or ""))
            elif tag == "table" and entering and not self.lists and _is_data(node):
                self.flush()
                self.writer.add(_table(node), Kind.TABLE)
                _skip(steps, node)
            elif tag == "pre" and entering and not self.lists:
                self.flush()
                self.writer.add(node.text(), Kind.CODE)
                _skip(steps, node)
            elif entering:
                self.enter(tag, node)
            else:
                self.leave(tag)
        self.flush()

    def enter(self, tag: str, node: LexborNode) -> None:
        if tag in _BLOCKS:
            self.flush()
        if tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else None)
        elif tag == "br":
            self.buffer.append("\n")
        elif tag == "img":
            self.buffer.append(node.attributes.get("alt") or "")
        elif tag == "a":
            self.links.append((len(self.buffer), node.attributes.get("href") or ""))
        elif tag in ("td", "th"):
            self.buffer.append(" ")

    def leave(self, tag: str) -> None:
        if tag == "a" and self.links:
            start, url = self.links.pop()
            self.buffer[start:] = [link_text("".join(self.buffer[start:]), url)]
        elif re.fullmatch("h[1-6]", tag):
            self.writer.heading(int(tag[1]), self.take())
        elif tag in _BLOCKS:
            self.flush()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            if not self.lists:
                self.writer.add("\n".join(self.items), Kind.LIST)
                self.items = []

    def take(self) -> str:
        lines = "".join(self.buffer).split("\n")
        self.buffer, self.links = [], []
        return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))

    def flush(self) -> None:
        text = self.take()
        if not text:
            return
        if not self.lists:
            self.writer.add(text)
            return
        number = self.lists[-1]
        self.items.append(f"{'  ' * (len(self.lists) - 1)}{f'{number}.' if number else '-'} {' '.join(text.split())}")
        if number:
            self.lists[-1] = number + 1


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Every node below `root` as (node, True) on the way in and, for elements, (node, False) on the way out."""
    stack: list[tuple[LexborNode, bool]] = [(root, True)]
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if entering and node.is_element_node:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(list(node.iter(include_text=True))))


def _skip(steps: Iterator[tuple[LexborNode, bool]], node: LexborNode) -> None:
    """Go on behind `node`, whose content has been read already."""
    for passed, entering in steps:
        if not entering and passed.mem_id == node.mem_id:
            return


def _is_data(table: LexborNode) -> bool:
    """Whether a table holds rows and columns, and is not there to lay out a page."""
    return table.css_first("table table, h1, h2, h3, ul, ol, p + p") is None and len(table.css("tr")) > 1


def _table(table: LexborNode) -> str:
    rows = table.css("tr")
    cells = [[cell.text(separator=" ") for cell in row.css("td, th")] for row in rows]
    headed = bool(rows) and rows[0].css_first("th") is not None and rows[0].css_first("td") is None
    return table_lines(cells, headed=headed)

"""Markdown and plain text. Plain text goes through the same block rules (lists, underlined headings), but keeps every
character of a line: a star in it is a star."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from selectolax.lexbor import LexborHTMLParser

from knowledge.parsing.lines import link_text, unwrap
from knowledge.parsing.types import BOLD_LENGTH, BOLD_LEVEL, BlockWriter, Kind, Parsed, table_lines

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_TEXT = MarkdownIt("commonmark").disable(["html_block", "reference", "code", "fence", "blockquote"])
_FRONT_MATTER = re.compile(r"---\n((?:[\w-]+:.*\n|[ \t#-].*\n|\n){1,100}?)---\n")
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.M)


def markdown_parse(text: str) -> Parsed:
    front = _FRONT_MATTER.match(text)
    title = _TITLE.search(front[1]) if front else None
    parsed = _Reader(markup=True).read(_MARKDOWN, text[front.end() :] if front else text)
    return Parsed(title[1].strip() if title else parsed.title, parsed.blocks)


def text_parse(text: str) -> Parsed:
    return _Reader(markup=False).read(_TEXT, text)


class _Reader:
    def __init__(self, *, markup: bool) -> None:
        self.markup = markup
        self.writer = BlockWriter()

    def read(self, parser: MarkdownIt, text: str) -> Parsed:
        self.blocks(SyntaxTreeNode(parser.parse(text)))
        return self.writer.parsed()

    def blocks(self, parent: SyntaxTreeNode) -> None:
        for node in parent.children:
            match node.type:
                case "heading":
                    self.writer.heading(int(node.tag[1]), self.inline(node))
                case "paragraph":
                    self.paragraph(node)
                case "bullet_list" | "ordered_list":
                    self.writer.add("\n".join(self.items(node, "")), Kind.LIST)
                case "table":
                    self.writer.add(table_lines(self.rows(node), headed=True), Kind.TABLE)
                case "fence" | "code_block":
                    self.writer.add(node.content, Kind.CODE)
                case "html_block":
                    self.writer.add(_visible(node.content))
                case "blockquote":
                    self.blocks(node)

    def paragraph(self, node: SyntaxTreeNode) -> None:
        text = self.inline(node)
        if self.markup and _is_bold(node) and len(text) <= BOLD_LENGTH:
            self.writer.heading(BOLD_LEVEL, text.rstrip(": "))
        else:
            self.writer.add(text)

    def items(self, node: SyntaxTreeNode, indent: str) -> Iterator[str]:
        """The items of a list, nested ones indented, one on each line."""
        start = int(node.attrs.get("start") or 1)
        for number, item in enumerate(node.children, start):
            mark = f"{number}. " if node.type == "ordered_list" else "- "
            for child in item.children:
                if child.type in ("bullet_list", "ordered_list"):
                    yield from self.items(child, indent + "  ")
                elif text := " ".join(self.content(child).split()):
                    yield f"{indent}{mark}{text}"
                    mark = "  "

    def rows(self, table: SyntaxTreeNode) -> list[list[str]]:
        return [[self.inline(cell) for cell in row.children] for part in table.children for row in part.children]

    def content(self, node: SyntaxTreeNode) -> str:
        """The text of a block inside a list item, whatever kind of block it is."""
        if node.type in ("fence", "code_block"):
            return node.content
        if node.type == "html_block":
            return _visible(node.content)
        if node.type == "table":
            return table_lines(self.rows(node), headed=True)
        if node.children and node.children[0].type != "inline":
            return "\n".join(self.content(child) for child in node.children)
        return self.inline(node)

    def inline(self, node: SyntaxTreeNode) -> str:
        if not node.children:
            return ""
        inner = node.children[0]
        return "".join(_spans(inner)) if self.markup else unwrap(inner.content)


def _spans(node: SyntaxTreeNode) -> Iterator[str]:
    for child in node.children:
        match child.type:
            case "text" | "code_inline":
                yield child.content
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
            case "html_inline":
                yield "\n" if child.content.lower().startswith("<br") else ""
            case "image":
                yield child.content
            case "link":
                yield link_text("".join(_spans(child)), str(child.attrs.get("href", "")))
            case _:
                yield from _spans(child)


def _is_bold(paragraph: SyntaxTreeNode) -> bool:
    spans = [span for span in paragraph.children[0].children if span.type != "text" or span.content.strip(": ")]
    return len(spans) == 1 and spans[0].type == "strong"


def _visible(html: str) -> str:
    tree = LexborHTMLParser(html)
    tree.strip_tags(["script", "style", "template"])
    return "\n".join(filter(None, (line.strip() for line in tree.text(separator="\n").split("\n"))))

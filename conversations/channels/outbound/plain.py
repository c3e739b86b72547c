"""Replies for readers without markup: the plain-text part of a mail, and channels that show text only."""

from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it.tree import SyntaxTreeNode

from conversations.rendering import markdown_tree


def markdown_to_text(text: str) -> str:
    """The reply `text` (Markdown) as it would be typed in a plain mail: no marks, lists and tables as lines, every link
    with its address behind it. Citation numbers stay."""
    return _blocks(markdown_tree(text).children)


def source_lines(sources: Iterable[dict[str, Any]]) -> list[str]:
    """What the citation numbers of a reply stand for, e.g. ``[1, 3] Delivery: options, costs and times``.

    `sources` are a message's, in the order of their numbers; those of one document share a line.
    """
    numbers: dict[str, list[str]] = {}
    for number, source in enumerate(sources, start=1):
        numbers.setdefault(source["title"], []).append(str(number))
    return [f"[{', '.join(cited)}] {title}" for title, cited in numbers.items()]


def _blocks(nodes: Sequence[SyntaxTreeNode], between: str = "\n\n") -> str:
    return between.join(filter(None, map(_block, nodes)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "paragraph" | "heading":
            return _inline(node)
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return _hanging("> ", _blocks(node.children), "> ")
        case "table":
            return _table(node)
        case "hr":
            return "* * *"
        case _:
            return node.content.rstrip("\n")  # code


def _list(node: SyntaxTreeNode) -> str:
    first = int(node.attrs.get("start", 1))
    marks = [f"{first + index}. " if node.type == "ordered_list" else "- " for index in range(len(node.children))]
    items = zip(marks, node.children, strict=True)
    return "\n".join(_hanging(mark, _blocks(item.children, "\n"), " " * len(mark)) for mark, item in items)


def _hanging(mark: str, text: str, indent: str) -> str:
    """`text` with `mark` before its first line and `indent` before the others."""
    first, *others = text.split("\n")
    return "\n".join([f"{mark}{first}", *(f"{indent}{line}".rstrip() for line in others)])


def _table(node: SyntaxTreeNode) -> str:
    """Each row as one line that can be read alone: ``- Card: Travel; Annual fee: $450``."""
    header, *rows = [[_inline(cell) for cell in row.children] for part in node.children for row in part.children]
    cells = ([f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=True)] for row in rows)
    return "\n".join(f"- {'; '.join(row)}" for row in cells)


def _inline(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text" | "code_inline":
            return node.content
        case "softbreak" | "hardbreak":
            return "\n"
        case "link":
            return _link("".join(map(_inline, node.children)), str(node.attrs["href"]))
        case _:
            return "".join(map(_inline, node.children))


def _link(text: str, address: str) -> str:
    shown = address.removeprefix("mailto:")
    return shown if text in ("", address, shown) else f"{text} ({shown})"

"""Reads which room of the house imports which."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# From left to right; a room may use those on its left. The composition root, everything else in `omnicqm`, is last.
ROOMS = ("omnicqm.common", "knowledge", "agents", "conversations", "feedback", "analytics", "omnicqm")


@dataclass(frozen=True)
class Import:
    """A file's import of one of our modules; `hidden` when it stands inside a function."""

    file: Path
    line: int
    importer: str
    imported: str
    hidden: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.importer} imports {self.imported}"


def room_of(module: str) -> int | None:
    """The place of the room that holds `module`; None when it is not ours."""
    rooms = [room for room in ROOMS if module == room or module.startswith(f"{room}.")]
    return ROOMS.index(max(rooms, key=len)) if rooms else None


def imports_in(root: Path) -> Iterator[Import]:
    """Every import of our modules by our modules below `root`, also for types only and inside functions."""
    for top in sorted({room.partition(".")[0] for room in ROOMS}):
        for file in sorted((root / top).rglob("*.py")):
            yield from _imports_of(file, root)


def _imports_of(file: Path, root: Path) -> Iterator[Import]:
    relative = file.relative_to(root)
    module = ".".join(relative.with_suffix("").parts).removesuffix(".__init__")
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node, hidden in _walk(ast.parse(file.read_text()), hidden=False):
        for name in _names(node, package):
            if room_of(name) is not None:
                yield Import(relative, node.lineno, module, name, hidden)


def _walk(tree: ast.AST, *, hidden: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, hidden
        yield from _walk(node, hidden=hidden or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def _names(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    """Full names of what is imported; of ``from a import b`` both, since b may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parents = package.split(".")
        base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
    return [f"{base}.{alias.name}" for alias in node.names]


def upward(imports: Iterator[Import]) -> list[Import]:
    """Those that point to a room on the right."""
    return [found for found in imports if (room_of(found.imported) or 0) > (room_of(found.importer) or 0)]

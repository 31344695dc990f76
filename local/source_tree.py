"""The sources as the architecture map speaks of them: modules, symbols and files, read without importing any."""

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

PACKAGES = ("layers/*/src/*", "functions/*", "local")
_PLACE = re.compile(r"(?P<module>[\w.]+)(?::(?P<symbol>[\w.]+)(?P<parameters>\(.*\))?)?")


class SourceTree:
    """A checkout of RMOS at `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def modules(self) -> set[str]:
        """Return the dotted names of all modules of ours that hold code."""
        return set(self._files)

    def holds(self, place: str) -> bool:
        """Tell whether `place` exists: a path, `module`, `package`, `module:symbol` or `module:Class.method`."""
        match = _PLACE.fullmatch(place)
        if match is not None and match["symbol"] is not None:
            return match["symbol"] in self._symbols(match["module"])
        return place in self._files or self._is_package(place) or (self._root / place).exists()

    def places_of(self, place: str) -> list[str]:
        """Return where else the symbol of `place` stands."""
        match = _PLACE.fullmatch(place)
        symbol = match["symbol"] if match is not None else None
        if symbol is None:
            return []
        return [f"{module}:{symbol}" for module in sorted(self._files) if symbol in self._symbols(module)]

    def parameters_of(self, place: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the parameters that `place` states and those that its function has; both are () if it states none."""
        match = _PLACE.fullmatch(place)
        if match is None or match["parameters"] is None:
            return (), ()
        node = self._symbols(match["module"])[match["symbol"]]
        stated = tuple(name.strip() for name in match["parameters"][1:-1].split(",") if name.strip())
        return stated, _parameters(node)

    def _is_package(self, name: str) -> bool:
        return any(module.startswith(f"{name}.") for module in self._files)

    def _symbols(self, module: str) -> dict[str, ast.AST]:
        path = self._files.get(module)
        return {} if path is None else dict(_defined(ast.parse(path.read_bytes()).body))

    @cached_property
    def _files(self) -> dict[str, Path]:
        return {
            ".".join(path.relative_to(package.parent).with_suffix("").parts): path
            for pattern in PACKAGES
            for package in self._root.glob(pattern)
            for path in package.rglob("*.py")
            if path.stat().st_size > 0
        }


def _defined(body: list[ast.stmt]) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a module defines at its top, and the methods of its classes as `Class.method`."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node
            case ast.ClassDef(name=name):
                yield name, node
                yield from ((f"{name}.{inner}", member) for inner, member in _defined(node.body))
            case ast.Assign(targets=targets):
                yield from ((target.id, node) for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node


def _parameters(node: ast.AST) -> tuple[str, ...]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return ()
    arguments = node.args
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    return tuple(argument.arg for argument in named if argument.arg not in ("self", "cls"))

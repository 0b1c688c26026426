"""The import map of the design (section 3), read as a map: a wrong arrow fails."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SHIELD = Path(__file__).parent.parent / "shield"

# Each line may import what stands above it (and itself). Members of one line never import each other,
# unless they are one package.
MAP = """
vocabulary whirlpool masks cleared
digests encoders salts
errors address person disguise
tree message forms
edits opened
paths
pattern
context selector
finding
data transcript
wire services detect policy transform twin ledger
outcome glance hidden
lastlook
unedited
fragments
engine presidio
keeper examples replay
suggest
proxy dashboard system
demo
cli
"""
LEVELS = [line.split() for line in MAP.strip().splitlines()]
LEVEL = {name: number for number, line in enumerate(LEVELS) for name in line}
ONE_DOOR = {
    "mitmproxy": {"proxy"},
    "mitmproxy_rs": {"proxy"},
    "aiohttp": {"dashboard", "demo"},
    "typer": {"cli"},
    "rich": {"cli", "demo"},
    "faker": {"twin"},
    "presidio_analyzer": {"presidio"},
    "spacy": {"presidio"},
    "sqlite3": {"ledger"},
    "requests": set(),
    "httpx": set(),
    "zstandard": set(),
}


def room(path: Path) -> str:
    """The first step below shield/: a module or a package."""
    first = path.relative_to(SHIELD).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[tuple[str, int]]:
    """Every imported module, also inside functions and under TYPE_CHECKING."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} relative import"
            module = node.module or ""
            if module == "shield":
                found += [(f"shield.{alias.name}", node.lineno) for alias in node.names]
            else:
                found.append((module, node.lineno))
    return found


FILES = sorted(path for path in SHIELD.rglob("*.py") if path.name != "__init__.py" or path.parent != SHIELD)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SHIELD)))
def test_imports_point_one_way(path: Path) -> None:
    """No module imports from its own level (but for itself) or from above."""
    own = room(path)
    if own == "__main__":
        own = "cli"
    assert own in LEVEL, f"{own} is not on the map"
    for module, line in imports(path):
        top, _, rest = module.partition(".")
        if top == "shield":
            other = rest.partition(".")[0] if rest else ""
            if other in ("", "__version__") or other == own:
                continue
            assert LEVEL[other] < LEVEL[own], f"{path}:{line} {own} must not import {other}"
        elif top in ONE_DOOR:
            assert own in ONE_DOOR[top], f"{path}:{line} {top} is imported only in {ONE_DOOR[top] or 'no room'}"


def test_the_map_names_every_room() -> None:
    """What lies in shield/ stands on the map."""
    rooms = {room(path) for path in FILES} - {"__main__"}
    assert rooms <= set(LEVEL)


def test_the_engine_fits_on_a_screen() -> None:
    """The order of the steps, and nothing else."""
    assert len((SHIELD / "engine.py").read_text(encoding="utf-8").splitlines()) <= 180


PURE = [
    "engine.py", "fragments.py", "lastlook.py", "outcome.py", "tree.py", "edits.py", "opened.py", "disguise.py",
    "paths.py", "pattern.py", "address.py", "forms", "wire", "services", "detect", "policy", "transform",
]  # fmt: skip
IMPURE = {"socket", "asyncio", "random", "secrets", "time", "subprocess", "threading", "urllib.request", "http.client"}


def test_the_engine_has_no_clock_no_socket_and_no_randomness() -> None:
    """Modules that the engine is made of import nothing that could bring them in (load.py reads files)."""
    for name in PURE:
        target = SHIELD / name
        for path in [target] if target.suffix else sorted(target.rglob("*.py")):
            for module, line in imports(path):
                assert module not in IMPURE, f"{path}:{line} imports {module}"

"""The house stays as the README draws it: which way imports point, how big things are, what `--help` loads."""

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "storage", "digests", "jobs")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if "migrations" not in path.parts and path.stat().st_size
    ]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in modules():
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def nodes(kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> list[tuple[str, ast.AST]]:
    return [
        (f"{path}:{getattr(node, 'lineno', 0)}", node)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, kind)
    ]


def functions() -> list[tuple[str, Function]]:
    return [
        (f"{place} {node.name}", node)
        for place, node in nodes((ast.FunctionDef, ast.AsyncFunctionDef))
        if isinstance(node, Function)
    ]


def length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


def test_no_package_imports_one_to_its_right() -> None:
    wrong = [
        f"{place} imports {name}"
        for place, node in nodes((ast.Import, ast.ImportFrom))
        for name in imported(node)
        if name in PACKAGES and PACKAGES.index(name) > PACKAGES.index(Path(place).parts[0])
    ]
    assert wrong == []


def test_only_storage_speaks_sql() -> None:
    wrong = [
        place
        for place, node in nodes((ast.Import, ast.ImportFrom))
        if {"sqlalchemy", "alembic"} & set(imported(node)) and not place.startswith("storage")
    ]
    # The digest step names the type of a connection it is handed, and opens none.
    assert [place for place in wrong if not place.startswith("jobs/")] == []


def test_modules_are_short() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in modules()}
    assert {name: size for name, size in sizes.items() if size > 250} == {}
    assert statistics.median(sizes.values()) <= 110


def test_functions_are_short() -> None:
    sizes = {name: length(node) for name, node in functions()}
    assert {name: size for name, size in sizes.items() if size > 40} == {}
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= 25
    assert statistics.median(sizes.values()) <= 9


def test_functions_take_few_parameters() -> None:
    wrong = []
    for name, node in functions():
        if name.startswith("jobs/commands_"):
            continue  # the options of a command
        arguments = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if len([one for one in arguments if one not in ("self", "cls")]) > 5:
            wrong.append(name)
    assert wrong == []


def test_classes_have_few_methods() -> None:
    wrong = [
        f"{place} {node.name}"
        for place, node in nodes(ast.ClassDef)
        if isinstance(node, ast.ClassDef) and sum(isinstance(part, Function) for part in node.body) > 10
    ]
    assert wrong == []


def test_nothing_is_left_behind() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
    wrong = [str(path) for path in modules() if any(f"{mark}" in path.read_text().split() for mark in marks)]
    assert wrong == []


def test_no_broad_except_outside_its_named_seams() -> None:
    seams = {
        "jobs/cli.py",
        "jobs/work.py",
        "crawler/crawl.py",
        "crawler/reading.py",
        "crawler/spider.py",
        "crawler/readers/feed.py",
    }
    wrong = [
        place
        for place, node in nodes(ast.ExceptHandler)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
        and place.partition(":")[0] not in seams
    ]
    # Closing what was half opened and raising again hides nothing.
    assert [place for place in wrong if not place.startswith("storage/database.py")] == []


@pytest.mark.parametrize("heavy", ["scrapy", "twisted", "sqlalchemy", "lxml", "feedparser", "jinja2", "pydantic"])
def test_help_loads_nothing_heavy(heavy: str, help_modules: frozenset[str]) -> None:
    assert heavy not in help_modules


@pytest.fixture(scope="module")
def help_modules() -> frozenset[str]:
    code = (
        "import sys; sys.argv = ['paperlark', '--help']\n"
        "from jobs.cli import main\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code\n"
        "print('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    listed = done.stdout.partition("MODULES ")[2].split()
    assert "jobs.cli" in listed
    return frozenset(name.partition(".")[0] for name in listed)

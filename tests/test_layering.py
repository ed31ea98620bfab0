"""The house rules hold in every file, importing is light, and each rule can tell good from bad.

A rule reads one module and gives its violations as `line: what is wrong`.
"""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "transformers", "playwright", "pyautogui", "adbutils", "cv2", "rapidocr", "onnxruntime", "mss", "ray", "miniwob")

LAYERS = ("tools", "envs", "agent", "benchmarks")
"""From the bottom up: a package imports those before it, never those after it."""

MAX_FILE_LINES = 450
MAX_FUNCTION_LINES = 70


@functools.cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """Every node of a module, read once for all rules."""
    return tuple(ast.walk(ast.parse(source)))


def imported_names(source: str) -> Iterator[tuple[int, str]]:
    """Every module that is imported anywhere in a file, in functions and under TYPE_CHECKING too, with its line."""
    for node in nodes(source):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            if base == "handeye":
                for alias in node.names:
                    yield node.lineno, f"handeye.{alias.name}"
            else:
                yield node.lineno, base


@functools.cache
def called_names(source: str) -> tuple[tuple[int, str], ...]:
    """Every call's dotted name (`time.sleep`, `eval`, `page.wait`), with its line."""
    return tuple((node.lineno, ast.unparse(node.func)) for node in nodes(source) if isinstance(node, ast.Call))


def imports_point_down(path: str, source: str) -> Iterator[str]:
    package = path.partition("/")[0]
    allowed = LAYERS[: LAYERS.index(package) + 1]
    for line, name in imported_names(source):
        if name.startswith("handeye"):
            target = name.split(".")[1] if "." in name else ""
            if target not in allowed:
                yield f"{line}: {package} imports {name}"


def imports_are_absolute(path: str, source: str) -> Iterator[str]:
    for line, name in imported_names(source):
        if name.startswith(".") or name.partition(".")[0] in LAYERS:
            yield f"{line}: import {name} under its full name, handeye.…"


def sleeps_only_when_settling(path: str, source: str) -> Iterator[str]:
    if path == "envs/settle.py":
        return
    for line, name in called_names(source):
        if name.rpartition(".")[2] in {"sleep", "wait_for_timeout"}:
            yield f"{line}: {name}"
    for node in nodes(source):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "sleep" for alias in node.names):
            yield f"{node.lineno}: sleep is imported"


def prints_only_in_the_cli(path: str, source: str) -> Iterator[str]:
    if path.startswith("agent/cli/") or path.endswith(("/cli.py", "_cli.py")):
        return
    for line, name in called_names(source):
        if name in {"print", "sys.stdout.write", "sys.stderr.write"}:
            yield f"{line}: {name}"


def data_is_never_run(path: str, source: str) -> Iterator[str]:
    for line, name in called_names(source):
        if name in {"eval", "exec", "compile", "__import__", "pickle.loads", "os.system", "builtins.eval", "builtins.exec"}:
            yield f"{line}: {name}"


def failures_are_named(path: str, source: str) -> Iterator[str]:
    for node in nodes(source):
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{node.lineno}: except without a type"


def files_are_short(path: str, source: str) -> Iterator[str]:
    count = len(source.splitlines())
    if count > MAX_FILE_LINES:
        yield f"1: {count} lines"


def functions_are_short(path: str, source: str) -> Iterator[str]:
    for node in nodes(source):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            count = (node.end_lineno or node.lineno) - node.lineno + 1
            if count > MAX_FUNCTION_LINES:
                yield f"{node.lineno}: {node.name} has {count} lines"


def work_is_finished(path: str, source: str) -> Iterator[str]:
    for number, line in enumerate(source.splitlines(), 1):
        if any(f"# {mark}" in line for mark in ("TODO", "FIXME", "XXX", "HACK")):
            yield f"{number}: {line.strip()}"


Rule = Callable[[str, str], Iterator[str]]
RULES: tuple[Rule, ...] = (
    imports_point_down,
    imports_are_absolute,
    sleeps_only_when_settling,
    prints_only_in_the_cli,
    data_is_never_run,
    failures_are_named,
    files_are_short,
    functions_are_short,
    work_is_finished,
)

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES

BAD = [
    (imports_point_down, "tools/a.py", "from handeye.envs.env import Env"),
    (imports_point_down, "envs/a.py", "import handeye.agent.loop"),
    (imports_point_down, "agent/a.py", "def f():\n    from handeye import benchmarks"),
    (imports_are_absolute, "agent/a.py", "from . import loop"),
    (imports_are_absolute, "agent/a.py", "import tools.keys"),
    (imports_are_absolute, "agent/a.py", "from agent.loop import run"),
    (sleeps_only_when_settling, "envs/browser.py", "import time\ntime.sleep(1)"),
    (sleeps_only_when_settling, "tools/a.py", "async def f():\n    await asyncio.sleep(0.1)"),
    (sleeps_only_when_settling, "tools/a.py", "page.wait_for_timeout(100)"),
    (sleeps_only_when_settling, "tools/a.py", "from time import sleep as rest"),
    (prints_only_in_the_cli, "agent/loop.py", "print('step')"),
    (data_is_never_run, "agent/a.py", "eval(reply)"),
    (data_is_never_run, "agent/a.py", "exec(reply)"),
    (failures_are_named, "agent/a.py", "try:\n    f()\nexcept:\n    g()"),
    (files_are_short, "agent/a.py", "x = 1\n" * (MAX_FILE_LINES + 1)),
    (functions_are_short, "agent/a.py", LONG_FUNCTION),
    (functions_are_short, "agent/a.py", "async " + LONG_FUNCTION),
    (work_is_finished, "agent/a.py", "x = 1  # TO" + "DO: the rest"),
]

GOOD = [
    (imports_point_down, "agent/a.py", "from handeye.tools.keys import canonical_key\nimport handeye.envs.env\nimport handeye.agent.loop"),
    (imports_are_absolute, "agent/a.py", "import json\nfrom handeye.agent import loop"),
    (sleeps_only_when_settling, "envs/settle.py", "time.sleep(0.1)"),
    (prints_only_in_the_cli, "agent/cli/run.py", "print('step')"),
    (prints_only_in_the_cli, "benchmarks/speed_cli.py", "print('rows')"),
    (data_is_never_run, "agent/a.py", "page.evaluate(script)\nre.compile(pattern)"),
    (failures_are_named, "agent/a.py", "try:\n    f()\nexcept OSError:\n    g()"),
    (files_are_short, "agent/a.py", "x = 1\n" * MAX_FILE_LINES),
    (functions_are_short, "agent/a.py", "def f():\n" + "    x = 1\n" * (MAX_FUNCTION_LINES - 1)),
    (work_is_finished, "agent/a.py", "# The TO" + "DO app's page"),
]


def modules() -> list[Path]:
    return [path for package in LAYERS for path in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    found = []
    for module in modules():
        path = module.relative_to(ROOT).as_posix()
        found += [f"{path}:{violation}" for violation in rule(path, module.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(("rule", "path", "source"), BAD)
def test_the_rule_finds_what_is_wrong(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, source)) != []


@pytest.mark.parametrize(("rule", "path", "source"), GOOD)
def test_the_rule_passes_what_is_right(rule: Rule, path: str, source: str) -> None:
    assert list(rule(path, source)) == []


def test_every_rule_proves_itself() -> None:
    assert set(RULES) == {rule for rule, _, _ in BAD} == {rule for rule, _, _ in GOOD}


def loaded_by(statement: str) -> set[str]:
    """The top-level packages that a fresh Python has loaded after a statement, less those that it starts with."""
    code = f"import sys; before = set(sys.modules); {statement}; import json; print(json.dumps([*(set(sys.modules) - before)]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("package", LAYERS)
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    loaded = loaded_by(f"import handeye.{package}")
    assert "handeye" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_importing_every_module_loads_nothing_heavy_and_prints_nothing() -> None:
    names = []
    for module in modules():
        parts = module.relative_to(ROOT).with_suffix("").parts
        names.append("handeye." + ".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    loaded = loaded_by(f"import {', '.join(name for name in names if not name.endswith('__main__'))}")
    assert loaded.isdisjoint(HEAVY)

"""The habits of the house as rules over source text. Each complaint says what to do instead.

A signature that somebody else dictates says so on its line: `# signature: SQLAlchemy event`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODULE_LINES, CLASS_LINES, CLASS_METHODS, FUNCTION_LINES, ARGUMENTS = 400, 250, 20, 40, 6
# What is acted on may stand without names; from the fifth on nobody remembers the order. Where it happens (the desk,
# the session of a unit of work) is no argument of the deed: docs/adr/0002-positional-arguments.md.
POSITIONAL = 4
PLACES = frozenset({"self", "cls", "desk", "session"})
SMALLER_MODULES = {"app/__main__.py": 60, "app/ui/main_window.py": 300}
MIGRATIONS = "app/models/migrations/"  # self-contained and never edited again: sizes do not matter there
FORBIDDEN_NAMES = re.compile(r"Manager|Helper|\butils?\b|_utils?\b|\bhelpers?\b")
THREAD_WORDS = {
    "QThread", "QThreadPool", "QRunnable", "Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor",
    "processEvents", "sleep", "start_new_thread", "QtConcurrent",
}  # fmt: skip
MAY_USE_THREADS = {
    "app/ui/jobs.py": "the one place for background work on a laptop",
    "app/sync/ahead.py": "the next segment comes while this one is written; the transport is one thread's at a time",
    "app/sync/freezing.py": "the next batch is frozen while this one is on its way, in transactions of its own",
    "app/demo/servers.py": "the demo runs the centre's HTTP server beside itself",
}
TRANSLATIONS = {"_", "N_", "ngettext", "pgettext"}
LAZY_IMPORTS = ("app.ui", "app.central", "app.demo")  # so that a command starts fast and the centre stays optional
CLOCKS = {"now", "utcnow", "today", "time"}
CLOCKLESS = ("app/models/", "app/services/", "app/wire/", "app/sync/", "app/reports/", "app/vault/", "app/central/")
WIRE_NEEDS = {"msgspec", "zstandard", "cryptography"}


@dataclass(frozen=True)
class Source:
    """One Python file: where it is and what it says."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def all(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, kinds))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return self.all(ast.FunctionDef, ast.AsyncFunctionDef)  # type: ignore[return-value]

    def classes(self) -> Iterator[ast.ClassDef]:
        return self.all(ast.ClassDef)  # type: ignore[return-value]

    def says(self, node: ast.AST, remark: str) -> bool:
        """Is this remark on the line where the node begins, or on a continuation of its signature?"""
        last = node.body[0].lineno if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else node.lineno
        return any(remark in line for line in self.lines[node.lineno - 1 : last])


Rule = Callable[[Source], Iterable[str]]


def module_size(source: Source) -> Iterator[str]:
    limit = SMALLER_MODULES.get(source.path, MODULE_LINES)
    if not source.path.startswith(MIGRATIONS) and len(source.lines) > limit:
        yield f"{len(source.lines)} lines, at most {limit}: give one of its subjects a module of its own"


def class_size(source: Source) -> Iterator[str]:
    for node in source.classes():
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
        length = _lines(node)
        if length > CLASS_LINES:
            yield f"{node.name}: {length} lines, at most {CLASS_LINES}: split it by what it knows"
        if len(methods) > CLASS_METHODS:
            yield f"{node.name}: {len(methods)} methods, at most {CLASS_METHODS}: two things live in it"


def function_size(source: Source) -> Iterator[str]:
    if source.path.startswith(MIGRATIONS):
        return
    for node in source.functions():
        length = _lines(node) - (_lines(node.body[0]) if ast.get_docstring(node) else 0)
        if length > FUNCTION_LINES:
            yield f"{node.name}: {length} lines, at most {FUNCTION_LINES}: name its steps and call them"


def arguments(source: Source) -> Iterator[str]:
    for node in source.functions():
        if source.says(node, "# signature:") or _overrides_qt(source, node) or re.fullmatch(r"__\w+__", node.name):
            continue
        positional = [item.arg for item in (*node.args.posonlyargs, *node.args.args) if item.arg not in PLACES]
        if len(positional) > POSITIONAL:
            yield f"{node.name}: write `*` after {positional[0]!r}, so that calls name {positional[1:]}"
        if len(positional) + len(node.args.kwonlyargs) > ARGUMENTS:
            yield f"{node.name}: more than {ARGUMENTS} arguments: some of them belong together in a dataclass"


def names(source: Source) -> Iterator[str]:
    if FORBIDDEN_NAMES.search(Path(source.path).stem):
        yield "name the module after the noun or verb it is about"
    for node in (*source.classes(), *source.functions()):
        if FORBIDDEN_NAMES.search(node.name):
            yield f"{node.name}: say what it does; Manager, Helper and utils say nothing"


def qt_names(source: Source) -> Iterator[str]:
    """camelCase only where Qt is overridden."""
    if source.path.startswith("app/ui/"):
        for node in source.functions():
            if re.fullmatch(r"[a-z]+[A-Z]\w*", node.name) and node.name not in _qt_methods():
                yield f"{node.name}: Qt has no such method to override; write it in snake_case"


def style_sheets(source: Source) -> Iterator[str]:
    if source.path != "app/ui/theme.py":
        for node in source.all(ast.Attribute):
            if node.attr == "setStyleSheet":
                yield f"line {node.lineno}: style sheets live in app/ui/theme.py; set an object name or a property here"


def threads(source: Source) -> Iterator[str]:
    if source.path in MAY_USE_THREADS or source.path.startswith("benchmarks/"):
        return
    imported = {alias.name for node in source.all(ast.ImportFrom) for alias in node.names}
    for node in source.all(ast.Attribute, ast.Name):
        word = node.attr if isinstance(node, ast.Attribute) else node.id
        of = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""
        if word not in THREAD_WORDS or of == "asyncio" or (isinstance(node, ast.Name) and word not in imported):
            continue
        yield f"line {node.lineno}: {word}: background work goes through app/ui/jobs.py, waiting through its Event"


def translations(source: Source) -> Iterator[str]:
    for node in source.all(ast.Call):
        if not (isinstance(node.func, ast.Name) and node.func.id in TRANSLATIONS):
            continue
        texts = [text for text in node.args if isinstance(text, ast.JoinedStr | ast.BinOp) or _is_format(text)]
        if texts:
            yield f"line {node.lineno}: translate the whole sentence, then fill it: _('... {{name}}').format(name=...)"
        if node.func.id == "N_" and not all(isinstance(text, ast.Constant) for text in node.args):
            yield f"line {node.lineno}: N_ marks a text that is written there, not a variable"


def frozen_texts(source: Source) -> Iterator[str]:
    """A text translated while a module is imported stays in the language of that moment."""
    for node in _run_at_import(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATIONS - {"N_"}:
            yield f"line {node.lineno}: mark it with N_(...) here and translate it with _() when it is shown"


def docstrings(source: Source) -> Iterator[str]:
    if source.path.startswith(MIGRATIONS):
        return
    if not ast.get_docstring(source.tree) and source.text.strip():
        yield "the module begins with one sentence that says what it promises"
    classes = {node.name: node for node in source.tree.body if isinstance(node, ast.ClassDef)}
    for owner in (source.tree, *classes.values()):
        promised = _promised(owner, classes) if isinstance(owner, ast.ClassDef) else set()
        for node in owner.body:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name in promised:
                continue
            marks = {_word(mark) for mark in node.decorator_list}
            if node.name.startswith("_") or marks & {"setter", "overload"} or _overrides_qt(source, node):
                continue
            if not ast.get_docstring(node):
                yield f"{node.name}: public, so it needs one sentence that says what it promises"


def imports_inside(source: Source) -> Iterator[str]:
    for function in source.functions():
        for node in ast.walk(function):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            lazy = source.path == "app/__main__.py" or source.path.startswith("app/cli/")
            if not (lazy and all(module.startswith(LAZY_IMPORTS) for module in modules)):
                yield f"line {node.lineno}: import at the top; a cycle means that something is in the wrong place"


def imports_by_name(source: Source) -> Iterator[str]:
    """What is imported by a string is hidden from the contracts."""
    if not source.path.startswith("app/") or source.path.startswith(("app/cli/", "app/__main__", "app/lazy.py")):
        return
    for node in source.all(ast.Call):
        if _word(node.func) in ("import_module", "__import__"):
            yield f"line {node.lineno}: write the import as an import, so that the contracts can see it"


def lazy_imports(source: Source) -> Iterator[str]:
    """What is put off stands under TYPE_CHECKING as well, where mypy, the contracts and the build see it."""
    asked = [node for node in source.all(ast.If) if _word(node.test) == "TYPE_CHECKING"]
    seen = {name for choice in asked for node in choice.body for name in _imported(node)}
    for node in source.all(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "lazy":
            named = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if named not in seen:
                yield f"line {node.lineno}: import {named} under `if TYPE_CHECKING:` beside it, as app/lazy.py says"


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def future_annotations(source: Source) -> Iterator[str]:
    code = list(source.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.AnnAssign))
    if code and not source.path.startswith("app/models/") and "from __future__ import annotations" not in source.lines:
        yield "begin with `from __future__ import annotations`"


def clocks(source: Source) -> Iterator[str]:
    for node in source.all(ast.Call):
        if not (source.path.startswith(CLOCKLESS) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr in CLOCKS and _word(node.func.value) in ("datetime", "date", "time"):
            yield f"line {node.lineno}: take the time from a `now` parameter, so that a test can turn it"


def prints(source: Source) -> Iterator[str]:
    talks = ("app/cli/", "app/demo/", "app/__main__.py", "scripts/", "benchmarks/")
    for node in source.all(ast.Call):
        if _word(node.func) == "print" and isinstance(node.func, ast.Name) and not source.path.startswith(talks):
            yield f"line {node.lineno}: return it to the caller; only commands print"


def wire_stands_alone(source: Source) -> Iterator[str]:
    if not source.path.startswith("app/wire/"):
        return
    allowed = {*sys.stdlib_module_names, "app"} | (set() if source.path == "app/wire/merge.py" else WIRE_NEEDS)
    for node in source.all(ast.Import, ast.ImportFrom):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        for module in modules:
            if module.split(".")[0] not in allowed:
                yield f"line {node.lineno}: {module}: the protocol needs the standard library and msgpack only"
            if source.path == "app/wire/merge.py" and module.startswith("app") and not module.startswith("app.wire"):
                yield f"line {node.lineno}: {module}: the merge is pure and runs at both ends"


RULES: list[Rule] = [
    module_size, class_size, function_size, arguments, names, qt_names, style_sheets, threads, translations,
    frozen_texts, docstrings, imports_inside, imports_by_name, lazy_imports, future_annotations, clocks,
    prints, wire_stands_alone,
]  # fmt: skip


def _lines(node: ast.AST) -> int:
    return node.end_lineno - node.lineno + 1  # type: ignore[attr-defined, no-any-return]


def _word(node: ast.AST) -> str:
    """The last word of a name, an attribute or a call: 'setter' of `@name.setter`."""
    if isinstance(node, ast.Call):
        return _word(node.func)
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _promised(owner: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    """The methods whose promise is written in a base class of the same module."""
    bases = [classes[word] for base in owner.bases if (word := _word(base)) in classes]
    written = {item.name for base in bases for item in base.body if isinstance(item, ast.FunctionDef)}
    return written.union(*(_promised(base, classes) for base in bases))


def _is_format(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _word(node) == "format"


def _overrides_qt(source: Source, node: ast.AST) -> bool:
    return source.path.startswith("app/ui/") and getattr(node, "name", "") in _qt_methods()


def _qt_methods(known: dict[str, set[str]] = {}) -> set[str]:  # noqa: B006 - filled once, when a rule first asks
    if not known:
        from PySide6 import QtCore, QtGui, QtWidgets

        classes = [getattr(module, name) for module in (QtCore, QtGui, QtWidgets) for name in dir(module)]
        known["qt"] = {name for kind in classes if isinstance(kind, type) for name in dir(kind)}
    return known["qt"]


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Everything under a node that runs when the module is imported: not the bodies of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            decorators = [] if isinstance(child, ast.Lambda) else child.decorator_list
            defaults = [item for item in (*child.args.defaults, *child.args.kw_defaults) if item]
            for item in (*decorators, *defaults):
                yield from (item, *_run_at_import(item))
        else:
            yield from (child, *_run_at_import(child))

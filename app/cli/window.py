"""The window: over the workspace of this person, or in a process of its own over one that was just unlocked here."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from app import context
from app.cli.arguments import Misunderstood
from app.cli.shell import Shell
from app.context import Context
from app.i18n import _

HANDED = "-"  # --passphrase-file: the standard input, which a lock takes away from the process that follows


def show(shell: Shell) -> int:
    """Show it until it is closed; the exit code.

    A passphrase comes only through a pipe, so that a locked window never opens again by itself.
    """
    options = shell.options
    handed = options.passphrase_file == HANDED and bool(options.user) and not shell.source.isatty()
    if shell.wants_json or ((options.user or options.passphrase_file) and not handed):
        raise Misunderstood(_("Name a command, or give no options for one: `naungan --help` lists the commands."))
    application: Any = importlib.import_module("app.ui.application")
    sample: Any = importlib.import_module("app.demo.sample")
    folder = shell.path("workspace", "NAUNGAN_WORKSPACE")

    def unlock(workspace: Path) -> Context | None:
        passphrase = shell.source.readline().rstrip("\r\n")
        if not passphrase:  # locked since: whoever started us has nothing more to say
            return None
        return context.unlock(workspace, login=options.user, password=passphrase, now=shell.now, vault=shell.vault)

    first = unlock if handed else None
    code: int = application.run(folder, options.language, load_sample=sample.load_sample, unlock=first)
    return code


def show_elsewhere(folder: Path, *, login: str, passphrase: str, language: str) -> int:
    """The same in a process of its own, which a lock may replace while this one goes on; waits until it ends."""
    words = words_for(folder, login=login, language=language)
    with subprocess.Popen(words, stdin=subprocess.PIPE, text=True, encoding="utf-8") as window:
        try:
            window.communicate(passphrase + "\n")
        except BaseException:
            window.terminate()
            raise
    return window.returncode


def words_for(folder: Path, *, login: str, language: str) -> list[str]:
    """The command line of that process.

    The passphrase comes through a pipe: not from here and not from the environment, which others can read.
    """
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    return [
        *program, "--workspace", str(folder), "--user", login, "--passphrase-file", HANDED, "--language", language,
    ]  # fmt: skip

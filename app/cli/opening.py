"""Opens the workspace a command works in: where it is, who signs in, and the passphrase that is never an argument."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import context, i18n
from app.cli.shell import Shell
from app.context import Context
from app.errors import KnownError, UserError
from app.i18n import _
from app.paths import default_workspace
from app.services.lease import Stage
from app.vault import entrance
from app.vault.files import KEY_FILE


def directory(shell: Shell) -> Path:
    """The folder of the workspace: --workspace, NAUNGAN_WORKSPACE, else the place the window uses."""
    return shell.path("workspace", "NAUNGAN_WORKSPACE") or default_workspace()


@contextmanager
def opened(shell: Shell) -> Iterator[Context]:
    """The unlocked workspace; it is closed, and its keys are gone, after the block."""
    folder = directory(shell)
    if not (folder / KEY_FILE).exists():
        raise UserError(
            _(
                "There is no workspace in {folder}. Create one with `naungan init`, or name its folder: --workspace."
            ).format(folder=folder)
        )
    login = _login(shell, folder)
    passphrase = read_passphrase(shell)
    chosen = context.unlock(folder, login=login, password=passphrase, now=shell.now, vault=shell.vault)
    try:
        if shell.options.language:  # the workspace has a language of its own
            i18n.use(shell.options.language)
        lease = chosen.lease.lease()
        if lease.stage is Stage.WARN:  # later ones say so themselves, where they stand in the way
            shell.remark(str(lease))
        yield chosen
    finally:
        chosen.close()


def _login(shell: Shell, folder: Path) -> str:
    if shell.options.user:
        return str(shell.options.user)
    logins = [user.login for user in entrance.users(folder)]
    if len(logins) > 1:
        names = ", ".join(sorted(logins))
        raise UserError(
            _("Several people work with this workspace. Say who you are with --user: {names}.").format(names=names)
        )
    return logins[0]


def read_passphrase(shell: Shell, *, twice: bool = False) -> str:
    """The first line of the passphrase file, or what is typed at a terminal."""
    path = shell.path("passphrase_file", "NAUNGAN_PASSPHRASE_FILE")
    if path is not None:
        return _first_line(path)
    if not sys.stdin.isatty():
        raise UserError(_("Give the passphrase in a file: --passphrase-file FILE. It is never an argument."))
    typed = getpass.getpass(_("Passphrase: "), stream=shell.err)
    if twice and typed != getpass.getpass(_("The same again: "), stream=shell.err):
        raise UserError(_("The two passphrases differ. Nothing was created; try again."))
    return typed


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as lines:
            line = lines.readline().rstrip("\r\n")
    except FileNotFoundError:
        raise UserError(_("There is no passphrase file {path}.").format(path=path)) from None
    except (OSError, UnicodeDecodeError):
        raise KnownError(_("The passphrase file {path} cannot be read.").format(path=path)) from None
    if not line:
        raise UserError(_("The first line of the passphrase file {path} is empty.").format(path=path))
    return line

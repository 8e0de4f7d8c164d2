"""Back up the workspace, and restore a backup."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.opening import directory, opened, read_passphrase
from app.cli.shell import Shell
from app.errors import UserError
from app.i18n import _, format_bytes, format_datetime
from app.models.permission import Permission
from app.vault import backup
from app.vault.files import KEY_FILE
from app.vault.keyfile import read_key_file


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Without a verb a backup is made."""
    parser.set_defaults(run=make)
    verbs = Verbs(parser, required=False)
    verbs.add("list", list_backups, says=_("the backups there are, newest first"))
    restore = verbs.add("restore", restore_backup, says=_("build a workspace from a backup, in a new folder"))
    restore.add_argument("backup", type=Path, metavar="PATH", help=_("the folder of the backup"))
    restore.add_argument("--into", required=True, type=Path, metavar="DIR", help=_("the new folder"))


def make(shell: Shell, _wanted: argparse.Namespace) -> int:
    """A backup counts only after it was opened and compared."""
    with opened(shell) as context:
        context.desk.require(Permission.BACK_UP)
        made = backup.back_up(context.workspace, now=shell.now)
        said = _("Backed up and verified: {folder} ({size})").format(folder=made.path, size=format_bytes(made.bytes))
        shell.tell({"backup": made.path, "at": made.at, "bytes": made.bytes}, lines=[said])
    return 0


def list_backups(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Needs no passphrase: the names of backups say nothing."""
    found = backup.backups(directory(shell))
    rows = [f"{each.path}  {format_datetime(each.at)}  {format_bytes(each.bytes)}" for each in found]
    document = {"backups": [{"backup": each.path, "at": each.at, "bytes": each.bytes} for each in found]}
    shell.tell(document, lines=rows or [_("There is no backup yet.")])
    return 0


def restore_backup(shell: Shell, wanted: argparse.Namespace) -> int:
    """Opens with a passphrase that was valid on the day of the backup; nothing is overwritten."""
    if not (wanted.backup / KEY_FILE).is_file():
        raise UserError(_("There is no backup in {folder}.").format(folder=wanted.backup))
    login = shell.options.user or _only_user(wanted.backup)
    backup.restore(wanted.backup, into=wanted.into, login=login, password=read_passphrase(shell), now=shell.now)
    said = _("Restored and verified: {folder}").format(folder=wanted.into)
    shell.tell({"workspace": wanted.into}, lines=[said])
    return 0


def _only_user(folder: Path) -> str:
    users = read_key_file(folder).users
    if len(users) > 1:
        names = ", ".join(sorted(user.login for user in users))
        raise UserError(
            _("Several people work with this workspace. Say who you are with --user: {names}.").format(names=names)
        )
    return users[0].login

"""Back into a workspace without its passwords: two people with a key each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.cli.opening import read_passphrase
from app.cli.recovery_input import add_key_file, read, read_key
from app.cli.shell import Shell
from app.errors import UserError
from app.i18n import _, format_datetime
from app.services import recovery
from app.services.recovery import Occasion
from app.vault.backup import Backup, backup_in
from app.vault.escrow import open_inner
from app.vault.files import BACKUPS
from app.vault.recovery import Newcomer


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """The folder, what the centre opened, and who comes in."""
    parser.add_argument("directory", type=Path, metavar="DIR", help=_("the folder of the workspace"))
    parser.add_argument(
        "--opened", required=True, type=Path, metavar="FILE", help=_("what the centre made with `recovery open-outer`")
    )
    parser.add_argument("--login", required=True, metavar="LOGIN", help=_("sign-in name of the new user"))
    parser.add_argument("--name", required=True, metavar="NAME", help=_("name of the new user"))
    parser.add_argument("--role", default="SUPERVISOR", metavar="CODE", help=_("role of the new user"))
    parser.add_argument(
        "--district-person", required=True, metavar="NAME", help=_("who brought the district's key; it is audited")
    )
    parser.add_argument(
        "--centre-person", required=True, metavar="NAME", help=_("who brought the centre's key; it is audited")
    )
    parser.add_argument(
        "--backup", metavar="NAME",
        help=_("a backup of it, by its name or folder, whose escrow it is: it takes the place of what is here"),
    )  # fmt: skip
    parser.add_argument("--only", action="store_true", help=_("take everybody else's access away and change the keys"))
    add_key_file(parser)
    parser.set_defaults(run=recover)


def recover(shell: Shell, wanted: argparse.Namespace) -> int:
    """A new user with a new passphrase, who may read everything; nothing is changed unless everything fits."""
    if wanted.backup:
        _backup(wanted.directory, wanted.backup)
    raw = read(wanted.opened)
    inner = open_inner(raw, identity=read_key(shell, wanted, of=_("the district")))
    passphrase = read_passphrase(shell, twice=True)
    newcomer = Newcomer(wanted.login, wanted.name, wanted.role, passphrase)
    occasion = Occasion(newcomer, wanted.district_person, wanted.centre_person, wanted.only)
    how: dict[str, Any] = {"opened": inner, "occasion": occasion, "now": shell.now, "vault": shell.vault}
    said = [_("{name} may sign in now, as {login}.").format(name=wanted.name, login=wanted.login)]
    if wanted.backup:
        backup = _backup(wanted.directory, wanted.backup)
        doubt = recovery.recover_backup(backup.path, directory=wanted.directory, **how)
        words = _("This workspace is the backup of {when} now; what was here lies aside among the backups.")
        said.append(words.format(when=format_datetime(backup.at)))
    else:
        doubt = recovery.recover(wanted.directory, **how)
    done = {"login": wanted.login, "stale": doubt, "only": wanted.only and not doubt, "backup": wanted.backup}
    shell.tell(done, lines=[*said, *([doubt] if doubt else [])])
    return 0


def _backup(directory: Path, name: str) -> Backup:
    """The backup of this name, else the one in this folder."""
    for folder in (directory / BACKUPS / name, Path(name)):
        found = backup_in(folder)
        if found is not None:
            return found
    raise UserError(_("There is no backup in {folder}.").format(folder=name))

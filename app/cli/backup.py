"""Back up the workspace, look after the backups, and restore one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.cli.arguments import Verbs
from app.cli.lines import columns
from app.cli.opening import directory, opened, read_passphrase
from app.cli.shell import Shell
from app.errors import Conflicted, UserError, WorkspaceDamaged
from app.i18n import _, format_bytes, format_datetime, format_number, ngettext
from app.services import backups as service
from app.services.backups import Drill, Opener
from app.vault import restoring
from app.vault.backup import Backup, backup_in, backups, counts_as
from app.vault.files import KEY_FILE
from app.vault.keyfile import read_key_file

UNSOUND = 3


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """Without a verb a backup is made."""
    parser.set_defaults(run=make, daily=False, to=None)
    verbs = Verbs(parser, required=False)
    verbs.add("list", list_backups, says=_("the backups there are, newest first"))
    making = verbs.add("make", make, says=_("a backup now, opened and compared before it counts"))
    making.add_argument("--daily", action="store_true", help=_("only if today has none yet"))
    making.add_argument("--to", type=Path, metavar="DIR", help=_("copy it there too: a stick, another drive"))
    checking = verbs.add("verify", verify, says=_("look at every page of a backup anew; without PATH of all"))
    checking.add_argument("backup", type=Path, nargs="?", metavar="PATH", help=_("the folder of the backup"))
    restore = verbs.add("restore", restore_backup, says=_("build a workspace from a backup, in a new folder or here"))
    restore.add_argument("backup", type=Path, metavar="PATH", help=_("the folder of the backup"))
    where = restore.add_mutually_exclusive_group(required=True)
    where.add_argument("--into", type=Path, metavar="DIR", help=_("the new folder"))
    where.add_argument("--in-place", action="store_true", help=_("in the place of this workspace, which is put aside"))
    verbs.add("drill", drill, says=_("try out restoring the newest backup, without touching what is here"))
    parser.epilog = _("Exit code 0: done. 3: a backup or the drill is not sound, said in words.")


def make(shell: Shell, wanted: argparse.Namespace) -> int:
    """A backup counts only after it was opened and compared."""
    with opened(shell) as context:
        desk, workspace = context.desk, context.workspace
        if wanted.daily and not service.is_due(desk, workspace):
            shell.tell({"backup": None}, lines=[_("Today has a backup already.")])
            return 0
        made = service.make(desk, workspace, daily=wanted.daily)
        said = [_("Backed up and verified: {folder} ({size})").format(folder=made.path, size=format_bytes(made.bytes))]
        copy = service.save_copy(desk, workspace, made, wanted.to) if wanted.to else None
        if copy:
            said.append(_("Copied and compared: {folder}").format(folder=copy))
        shell.tell({"backup": made.path, "at": made.at, "bytes": made.bytes, "copy": copy}, lines=said)
    return 0


def list_backups(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Needs no passphrase: the names of backups and of those who open them say nothing of a case."""
    found = backups(directory(shell))
    here = directory(shell)
    today = read_key_file(here) if (here / KEY_FILE).is_file() else None
    people = {each.path: service.openers(each.path, today=today) for each in found}
    document = [
        {"backup": each.path, "at": each.at, "bytes": each.bytes, "entries": each.entries,
         "made_by": counts_as(each, found, at=shell.now()),
         "opened_by": [{"login": who.login, "todays_password": who.today} for who in people[each.path]]}
        for each in found
    ]  # fmt: skip
    head = (_("Made"), _("Size"), _("Opened by"))
    cells = [(format_datetime(e.at), format_bytes(e.bytes), opened_by(people[e.path])) for e in found]
    ahead = [_ahead(each, found, at=shell.now()) for each in found if each.at > shell.now()]
    rows = [*columns(head, cells), *(str(each.path) for each in found), *ahead]
    shell.tell({"backups": document}, lines=rows if found else [_("There is no backup yet.")])
    return 0


def _ahead(backup: Backup, found: tuple[Backup, ...], *, at: datetime) -> str:
    """What is said of a backup whose date is still to come."""
    made = counts_as(backup, found, at=at)
    words = _("{name}: its date is still to come, so a clock was wrong. It stays until there is a backup after it.")
    if made is not None:
        words = _("{name}: its date is still to come, so a clock was wrong. It was made before the backup of {when} "
                  "and goes with that one.")  # fmt: skip
    return words.format(name=backup.path.name, when=format_datetime(made) if made else "")


def verify(shell: Shell, wanted: argparse.Namespace) -> int:
    """Every page, link and row of one backup, or of all of them."""
    results = {}
    with opened(shell) as context:
        chosen = (_at(wanted.backup),) if wanted.backup else backups(context.workspace.directory)
        for each in chosen:
            try:
                service.check(context.desk, context.workspace, each)
                results[each.path] = ""
            except (Conflicted, WorkspaceDamaged) as error:
                results[each.path] = str(error)
    told = [{"backup": path, "sound": not problem, "problem": problem} for path, problem in results.items()]
    lines = [f"{path}  {problem or _('whole')}" for path, problem in results.items()]
    shell.tell({"backups": told}, lines=lines or [_("There is no backup yet.")])
    return UNSOUND if any(results.values()) else 0


def restore_backup(shell: Shell, wanted: argparse.Namespace) -> int:
    """Opens with a passphrase that was valid on the day of the backup."""
    if not (wanted.backup / KEY_FILE).is_file():
        raise UserError(_("There is no backup in {folder}.").format(folder=wanted.backup))
    login = shell.options.user or _only_user(wanted.backup)
    password = read_passphrase(shell)
    into = directory(shell) if wanted.in_place else wanted.into
    if wanted.in_place:
        restoring.prepare(wanted.backup, directory=into, login=login, password=password, now=shell.now)
        restoring.put_in_place(into, now=shell.now)
    else:
        restoring.restore(wanted.backup, into=into, login=login, password=password, now=shell.now)
    shell.tell({"workspace": into}, lines=[_("Restored and verified: {folder}").format(folder=into)])
    return 0


def drill(shell: Shell, _wanted: argparse.Namespace) -> int:
    """Leaves nothing behind but an entry in the audit."""
    with opened(shell) as context:
        found = service.drill(context.desk, context.workspace)
    told = {
        "sound": not found.problems, "backup": found.backup.path, "problems": found.problems,
        "entries": found.entries, "newer": found.newer,
    }  # fmt: skip
    shell.tell(told, lines=_drilled(found))
    return UNSOUND if found.problems else 0


def opened_by(people: tuple[Opener, ...]) -> str:
    """'Sari (today's password), Budi (the password of that day)'."""
    words = [
        f"{who.name} ({_('today’s password') if who.today else _('the password of that day')})" for who in people
    ]  # fmt: skip
    return ", ".join(words)


def _drilled(found: Drill) -> Iterator[str]:
    yield from found.problems
    if not found.problems:
        when = format_datetime(found.backup.at)
        yield _("The backup of {when} restores: every page, every link and every row was looked at.").format(when=when)
    n = found.newer
    newer = ngettext("{n} entry here is newer than it.", "{n} entries here are newer than it.", n)
    yield newer.format(n=format_number(n))


def _at(folder: Path) -> Backup:
    found = backup_in(folder)
    if found is None:
        raise UserError(_("There is no backup in {folder}.").format(folder=folder))
    return found


def _only_user(folder: Path) -> str:
    users = read_key_file(folder).users
    if len(users) > 1:
        names = ", ".join(sorted(user.login for user in users))
        raise UserError(
            _("Several people work with this workspace. Say who you are with --user: {names}.").format(names=names)
        )
    return users[0].login

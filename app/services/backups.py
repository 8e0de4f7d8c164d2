"""Backups as people deal with them: made every day, checked, carried away, tried out, and what a restore would lose."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import i18n
from app.errors import Conflicted, DiskFull, KnownError, WorkspaceDamaged
from app.i18n import _
from app.models import settings
from app.models.journal import Journal, audit
from app.models.local import AuditEntry, Operation
from app.models.permission import Permission
from app.services.audit_log import note
from app.services.desk import Desk
from app.vault import restoring
from app.vault.attempts import NEVER
from app.vault.backup import NAME, Backup, Stoppable, back_up, backups, newest
from app.vault.keyfile import KeyFile, read_key_file
from app.vault.restoring import TriedOut
from app.vault.workspace import Workspace

CHECKS = "backup_checks"  # folder -> [when it was checked last, what was wrong]
FAILED = "backup_failed"  # [when, why] the daily backup did not come about
DRILLED = "backup_drilled"  # when restoring was tried out last
DRILL_AFTER = timedelta(days=90)
AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Opener:
    """Somebody whose password opens a backup: today's, or the one they had that day. `gone`: not a user any more."""

    login: str
    name: str
    today: bool
    gone: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A backup with all that can be said of it without opening it. `problem` is '' unless a check found one."""

    backup: Backup
    checked_at: datetime
    problem: str
    openers: tuple[Opener, ...]


@dataclass(frozen=True, slots=True)
class Losses:
    """What a restore of a backup would take away: entries newer than it, and those of them that were not sent."""

    entries: int
    unsent: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with the backups: the newest, why the daily one failed, when restoring was last tried out."""

    newest: datetime | None
    failed_at: datetime | None
    failed: str
    drilled_at: datetime | None
    drill_due: bool


@dataclass(frozen=True, slots=True)
class Drill:
    """A restore that was tried out: of which backup, what was wrong, and how many entries are newer than it."""

    backup: Backup
    problems: tuple[str, ...]
    entries: int
    newer: int


def listed(desk: Desk, workspace: Workspace) -> tuple[Listed, ...]:
    """Every backup of this workspace, newest first."""
    with desk.read(Permission.BACK_UP) as session:
        checks: dict[str, list[str]] = settings.get(session, CHECKS, {})
    today = workspace.key_file()
    return tuple(_listed(each, checks.get(each.path.name), today) for each in backups(workspace.directory))


def openers(folder: Path, *, today: KeyFile | None) -> tuple[Opener, ...]:
    """Whose passwords open this backup; nobody's when its key file cannot be read."""
    try:
        slots = read_key_file(folder).slots
    except (KnownError, OSError):
        return ()
    now = {slot.user.id: slot for slot in today.slots} if today else {}
    found = []
    for slot in slots:
        here = now.get(slot.user.id)
        same = here is not None and here.salt == slot.salt  # each password has a salt of its own
        found.append(Opener(slot.user.login, slot.user.name, today=same, gone=bool(today) and here is None))
    return tuple(found)


def make(
    desk: Desk, workspace: Workspace, *, stop: Stoppable | None = None, daily: bool = False, thin: bool = True
) -> Backup:
    """A backup now, verified at once, in the audit. Before a restore none is thinned out: it may be the one wanted."""
    desk.require(Permission.BACK_UP)
    made = back_up(workspace, now=desk.now, stop=stop, thin=thin)
    with suppress(DiskFull):  # the backup is there, whether or not there is room to say so
        _keep(desk, "backup", fields=("daily",) if daily else (), values={FAILED: None})
    return made


def is_due(desk: Desk, workspace: Workspace) -> bool:
    """Whether today has no backup yet. While the data may be older than known no backup is made unasked."""
    if workspace.stale:
        return False
    found = newest(workspace.directory, at=desk.now())
    return found is None or found.at > desk.now() or found.at.astimezone(i18n.zone()).date() < desk.today()


def daily(desk: Desk, workspace: Workspace, *, stop: Stoppable | None = None) -> Backup | None:
    """The backup of today, if there is none yet; what keeps it from being made is kept, told, and tried again later."""
    if not is_due(desk, workspace) or not _may_try(desk):
        return None
    try:
        return make(desk, workspace, stop=stop, daily=True)
    except KnownError as error:
        told = [desk.now().isoformat(), str(error)]
        with suppress(KnownError):
            _keep(desk, "", values={FAILED: told})
        raise


def check(desk: Desk, workspace: Workspace, backup: Backup) -> None:
    """Look at every page, link and row of a backup anew, and keep when that was and what was found.

    WorkspaceDamaged when it is not whole; Conflicted when only a password of its day could tell.
    """
    desk.require(Permission.BACK_UP)
    try:
        restoring.check(backup.path, directory=workspace.directory, keys=workspace.keys)
    except WorkspaceDamaged as error:
        _note_check(desk, workspace, backup, str(error))
        raise
    _note_check(desk, workspace, backup, "")


def save_copy(desk: Desk, workspace: Workspace, backup: Backup, folder: Path) -> Path:
    """Copy a backup to a stick or drive, read back and compared, and say so in the audit; where it lies."""
    desk.require(Permission.BACK_UP)
    done = restoring.save_copy(backup.path, folder=folder)
    note(desk, "backup_copy", kind="workspace", record=workspace.vault_id, fields=(backup.path.name,))
    return done


def losses(desk: Desk, workspace: Workspace, backup: Backup) -> Losses:
    """What would be gone from this laptop after a restore; what the centre has comes back with the next sync."""
    desk.require(Permission.BACK_UP)
    after = backup.at if backup.at <= desk.now() else NEVER  # a date still to come says nothing: rather too many
    with _reading(desk) as session:
        entered = AuditEntry.action.in_(("create", "change"))
        newer = select(func.count()).where(AuditEntry.seq > backup.entries, entered)
        waiting = select(func.count()).where(Operation.result.is_(None), Operation.settled.is_(False))
        return Losses(session.scalar(newer) or 0, session.scalar(waiting.where(Operation.at > after)) or 0)


def drill(desk: Desk, workspace: Workspace) -> Drill:
    """Restore the newest backup into a private folder, look at all of it, compare it with what is here, remove it."""
    desk.require(Permission.BACK_UP)
    last = newest(workspace.directory, at=desk.now())
    if last is None:
        raise Conflicted(_("There is no backup yet. Make one first."))
    tried = restoring.try_out(last.path, directory=workspace.directory, keys=workspace.keys)
    problems = tuple(_problems(tried))
    with suppress(DiskFull):
        found = ("problems",) if problems else ()
        _keep(desk, "drill", fields=(last.path.name, *found), values={DRILLED: desk.now().isoformat()})
    with _reading(desk) as session:
        seq = session.scalar(select(func.max(AuditEntry.seq))) or 0
    return Drill(last, problems, tried.head.seq, max(0, seq - tried.head.seq - 1))  # less the entry of the drill


def standing(desk: Desk, workspace: Workspace) -> Standing:
    """How it stands."""
    last = newest(workspace.directory, at=desk.now())
    with _reading(desk) as session:
        failed = settings.get(session, FAILED)
        drilled = settings.get(session, DRILLED)
        began = session.scalar(select(AuditEntry.at).order_by(AuditEntry.seq).limit(1))
    at = datetime.fromisoformat(drilled) if drilled else None
    since = at or began
    due = since is not None and desk.now() - since >= DRILL_AFTER
    return Standing(
        last.at if last else None, datetime.fromisoformat(failed[0]) if failed else None,
        failed[1] if failed else "", at, due,
    )  # fmt: skip


def restored_since(desk: Desk) -> datetime | None:
    """When the backup was made from which this workspace was restored right before this sign-in; None otherwise."""
    with _reading(desk) as session:
        rows = select(AuditEntry.action, AuditEntry.fields).order_by(AuditEntry.seq.desc()).limit(4)
        for action, fields in session.execute(rows):
            if action == "restore":
                return datetime.strptime(fields, NAME).replace(tzinfo=UTC) if fields else None
            if action not in ("sign_in", "failed_sign_ins"):
                return None
    return None


def _listed(backup: Backup, checked: list[str] | None, today: KeyFile) -> Listed:
    at, problem = (datetime.fromisoformat(checked[0]), checked[1]) if checked else (backup.at, "")
    return Listed(backup, at.astimezone(UTC), problem, openers(backup.path, today=today))


def _may_try(desk: Desk) -> bool:
    with _reading(desk) as session:
        failed = settings.get(session, FAILED)
    return not failed or desk.now() - datetime.fromisoformat(failed[0]) >= AGAIN_AFTER


def _problems(tried: TriedOut) -> list[str]:
    found = list(tried.problems)
    if tried.broken is not None:
        words = _("Audit entry {n} is missing.") if tried.broken.missing else _("Audit entry {n} was altered.")
        found.append(words.format(n=tried.broken.seq))
    if not tried.follows:
        found.append(_("What is here now does not go on from this backup: one of the two is another past."))
    return found


def _note_check(desk: Desk, workspace: Workspace, backup: Backup, problem: str) -> None:
    there = {each.path.name for each in backups(workspace.directory)}
    with _reading(desk) as session:
        kept = {name: told for name, told in settings.get(session, CHECKS, {}).items() if name in there}
    kept[backup.path.name] = [desk.now().isoformat(), problem]
    _keep(desk, "backup_check", fields=(backup.path.name,), values={CHECKS: kept})


def _keep(desk: Desk, action: str, *, values: dict[str, Any], fields: tuple[str, ...] = ()) -> None:
    """One transaction: settings, and the entry of the audit if there is one. It tells nobody of changes."""
    with Session(desk.engine) as session, session.begin():
        session.info["journal"] = Journal(desk.actor, desk.now)
        for name, value in values.items():
            settings.put(session, name, value)
        if action:
            audit(session, action, "workspace", settings.get(session, "device", ""), fields)


def _reading(desk: Desk) -> Session:
    return Session(desk.engine.execution_options(naungan_read=True))

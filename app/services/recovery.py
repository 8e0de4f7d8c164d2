"""The escrow of this workspace, the recovery keys on paper, and the way back in with two people's keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.errors import Invalid
from app.i18n import _, language
from app.models.journal import audit
from app.models.office import User
from app.models.permission import Permission
from app.reports.recovery_sheet import Sheet, sheet_pdf
from app.services.desk import Clock, Desk
from app.services.first_run import Person, actor_for
from app.vault import recovery, recovery_backup, restoring
from app.vault.escrow import Opened, Trustees
from app.vault.recovery import Newcomer
from app.vault.recovery_key import lines_of, new_key
from app.vault.workspace import Vault, Workspace

SEALED = "escrow"  # what the audit calls it


@dataclass(frozen=True)
class Occasion:
    """Who comes in, with whose keys: the names of the two people. `only`: everybody else's access is taken away."""

    newcomer: Newcomer
    district: str
    centre: str
    only: bool = False

    def check(self) -> None:
        """Invalid unless two people are named."""
        first, second = (name.strip().casefold() for name in (self.district, self.centre))
        if not first or not second or first == second:
            words = _("A recovery needs two people: name the one of the district and the one of the centre.")
            raise Invalid(words, [("by", words)])


def paper_key(holder: str, *, office: str, now: Clock) -> tuple[str, bytes]:
    """(public half, sheet as PDF) of a new key for 'district' or 'centre'. The secret is on the sheet alone."""
    key = new_key()
    sheet = Sheet(holder=holder, office=office, public=key.public, lines=lines_of(key.secret), made=now())
    return key.public, sheet_pdf(sheet, language=language())


def set_trustees(desk: Desk, workspace: Workspace, *, district: str, centre: str) -> None:
    """Seal the keys of this workspace to these two recovery keys (age1...); from then on it can be recovered."""
    desk.require(Permission.MANAGE_USERS)
    workspace.set_trustees(Trustees(district.strip(), centre.strip()))
    with desk.note(Permission.MANAGE_USERS) as session:
        audit(session, SEALED, "workspace", workspace.vault_id)


def recover(directory: Path, *, opened: Opened, occasion: Occasion, now: Clock, vault: Vault | None = None) -> str:
    """Let the newcomer in; what is doubted about the data, in words, or ''. See `app.vault.recovery.recover`."""
    occasion.check()
    by, newcomer = (occasion.district, occasion.centre), occasion.newcomer
    workspace = recovery.recover(vault or Vault(), directory, opened=opened, newcomer=newcomer, by=by, now=now)
    with workspace:
        if workspace.stale:
            not_only = _("The keys were not changed and nobody was removed, because the data may be older than known. "
                         "Accept it after signing in, then remove the others under People.")  # fmt: skip
            return f"{workspace.stale} {not_only}" if occasion.only else workspace.stale
        gone = [user.id for user in workspace.users() if user.id != workspace.user.id] if occasion.only else []
        if gone:
            workspace.remove_others()
        _enter(workspace, gone=gone, now=now)
    return ""


def recover_backup(
    backup: Path, *, directory: Path, opened: Opened, occasion: Occasion, now: Clock, vault: Vault | None = None
) -> str:
    """As `recover`, into a backup, which then takes the place of the workspace of this folder as any restored one."""
    occasion.check()
    building, found = recovery_backup.lay_out(backup, directory=directory, opened=opened, now=now)
    try:
        doubt = recover(building, opened=found, occasion=occasion, now=now, vault=vault)
        restoring.put_in_place(directory, now=now)
    except BaseException:
        restoring.forget_prepared(directory)
        raise
    return doubt


def _enter(workspace: Workspace, *, gone: list[str], now: Clock) -> None:
    """The newcomer's entry of the office, and the end of those whose slots are gone."""
    user = workspace.user
    person = Person(user.id, user.login, user.name, user.role)
    desk = Desk(workspace.engine, actor_for(workspace.engine, user=person, device=workspace.device.id), now)
    with desk.write(Permission.MANAGE_USERS) as session:
        session.add(User(id=user.id, login=user.login, name=user.name, role=user.role, active=True))
        for each in gone:
            audit(session, "remove_user", "user", each)
            entry = session.get(User, each)
            if entry is not None:
                entry.active = False

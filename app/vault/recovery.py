"""Back into a workspace whose passwords or key file are lost, with what two people's recovery keys gave.

Nothing is changed before everything fits: the escrow is this workspace's, of its present keys, and the file opens.
Then the recovery stands in the audit, and only after that the key file gets the newcomer's slot.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

from app.errors import Conflicted, WorkspaceDamaged
from app.i18n import _
from app.models.local import AuditEntry
from app.vault import cipher, rekey
from app.vault.anchor import Altered, read_anchor
from app.vault.attempts import Clock
from app.vault.chain import append
from app.vault.engine import connect
from app.vault.escrow import Opened
from app.vault.files import DATABASE, be_private
from app.vault.identity import open_identity
from app.vault.instance_lock import InstanceLock
from app.vault.keyfile import KeyFile, read_key_file
from app.vault.people import new_user, refuse_taken
from app.vault.place import refuse_share
from app.vault.rekey import Prepared, with_escrow, write_prepared
from app.vault.ring import Ring, kept_in
from app.vault.slot import UserSlot, make_slot
from app.vault.workspace import Opener, Vault, Workspace

ACTION = "recover"


@dataclass(frozen=True)
class Newcomer:
    """Who comes in: a new user with a password of their own, who reads everything."""

    login: str
    name: str
    role: str
    password: str


def recover(
    vault: Vault, directory: Path, *, opened: Opened, newcomer: Newcomer, by: tuple[str, str], now: Clock
) -> Workspace:
    """The workspace, opened by the newcomer. `by` are the names of the two people, district and centre.

    Conflicted for an escrow of another workspace or of other keys; Invalid, WorkspaceDamaged, WorkspaceBusy, ReadOnly.
    """
    be_private()
    refuse_share(directory)
    cipher.check_is_ours(directory / DATABASE)
    lock = InstanceLock.take(directory)
    try:
        user = new_user(
            newcomer.login, name=newcomer.name, role=newcomer.role, password=newcomer.password, cleared=True
        )
        standing = _standing(directory, opened)
        if standing is not None:
            rekey.finish(directory, key_file=standing, keys=opened.held.keys)
        _require_opens(directory, opened)
        known = _known(directory, opened, standing=standing)
        key_file = _with(user, known, opened=opened, password=newcomer.password, vault=vault)
        opener = Opener(user.login, lock, now, vault.cost)
        workspace = vault.enter(directory, key_file=key_file, held=opened.held, opener=opener)
    except BaseException:
        opened.held.wipe()
        lock.release()
        raise
    try:
        _audit(workspace, by=by, now=now)
        _write(workspace, key_file, opened=opened)
    except BaseException:
        workspace.close()
        raise
    return workspace


def other_workspace() -> Conflicted:
    """The one sentence for an escrow of something else."""
    return Conflicted(_("This escrow belongs to another workspace. Nothing was changed."))


def older_escrow() -> Conflicted:
    """The one sentence for an escrow that was replaced since."""
    return Conflicted(_("This is an older escrow of this workspace. Take the latest one. Nothing was changed."))


def _standing(directory: Path, opened: Opened) -> KeyFile | None:
    """The key file if it is sound; None when it is missing or damaged, and the escrow stands in for it."""
    try:
        key_file = read_key_file(directory)
    except WorkspaceDamaged:
        return None
    if key_file.vault_id != opened.held.keys.vault_id:
        raise other_workspace()
    if not key_file.is_signed_by(opened.held.keys):
        return None
    record = key_file.escrow
    if record is None or record.generation != opened.generation or not record.is_sealed_by(opened.restricted):
        raise older_escrow()
    return key_file


def _require_opens(directory: Path, opened: Opened) -> None:
    """Conflicted unless both keys are those of the database, of which the escrow is the proof."""
    try:
        with closing(connect(directory / DATABASE, keys=opened.held.keys)) as connection:
            ring = kept_in(connection)
            if ring is not None:
                Ring.unpack(opened.restricted, ring).forget()
    except WorkspaceDamaged as error:
        told = _("This escrow does not open the workspace: it is another's, or the keys were changed since. "
                 "Take the latest escrow. Nothing was changed.")  # fmt: skip
        raise Conflicted(told) from error


def _known(directory: Path, opened: Opened, *, standing: KeyFile | None) -> KeyFile:
    """The sound key file, or one without anybody, as new as the anchor knows."""
    if standing is not None:
        return standing
    try:
        anchor = read_anchor(directory, keys=opened.held.keys)
    except Altered:
        anchor = None
    generation = max(anchor.key_file if anchor else 0, opened.generation)
    return KeyFile(opened.held.keys.vault_id, generation, True, opened.device, ())


def _with(user: UserSlot, known: KeyFile, *, opened: Opened, password: str, vault: Vault) -> KeyFile:
    """The same generation with the newcomer's slot: it is not written like this, only opened with."""
    refuse_taken(known, user.login)
    device = open_identity(known.device, keys=opened.held.keys)
    slot = make_slot(user, password=password, cost=vault.cost, held=opened.held, device=device)
    return replace(known, slots=(*known.slots, slot)).signed(opened.held.keys)


def _audit(workspace: Workspace, *, by: tuple[str, str], now: Clock) -> None:
    entry = AuditEntry(
        at=now().astimezone(UTC), actor=workspace.user.id, device=workspace.device.id, action=ACTION,
        kind="workspace", record=workspace.vault_id, fields=", ".join(name.strip() for name in by),
    )  # fmt: skip
    with closing(connect(workspace.database, keys=workspace.keys)) as connection:
        append(connection, entry)
    workspace.freshness.behind = True


def _write(workspace: Workspace, key_file: KeyFile, *, opened: Opened) -> None:
    """The next generation, whatever is doubted about the data: without it nobody comes in at all."""
    wanted = key_file.with_contents(device=key_file.device, slots=key_file.slots)
    if wanted.escrow is None:
        prepared = with_escrow(wanted, opened.trustees, held=workspace.held)
    else:
        prepared = Prepared(wanted.signed(workspace.keys))
    write_prepared(workspace.directory, prepared)
    workspace.freshness.key_file_seen(prepared.key_file.generation)

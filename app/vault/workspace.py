"""The encrypted workspace of one laptop: made once, opened by any of its users, closed without a trace of its keys.

naungan.keys    who may open it (JSON, signed)        backups/    verified copies
workspace.db    every record (SQLCipher)              attempts    the growing delay      .lock   one program at a time
anchor          how new the data has to be (signed)
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine, event

from app.errors import Invalid, KnownError, ReadOnly, WorkspaceBusy, WorkspaceDamaged
from app.i18n import _
from app.vault import cipher, freshness, migrate, rekey
from app.vault.attempts import Attempts, Clock, count_try, forget_tries, wrong_password
from app.vault.backup import backups, make_backup, remove_unfinished
from app.vault.engine import READ, build_engine, close_all
from app.vault.faults import damaged, translated
from app.vault.files import ANCHOR, DATABASE, KEY_FILE, NEW, be_private, private_folder
from app.vault.files import replace as put_in_place
from app.vault.freshness import Doubt, Freshness
from app.vault.identity import DeviceIdentity, new_identity, open_identity
from app.vault.instance_lock import InstanceLock
from app.vault.kdf import KdfCost
from app.vault.keyfile import VERSION, KeyFile, read_key_file, write_key_file
from app.vault.keys import Keys
from app.vault.migrate import MIGRATIONS
from app.vault.passwords import check_password
from app.vault.people import new_user, refuse_removal, user_of
from app.vault.slot import Slot, UserSlot, make_slot, open_slot
from app.vault.verify import require_seals


@dataclass(frozen=True)
class Opener:
    """Who opens a workspace, holding its lock, by which clock; what one more password costs."""

    login: str
    lock: InstanceLock
    now: Clock
    cost: KdfCost


class Workspace:
    """An open workspace. Close it, or use it as a context manager; after `close` every use fails."""

    def __init__(self, directory: Path, *, key_file: KeyFile, keys: Keys, opener: Opener, doubt: Doubt | None) -> None:
        self.directory = directory
        self.vault_id = key_file.vault_id
        self.user = user_of(key_file, login=opener.login)
        self.keys = keys  # for the vault's own modules: derives for a purpose, never shows itself
        self.device: DeviceIdentity = open_identity(key_file.device, keys=keys)
        self.engine: Engine = build_engine(self.database, keys=keys)
        self.reader: Engine = self.engine.execution_options(**{READ: True})
        self._cost = opener.cost
        self._lock = opener.lock
        self._now = opener.now
        self.freshness = Freshness(directory, keys=keys, now=opener.now, doubt=doubt)
        self.freshness.key_file_seen(key_file.generation)
        event.listen(self.engine, "commit", self.freshness.commit_seen)

    def __repr__(self) -> str:
        return f"Workspace({self.vault_id})"

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def database(self) -> Path:
        """The SQLCipher file."""
        return self.directory / DATABASE

    @property
    def stale(self) -> str:
        """Why the data may be older than what is known, as a sentence; empty when it is the latest.

        While it says something nobody saves records here (`Desk.write` refuses) and the key file stays as it is.
        """
        return str(self.freshness.doubt or "")

    @property
    def unanchored(self) -> bool:
        """Whether something was committed that the anchor does not know yet."""
        return self.freshness.behind and self.freshness.doubt is None

    def anchor(self) -> None:
        """Have the anchor know what was committed: to be called within 5 s of a commit; `close` does it too."""
        self.freshness.keep()

    def accept_older(self) -> None:
        """Let what is here count as the latest, after a person who may decide it has: `services.freshness` asks."""
        self.freshness.accept()

    def users(self) -> tuple[UserSlot, ...]:
        """Everybody who may open this workspace."""
        return self.key_file().users

    def add_user(self, *, login: str, name: str, role: str, password: str) -> UserSlot:
        """One more person with a slot of their own; Invalid when the name is taken or the password too weak."""
        key_file = self.key_file()
        user = new_user(login, name=name, role=role, password=password)
        if key_file.slot_of(user.login):
            taken = _("This sign-in name is taken. Choose another one.")
            raise Invalid(taken, [("login", taken)])
        slot = make_slot(user, password=password, cost=self._cost, keys=self.keys, device=self.device)
        self._write(key_file.with_slot(slot))
        return user

    def give_door(self, password: str) -> None:
        """Bring the signed-in user's slot from the first version to this one; it takes the password they came with."""
        key_file = self.key_file()
        slot = key_file.slot_of(self.user.login)
        if slot is None or slot.door is not None or self.stale:
            return
        fresh = make_slot(
            slot.user, password=password, cost=slot.kdf, keys=self.keys, device=self.device, generation=slot.generation
        )
        self._replace_slot(key_file, fresh, password=password)

    def change_password(self, *, old: str, new: str) -> None:
        """A new slot for the signed-in user, proved by opening it, then put in the old one's place, all or nothing."""
        key_file = self.key_file()
        slot = key_file.slot_of(self.user.login)
        if slot is None:
            raise damaged()
        opened = open_slot(slot, password=old, vault_id=self.vault_id)
        if opened is None:
            raise wrong_password(0)
        opened.wipe()
        check_password(new, login=self.user.login)
        if old == new:
            same = _("The new password is the old one. Choose another.")
            raise Invalid(same, [("password", same)])
        generation = slot.generation + 1
        fresh = make_slot(
            slot.user, password=new, cost=self._cost, keys=self.keys, device=self.device, generation=generation
        )
        self._replace_slot(key_file, fresh, password=new)

    def remove_user(self, user_id: str) -> None:
        """Take somebody's slot away and encrypt everything anew: what they knew opens nothing from now on.

        A backup is made before; like all older ones it opens with the passwords of its day. It takes as long as a
        backup: call it where writes are serial. Conflicted for the signed-in user, and while somebody who stays has a
        slot of the first version; NotFound; WorkspaceBusy while others use the database.
        """
        key_file = self.key_file()
        refuse_removal(key_file, user_id=user_id, signed_in=self.user.id)
        self._require_fresh()
        decided = False
        try:
            with self.freshness.paused(), self.keys.set_aside() as old:
                close_all(self.engine)
                make_backup(self.directory, key_file=key_file, keys=old, now=self._now)
                fresh = Keys.generate(self.vault_id)
                kept = rekey.under_key(fresh, key_file.without_user(user_id), keys=old, device=self.device)
                rekey.rekey(self.directory, key_file=kept, keys=old, fresh=fresh, now=self._now)
                decided = True
                try:
                    rekey.finish(self.directory, keys=fresh)
                finally:
                    self.keys.become(fresh)
        except BaseException:
            if decided:
                self.close()  # the next start puts the database in place
            raise
        self.freshness.key_file_seen(kept.generation)
        self.freshness.keep()

    def close(self) -> None:
        """Settle the write-ahead log, close every connection, wipe the keys, let the next program in. Idempotent.

        With a connection still in use, by a sync that hangs on a dead link, the log stays for the next start.
        """
        if self.keys.wiped:
            return
        try:
            # A full disk or a damaged file loses nothing here: the log stays and is settled at the next start.
            with suppress(KnownError):
                try:
                    close_all(self.engine)
                except WorkspaceBusy:
                    self.freshness.keep()
                else:
                    migrate.settle(self.database, keys=self.keys)
                    self.freshness.rest()
        finally:
            self.device.forget()
            self.keys.wipe()
            self._lock.release()

    def key_file(self) -> KeyFile:
        """The key file as it is on the disk now, refused if somebody changed it since."""
        key_file = read_key_file(self.directory)
        if not key_file.is_signed_by(self.keys):
            raise damaged()
        return key_file

    def _write(self, key_file: KeyFile) -> None:
        self._require_fresh()
        write_key_file(self.directory, key_file.signed(self.keys))
        self.freshness.key_file_seen(key_file.generation)

    def _replace_slot(self, key_file: KeyFile, fresh: Slot, *, password: str) -> None:
        proof = open_slot(fresh, password=password, vault_id=self.vault_id)
        if proof is None or not proof.same_as(self.keys):
            raise RuntimeError("the new slot does not open; the old one was kept")
        proof.wipe()
        self._write(key_file.with_slot(fresh))

    def _require_fresh(self) -> None:
        if self.stale:
            raise ReadOnly(self.stale)


@dataclass(frozen=True)
class Vault:
    """How workspaces are made and opened: the defaults are the product's, a test brings a cheaper cost."""

    cost: KdfCost = field(default_factory=KdfCost)
    migrations: Path = MIGRATIONS

    def create(self, directory: Path, *, login: str, name: str, role: str, password: str, now: Clock) -> Workspace:
        """A new workspace, opened by its first user.

        A kill in the middle leaves a key file that says "not initialised": `create` starts over from it.
        """
        user = new_user(login, name=name, role=role, password=password)
        be_private()
        private_folder(directory)
        keys = Keys.generate(secrets.token_hex(16))
        lock = InstanceLock.take(directory)
        try:
            refuse_existing(directory)
            with translated():
                (directory / ANCHOR).unlink(missing_ok=True)  # of an attempt that was cut off, under other keys
            identity = new_identity(keys)
            device = open_identity(identity, keys=keys)
            slot = make_slot(user, password=password, cost=self.cost, keys=keys, device=device)
            key_file = KeyFile(keys.vault_id, 1, False, identity, (slot,)).signed(keys)
            write_key_file(directory, key_file)
            self._make_database(directory, keys=keys)
            freshness.anchor_in_use(directory, key_file=key_file, keys=keys, now=now)
            key_file = _completed(directory, key_file=key_file, keys=keys)
            opener = Opener(user.login, lock, now, self.cost)
            return Workspace(directory, key_file=key_file, keys=keys, opener=opener, doubt=None)
        except BaseException:
            keys.wipe()
            lock.release()
            raise

    def unlock(self, directory: Path, *, login: str, password: str, now: Clock) -> Workspace:
        """The workspace, opened by this user.

        WrongPassword (with `wait_seconds`), WorkspaceDamaged, WorkspaceBusy, WorkspaceNewer, ReadOnly, DiskFull.
        """
        be_private()
        read_finished(directory)
        lock = InstanceLock.take(directory)
        try:
            key_file = read_finished(directory)  # again: whoever held the lock until now may have changed it
            keys = open_keys(directory, key_file=key_file, login=login, password=password, now=now)
            try:
                rekey.finish(directory, keys=keys)
                opener = Opener(login, lock, now, self.cost)
                opened = self._open(directory, key_file=key_file, keys=keys, opener=opener)
            except BaseException:
                keys.wipe()
                raise
        except BaseException:
            lock.release()
            raise
        try:
            opened.give_door(password)
        except BaseException:
            opened.close()
            raise
        return opened

    def _make_database(self, directory: Path, *, keys: Keys) -> None:
        building = directory / (DATABASE + NEW)
        migrate.create_schema(building, keys=keys, migrations=self.migrations)
        with translated():
            put_in_place(building, directory / DATABASE)

    def _open(self, directory: Path, *, key_file: KeyFile, keys: Keys, opener: Opener) -> Workspace:
        if not key_file.is_signed_by(keys):
            raise damaged()
        forget_tries(directory)
        doubt = self._make_ready(directory, key_file=key_file, keys=keys, now=opener.now)
        if doubt is None and not key_file.complete:  # an older program's, or killed before the last step of `create`
            key_file = _completed(directory, key_file=key_file, keys=keys)
        return Workspace(directory, key_file=key_file, keys=keys, opener=opener, doubt=doubt)

    def _make_ready(self, directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock) -> Doubt | None:
        """Settle what a crash left, check seals and freshness, bring an older schema to this program's."""
        database = directory / DATABASE
        anchor, doubt = freshness.first_look(directory, key_file=key_file, keys=keys)
        migrate.remove_leftovers(database)
        remove_unfinished(directory)
        migrate.settle(database, keys=keys)
        require_seals(database, keys=keys)
        if anchor and doubt is None:
            doubt = freshness.second_look(database, anchor, keys=keys)
        if doubt is None:
            freshness.anchor_in_use(directory, key_file=key_file, keys=keys, now=now, before=anchor)
        if not migrate.is_current(database, keys=keys, migrations=self.migrations):
            make_backup(directory, key_file=key_file, keys=keys, now=now)
            migrate.upgrade(database, keys=keys, migrations=self.migrations)
        return doubt


def create(directory: Path, *, login: str, name: str, role: str, password: str, now: Clock) -> Workspace:
    """A new workspace in a folder that has none, opened by its first user; Invalid says what is wrong."""
    return Vault().create(directory, login=login, name=name, role=role, password=password, now=now)


def unlock(directory: Path, *, login: str, password: str, now: Clock) -> Workspace:
    """The workspace, opened by this user; see `Vault.unlock` for what may be raised."""
    return Vault().unlock(directory, login=login, password=password, now=now)


def users(directory: Path) -> tuple[UserSlot, ...]:
    """Who may open the workspace in this folder; needs no key. WorkspaceDamaged when there is none."""
    return read_finished(directory).users


def wait_seconds(directory: Path, *, now: Clock) -> int:
    """Whole seconds until the next try is allowed, whoever makes it."""
    return Attempts.read(directory).wait_seconds(now())


def refuse_existing(directory: Path) -> None:
    """Invalid when the folder holds a workspace, or the remains of one: nothing is ever overwritten."""
    remains = (directory / DATABASE).exists() or any(backups(directory))
    if remains or ((directory / KEY_FILE).exists() and read_key_file(directory).initialised):
        there = _("There is already a workspace in this folder. Open it, or choose another folder.")
        raise Invalid(there, [("directory", there)])


def read_finished(directory: Path) -> KeyFile:
    """The key file of a workspace that has its database; WorkspaceDamaged when either is not what it should be."""
    key_file = read_key_file(directory)
    if not key_file.initialised and not (directory / DATABASE).exists():
        raise WorkspaceDamaged(_("This workspace was never finished. Create it again in the same folder."))
    cipher.check_is_ours(directory / DATABASE)
    return key_file


def open_keys(directory: Path, *, key_file: KeyFile, login: str, password: str, now: Clock) -> Keys:
    """The data key for this name and password; every try counts, an unknown name like a wrong password."""
    wait = count_try(directory, now=now)
    slot = key_file.slot_of(login)
    keys = open_slot(slot, password=password, vault_id=key_file.vault_id) if slot else None
    if keys is None:
        raise wrong_password(wait)
    return keys


def _completed(directory: Path, *, key_file: KeyFile, keys: Keys) -> KeyFile:
    """Record that database and anchor exist: a missing one is an alarm from now on, never a reason to make another."""
    done = replace(key_file, initialised=True, version=VERSION, generation=key_file.generation + 1).signed(keys)
    write_key_file(directory, done)
    return done

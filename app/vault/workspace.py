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

from app.errors import KnownError, WorkspaceBusy
from app.vault import freshness, migrate, rekey, restoring
from app.vault.access import Access
from app.vault.attempts import Clock, forget_tries
from app.vault.backup import make_backup, remove_unfinished
from app.vault.engine import READ, build_engine, close_all
from app.vault.entrance import open_keys, read_finished, refuse_existing
from app.vault.faults import damaged, translated
from app.vault.files import ANCHOR, DATABASE, NEW, be_private, private_folder
from app.vault.files import replace as put_in_place
from app.vault.freshness import Doubt, Freshness
from app.vault.identity import DeviceIdentity, new_identity, open_identity
from app.vault.instance_lock import InstanceLock
from app.vault.kdf import KdfCost
from app.vault.keyfile import VERSION, KeyFile, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.migrate import MIGRATIONS
from app.vault.people import new_user, user_of
from app.vault.place import refuse_share
from app.vault.slot import make_slot
from app.vault.verify import require_seals


@dataclass(frozen=True)
class Opener:
    """Who opens a workspace, holding its lock, by which clock; what one more password costs."""

    login: str
    lock: InstanceLock
    now: Clock
    cost: KdfCost


class Workspace(Access):
    """An open workspace. Close it, or use it as a context manager; after `close` every use fails."""

    def __init__(
        self, directory: Path, *, key_file: KeyFile, held: KeySet, opener: Opener, doubt: Doubt | None
    ) -> None:
        self.directory = directory
        self.vault_id = key_file.vault_id
        self.user = user_of(key_file, login=opener.login)
        self.keys = keys = held.keys  # for the vault's own modules: derives for a purpose, never shows itself
        self.restricted = held.restricted  # what is sealed is under it; None when the signed-in user is not cleared
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
            self.held.wipe()
            self._lock.release()


@dataclass(frozen=True)
class Vault:
    """How workspaces are made and opened: the defaults are the product's, a test brings a cheaper cost."""

    cost: KdfCost = field(default_factory=KdfCost)
    migrations: Path = MIGRATIONS

    def create(self, directory: Path, *, login: str, name: str, role: str, password: str, now: Clock) -> Workspace:
        """A new workspace, opened by its first user.

        A kill in the middle leaves a key file that says "not initialised": `create` starts over from it.
        """
        user = new_user(login, name=name, role=role, password=password, cleared=True)
        be_private()
        refuse_share(directory)
        private_folder(directory)
        held = KeySet.generate(secrets.token_hex(16))
        keys = held.keys
        lock = InstanceLock.take(directory)
        try:
            refuse_existing(directory)
            with translated():
                (directory / ANCHOR).unlink(missing_ok=True)  # of an attempt that was cut off, under other keys
            identity = new_identity(keys)
            device = open_identity(identity, keys=keys)
            slot = make_slot(user, password=password, cost=self.cost, held=held, device=device)
            key_file = KeyFile(keys.vault_id, 1, False, identity, (slot,)).signed(keys)
            write_key_file(directory, key_file)
            self._make_database(directory, keys=keys)
            freshness.anchor_in_use(directory, key_file=key_file, keys=keys, now=now)
            key_file = _completed(directory, key_file=key_file, keys=keys)
            opener = Opener(user.login, lock, now, self.cost)
            return Workspace(directory, key_file=key_file, held=held, opener=opener, doubt=None)
        except BaseException:
            held.wipe()
            lock.release()
            raise

    def unlock(self, directory: Path, *, login: str, password: str, now: Clock) -> Workspace:
        """The workspace, opened by this user.

        WrongPassword (with `wait_seconds`), WorkspaceDamaged, WorkspaceBusy, WorkspaceNewer, ReadOnly, DiskFull.
        """
        be_private()
        refuse_share(directory)
        read_finished(directory)
        lock = InstanceLock.take(directory)
        try:
            key_file = read_finished(directory)  # again: whoever held the lock until now may have changed it
            held = open_keys(directory, key_file=key_file, login=login, password=password, now=now)
            try:
                rekey.finish(directory, key_file=key_file, keys=held.keys)
                opener = Opener(login, lock, now, self.cost)
                opened = self.enter(directory, key_file=key_file, held=held, opener=opener)
            except BaseException:
                held.wipe()
                raise
        except BaseException:
            lock.release()
            raise
        try:
            opened.bring_up(password)
        except BaseException:
            opened.close()
            raise
        return opened

    def _make_database(self, directory: Path, *, keys: Keys) -> None:
        building = directory / (DATABASE + NEW)
        migrate.create_schema(building, keys=keys, migrations=self.migrations)
        with translated():
            put_in_place(building, directory / DATABASE)

    def enter(self, directory: Path, *, key_file: KeyFile, held: KeySet, opener: Opener) -> Workspace:
        """The workspace for who holds its keys and its lock already; raises as `unlock` does."""
        keys = held.keys
        if not key_file.is_signed_by(keys):
            raise damaged()
        forget_tries(directory)
        doubt = self._make_ready(directory, key_file=key_file, keys=keys, now=opener.now)
        if doubt is None and not key_file.complete:  # an older program's, or killed before the last step of `create`
            key_file = _completed(directory, key_file=key_file, keys=keys)
        return Workspace(directory, key_file=key_file, held=held, opener=opener, doubt=doubt)

    def _make_ready(self, directory: Path, *, key_file: KeyFile, keys: Keys, now: Clock) -> Doubt | None:
        """Settle what a crash left, check seals and freshness, bring an older schema to this program's."""
        database = directory / DATABASE
        anchor, doubt = freshness.first_look(directory, key_file=key_file, keys=keys)
        migrate.remove_leftovers(database)
        remove_unfinished(directory)
        restoring.forget_prepared(directory)
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


def _completed(directory: Path, *, key_file: KeyFile, keys: Keys) -> KeyFile:
    """Record that database and anchor exist: a missing one is an alarm from now on, never a reason to make another."""
    done = replace(key_file, initialised=True, version=VERSION, generation=key_file.generation + 1).signed(keys)
    write_key_file(directory, done)
    return done

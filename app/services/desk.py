"""The desk a worker sits at: database, who acts, the clock. One unit of work per action."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app import i18n
from app.errors import DiskFull, Forbidden, KnownError, LeaseOver, ReadOnly, WorkspaceDamaged
from app.i18n import _
from app.models import case_index, person_index
from app.models.journal import Actor, Changes, Journal, audit
from app.models.permission import REFUSALS, Permission, allowed
from app.services.entries import Opens, hidden
from app.services.restricted_search import RestrictedSearch
from app.services.sealing import Keyring, Nobody

Clock = Callable[[], datetime]
Listener = Callable[[Changes], None]


@dataclass(frozen=True, slots=True)
class Saved:
    """A finished save: the id of the main record, what was touched, and warnings a person should read."""

    id: str
    changes: Changes
    warnings: tuple[str, ...] = ()


def _fresh() -> str:
    return ""


@dataclass(slots=True)
class Desk:
    """Given to every service; holds no state of its own but who listens for changes.

    `stale` says, in words, why no record may be saved now (older than known, too long alone); '' when it may.
    `locked` says the same of seeing one.
    """

    engine: Engine
    actor: Actor
    now: Clock
    listeners: list[Listener] = field(default_factory=list)
    stale: Callable[[], str] = _fresh
    locked: Callable[[], str] = _fresh
    keyring: Keyring | None = None  # None: the signed-in user is not cleared for what is sealed
    search: RestrictedSearch | None = None  # finds sealed words; None as above
    directory: Path | None = None  # of the workspace: files lie sealed in it, beside the database

    def opener(self, session: Session) -> Opens:
        """Who opens sealed values that this session reads: the keyring, or nobody."""
        return self.keyring.opener(session) if self.keyring else hidden

    def today(self) -> date:
        """Today in the zone that is shown."""
        return self.now().astimezone(i18n.zone()).date()

    def may(self, permission: Permission) -> bool:
        """Whether the signed-in user may do this: for hiding a button; services refuse by themselves."""
        return allowed(self.actor.role, permission)

    def require(self, permission: Permission) -> None:
        """Forbidden, with a sentence, if the signed-in user may not do this."""
        if not self.may(permission):
            raise Forbidden(_(REFUSALS[permission]))

    def write(self, permission: Permission) -> Unit:
        """`with desk.write(...) as session:` one transaction: journalled, audited, indexed, all or nothing.

        ReadOnly, with the reason, while the data may be older than known or the lease has run.
        """
        self.require(permission)
        if stale := self.stale():
            raise ReadOnly(stale)
        return Unit(self)

    def note(self, permission: Permission) -> Unit:
        """The same for what is no record: the audit, the register of exports, drafts. Never refused as stale."""
        self.require(permission)
        return Unit(self, records=False)

    @contextmanager
    def read(self, permission: Permission = Permission.READ) -> Iterator[Session]:
        """A session that only reads; it neither blocks nor waits for writers. LeaseOver after too long alone."""
        self.require(permission)
        if locked := self.locked():
            raise LeaseOver(locked)
        with Session(self.engine.execution_options(naungan_read=True)) as session:
            yield session

    def tell(self, changes: Changes) -> None:
        """Say to whoever listens what was changed, by a save here or by the sync."""
        if changes:
            for listener in tuple(self.listeners):
                listener(changes)


class Unit:
    """One unit of work. After the block, `changes` says what was touched; listeners have been told."""

    def __init__(self, desk: Desk, *, records: bool = True) -> None:
        self._desk = desk
        self._records = records
        self._session = Session(desk.engine, expire_on_commit=False)
        self._journal = Journal(desk.actor, desk.now)
        self._session.info["journal"] = self._journal
        self._session.info["sealer"] = desk.keyring.sealer(self._session) if desk.keyring else Nobody()
        self.changes = Changes()

    def __enter__(self) -> Session:
        return self._session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        except DatabaseError as problem:
            raise known(problem) from None
        finally:
            self._session.close()
        if isinstance(error, DatabaseError):
            raise known(error) from None
        if self._desk.search is not None:
            self._desk.search.changed(self.changes)
        self._desk.tell(self.changes)

    def _finish(self) -> None:
        self._session.flush()
        changes = self._journal.changes()
        if changes and not self._records:
            raise AssertionError("a note changes no record: use desk.write")
        person_index.refresh(self._session, changes)
        if changes.kinds & {"person", "person_match"}:
            changes |= Changes(cases=case_index.cases_of_person(self._session, changes.records))
        if self._desk.keyring:
            self._desk.keyring.ensure_grants(self._session, changes.cases, today=self._desk.today())
            changes |= self._journal.changes()
        case_index.refresh(self._session, changes.cases)
        self._session.commit()
        self.changes = changes


def known(error: DatabaseError) -> KnownError:
    """The environment's fault in words, or the error itself again if it is a bug. Values never enter the message."""
    words = str(error.orig).lower()
    if "full" in words:
        return DiskFull(_("The disk is full. Nothing was saved and nothing was lost; free some room and save again."))
    if "readonly" in words or "read-only" in words:
        return ReadOnly(_("This workspace cannot be written to. Check whether its disk or folder is read-only."))
    if "malformed" in words or "not a database" in words or "disk i/o" in words:
        return WorkspaceDamaged(_("The workspace file is damaged. Close Naungan and restore the latest backup."))
    raise error


def log_view(desk: Desk, record: str, *, kind: str = "case") -> None:
    """Write into the audit that the signed-in user looked at a case, or at a referral with what it shares."""
    with desk.note(Permission.READ) as session:
        audit(session, "view", kind, record)

"""The composition root: an unlocked workspace, the desk, the sync. Passed, never imported as a global."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import i18n
from app.errors import Conflicted, DiskFull, KnownError
from app.i18n import _
from app.models import settings
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import audit_log, code_lists, erasure, first_run, granting
from app.services.desk import Desk
from app.services.freshness import hold_against_receipt
from app.services.laptops import receive
from app.services.lease import LeaseWatch
from app.services.restricted_search import RestrictedSearch
from app.services.sealed_files import SealedFiles
from app.services.sealing import NOTHING, Keyring
from app.services.sealing_up import seal_up
from app.sync import anew
from app.sync.enrol import Certificate, enrol, words_of
from app.sync.http import HttpTransport
from app.sync.loop import SyncSetup
from app.sync.meeting import meet
from app.sync.report import SyncReport
from app.sync.wiping import Wipe, proved_order
from app.vault.attachments import sweep
from app.vault.attempts import Attempts
from app.vault.destroy import destroy
from app.vault.identity import DeviceIdentity, fresh_private, identity_of
from app.vault.workspace import Vault, Workspace

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The real time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Context:
    """Everything a screen or a command needs after unlocking."""

    workspace: Workspace
    desk: Desk
    now: Clock = system_clock
    lease: LeaseWatch = field(init=False)
    signer: DeviceIdentity = field(init=False)  # the device as the centre knows it

    def __post_init__(self) -> None:
        self.lease = LeaseWatch(self.workspace.engine, self.now)
        self.desk.stale = lambda: self.workspace.stale or self.lease.no_entry()
        self.desk.locked = self.lease.no_look
        self._sign_as()
        self.desk.directory = self.workspace.directory
        if self.desk.keyring is None:
            engine, restricted = self.workspace.engine, self.workspace.restricted
            self.desk.keyring = Keyring.open(engine, restricted, signer=self.signer, device=self.workspace.device)
        if self.desk.search is None:
            self.desk.search = RestrictedSearch.open(
                self.workspace.engine, self.desk.keyring, directory=self.workspace.directory,
                keys=self.workspace.restricted,
            )  # fmt: skip
        code_lists.watch(self.desk)

    def setting(self, name: str, default: Any = None) -> Any:
        """A named value of this workspace."""
        with Session(self.workspace.engine.execution_options(naungan_read=True)) as session:
            return settings.get(session, name, default)

    def put_setting(self, name: str, value: Any) -> None:
        """Keep a named value in the encrypted file."""
        with Session(self.workspace.engine) as session:
            settings.put(session, name, value)
            session.commit()

    def sync_setup(self) -> SyncSetup:
        """What the sync needs of this workspace."""
        return SyncSetup(
            engine=self.workspace.engine, signer=self.signer, actor=self.desk.actor, now=self.now,
            stale=self.workspace.stale, stale_word=self.workspace.freshness.word, received=self.give_keys,
            files=SealedFiles(self.workspace.directory),
        )  # fmt: skip

    def transport(self, url: str | None = None) -> HttpTransport:
        """The way to the centre: the given address, else the one kept at enrolment."""
        trusted = self.setting("centre_ca") or b""
        return HttpTransport(url or self.setting("centre_url", ""), self.signer, trusted=trusted)

    def first_transport(self, address: str) -> HttpTransport:
        """The way to the centre at which this laptop is about to be enrolled: its address, a space, its pin."""
        return meet(address, self.signer)

    def six_words(self) -> str:
        """What a person reads to the centre, which reads the same; '' before enrolment."""
        with Session(self.workspace.engine.execution_options(naungan_read=True)) as session:
            return words_of(session, self.signer.sign_public)

    def sign_in_again(self) -> None:
        """Read office and role anew: after enrolment the office has its real identity."""
        self._sign_as()
        self.desk.actor = first_run.actor_for(
            self.workspace.engine, user=_person(self.workspace), device=self.signer.id
        )
        self.lease.reload()
        self.give_keys()

    def enrol_anew(self, address: str, *, code: str) -> Certificate:
        """Go on as a new device of the same office, with all work that is here: after a copy or a restored backup."""
        if self.setting("certificate") is None:
            raise Conflicted(_("This laptop is not enrolled yet. Enrol it without --anew."))
        private = self.setting(anew.NEXT) or fresh_private()
        self.put_setting(anew.NEXT, private)  # a lost reply is asked for again by the same device
        signer = identity_of(private)
        with meet(address, signer) as transport:
            tag, setup = first_run.device_tag(signer.id), replace(self.sync_setup(), signer=signer)
            certificate = enrol(setup, transport, code=code, tag=tag, anew=private)
        self.sign_in_again()
        return certificate

    def _sign_as(self) -> None:
        private = self.setting(anew.KEYS)
        self.signer = identity_of(private) if private else self.workspace.device
        if self.desk.keyring is not None:
            self.desk.keyring.signer = self.signer

    def give_keys(self, came: Changes = NOTHING) -> None:
        """Take the office's key if it was given to this laptop; give the keys of what is sealed to whoever may have
        them and could not be given them before. `came` is what a sync brought, which sends at once what is given.
        """
        restricted = self.workspace.restricted
        if self.desk.keyring is None or restricted is None or self.desk.stale() or self.desk.locked():
            return
        receive(self.desk, self.signer, restricted=restricted)
        with self.desk.read(Permission.SYNC) as session:
            granting.lacking(session, self.desk.keyring)
        with self.desk.write(Permission.SYNC) as session:
            self.desk.keyring.missing(session, came, today=self.desk.today())

    def synced(self, report: SyncReport) -> None:
        """After a sync, whatever came of it: the lease may run anew, and whoever listens hears of changes."""
        self.lease.reload()
        for told in report.erased:
            erasure.forget_beside(self.workspace.directory, told.files)
        hold_against_receipt(self.desk, self.workspace)
        if self.desk.search is not None:
            self.desk.search.changed(report.changes)
        self.desk.tell(report.changes)

    def believes(self, wipe: Wipe) -> bool:
        """Whether this order is the centre's, and for this device."""
        key, device = self.setting("centre_key") or b"", bytes.fromhex(self.signer.id)
        return proved_order(wipe.proof, centre_key=key, device=device) is not None

    def obey(self, wipe: Wipe) -> bool:
        """Destroy this workspace, if the centre ordered just that; what was not sent goes with it.

        False, and nothing happens, for an order that is not the centre's or not for this device.
        """
        if not self.believes(wipe):
            return False
        destroy(self.workspace)
        return True

    def close(self) -> None:
        """Close the workspace; its keys are gone after this."""
        try:
            if not self.workspace.keys.wiped and not self.workspace.stale:
                self.lease.keep()
        finally:
            if self.desk.search is not None and not self.workspace.keys.wiped:
                self.desk.search.close()
            if self.desk.keyring is not None:
                self.desk.keyring.forget()
            code_lists.forget()
            self.workspace.close()


def _person(workspace: Workspace) -> first_run.Person:
    user = workspace.user
    return first_run.Person(user.id, user.login, user.name, user.role)


def _context(workspace: Workspace, now: Clock) -> Context:
    actor = first_run.actor_for(workspace.engine, user=_person(workspace), device=workspace.device.id)
    context = Context(workspace, Desk(workspace.engine, actor, now), now)
    if context.signer is not workspace.device:
        context.desk.actor = replace(actor, device=context.signer.id)
    hold_against_receipt(context.desk, workspace)
    if not workspace.stale:
        context.lease.keep()
        erasure.tidy(workspace.engine, workspace.directory, now=now())
        with suppress(KnownError, OSError):  # a medium that takes no writing keeps nobody from reading
            sweep(workspace.directory)
    i18n.use(context.setting("language", "id"), context.setting("zone", "WIB"))
    return context


def unlock(
    directory: Path, *, login: str, password: str, now: Clock = system_clock, vault: Vault | None = None
) -> Context:
    """Open a workspace for one of its users; that they came stands in the audit, and how many tries failed before."""
    failed = Attempts.read(directory).failures
    context = _context((vault or Vault()).unlock(directory, login=login, password=password, now=now), now)
    with suppress(DiskFull):  # a full disk keeps nobody from reading
        audit_log.signed_in(context.desk, failed=failed)
        seal_up(context.desk)
    return context


@dataclass(frozen=True, slots=True)
class NewUser:
    """Who sets up a workspace."""

    login: str
    name: str
    role: str
    password: str


def create(
    directory: Path,
    *,
    user: NewUser,
    beginning: first_run.Beginning,
    now: Clock = system_clock,
    vault: Vault | None = None,
) -> Context:
    """Create a workspace with its first user and office."""
    workspace = (vault or Vault()).create(
        directory, login=user.login, name=user.name, role=user.role, password=user.password, now=now
    )
    first_run.begin(workspace.engine, device=workspace.device.id, user=_person(workspace), beginning=beginning, now=now)
    return _context(workspace, now)

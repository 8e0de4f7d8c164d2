"""One laptop of the demo: a real workspace, its passphrase, and every sync it made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app import context as opening
from app.context import Clock, Context
from app.demo.offices import REGION, DemoOffice
from app.errors import KnownError
from app.i18n import _, language
from app.services.first_run import Beginning
from app.services.users import add_user
from app.sync import loop
from app.sync.enrol import enrol
from app.sync.report import SyncReport

Told = Callable[[int, int], None]


@dataclass(slots=True)
class Laptop:
    """An office's laptop. `context` is the open workspace of whoever works at it."""

    office: DemoOffice
    directory: Path
    passphrase: str
    now: Clock
    vault: Any = None
    context: Context = field(init=False)
    syncs: list[SyncReport] = field(default_factory=list)

    def set_up(self) -> None:
        """Create the workspace with its first worker, who lets the others in; then the last one signs in."""
        first, *others = self.office.workers
        user = opening.NewUser(first.login, first.name, first.role, self.passphrase)
        beginning = Beginning(self.office.name, self.office.agency_type, REGION, language=language(), sample=True)
        self.context = opening.create(self.directory, user=user, beginning=beginning, now=self.now, vault=self.vault)
        for worker in others:
            add_user(
                self.context.desk, self.context.workspace, login=worker.login, name=worker.name, role=worker.role,
                password=self.passphrase,
            )  # fmt: skip

    def enrol(self, url: str, *, code: str) -> None:
        """Become a device of the office at this centre."""
        with self.context.transport(url) as transport:
            enrol(self.context.sync_setup(), transport, code=code, tag=self.context.setting("device_tag", ""))
        self.context.sign_in_again()

    def sign_in(self, login: str) -> None:
        """Close the workspace and open it as somebody else."""
        self.context.close()
        self.context = opening.unlock(
            self.directory, login=login, password=self.passphrase, now=self.now, vault=self.vault
        )

    def sync(self, *, told: Told | None = None) -> SyncReport:
        """One whole sync, which has to end in the centre's receipt."""
        with self.context.transport() as transport:
            report = loop.run(
                self.context.sync_setup(),
                transport,
                progress=(lambda at: told(at.done, at.total)) if told else None,
            )
        self.syncs.append(report)
        self.context.synced(report)
        if report.problem is not None:
            raise report.problem
        if not report.green:
            raise KnownError(_("The sync of {office} ended without a receipt.").format(office=self.office.name))
        return report

    def close(self) -> None:
        """Close the workspace; its keys are gone."""
        if hasattr(self, "context"):
            self.context.close()

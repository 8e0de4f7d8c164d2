"""The lease: a laptop that does not meet its centre for long warns, then takes no entry, then shows no record.

What was entered stays and can be sent at every stage: one proven sync renews the lease.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.i18n import _, ngettext
from app.models.contact import Contact, keep_seen, read_contact
from app.services.desk import Clock

WARN, READ_ONLY, LOCKED = timedelta(days=14), timedelta(days=30), timedelta(days=60)


class Stage(IntEnum):
    """How far the lease has run."""

    GOOD = 0
    WARN = 1
    READ_ONLY = 2
    LOCKED = 3


@dataclass(frozen=True, slots=True)
class Lease:
    """A stage, and the whole days since the last proven contact."""

    stage: Stage
    days: int

    def __str__(self) -> str:
        """What a person should know and do; '' while all is well."""
        if self.stage is Stage.GOOD:
            return ""
        since = ngettext(
            "The centre has not confirmed this laptop for {n} day.",
            "The centre has not confirmed this laptop for {n} days.",
            self.days,
        ).format(n=self.days)
        return f"{since} {_what_to_do(self.stage)}"


def weigh(contact: Contact | None, now: datetime) -> Lease:
    """The lease at this moment. Setting the clock back gains nothing; without a centre there is no lease."""
    if contact is None:
        return Lease(Stage.GOOD, 0)
    alone = max(now, contact.seen) - contact.proven
    reached = [stage for stage, limit in zip(Stage, (WARN, READ_ONLY, LOCKED), strict=False) if alone >= limit]
    return Lease(Stage(len(reached)), max(alone.days, 0))


class LeaseWatch:
    """Knows the lease of one open workspace at any moment without asking the file; `reload` after a sync."""

    def __init__(self, engine: Engine, now: Clock) -> None:
        self._engine, self._now = engine, now
        self._contact: Contact | None = None
        self.reload()

    def reload(self) -> None:
        """Read it anew."""
        with Session(self._engine.execution_options(naungan_read=True)) as session:
            self._contact = read_contact(session)

    def lease(self) -> Lease:
        """The lease now."""
        now, contact = self._now(), self._contact
        if contact is not None and now > contact.seen:
            self._contact = contact = Contact(contact.proven, now)
        return weigh(contact, now)

    def keep(self) -> None:
        """Have the file know how late it is: when the workspace opens, and when it closes."""
        contact = self._contact
        if contact is None:
            return
        try:
            with Session(self._engine) as session, session.begin():
                keep_seen(session, max(self._now(), contact.seen))
        except DatabaseError:
            return  # a full disk: the next entry of the audit says it as well, and no work hangs on it

    def no_entry(self) -> str:
        """Why nothing may be saved now; '' when it may."""
        lease = self.lease()
        return str(lease) if lease.stage >= Stage.READ_ONLY else ""

    def no_look(self) -> str:
        """Why no record may be shown now; '' when it may."""
        lease = self.lease()
        return str(lease) if lease.stage is Stage.LOCKED else ""


def _what_to_do(stage: Stage) -> str:
    if stage is Stage.WARN:
        return _("Synchronise soon: after 30 days nothing can be saved here, after 60 nothing can be seen.")
    if stage is Stage.READ_ONLY:
        return _("Nothing can be saved until it is synchronised. If that number is wrong, check the date first.")
    return _("No record is shown until it is synchronised. If that number is wrong, check the date first.")

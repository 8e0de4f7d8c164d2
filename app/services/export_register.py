"""The register of everything that left this laptop as a file: who, when, for whom, what for, which fields."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.models.case_index import CaseRow
from app.models.consent import Consent
from app.models.journal import audit
from app.models.local import Export
from app.models.office import User
from app.models.permission import Permission
from app.reports.api import Format, Rendered
from app.reports.redaction import NEEDS_CONSENT, RELEASABLE
from app.services.desk import Desk
from app.services.entries import get

LIMIT = 2_000
PRINTED = "print"  # stands where the form of a file would


@dataclass(frozen=True, slots=True)
class About:
    """What an export is about, and on which consent it left; nothing for what is about many."""

    case_id: str | None = None
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One entry. `case` is the number of the case, '' for what is about many; `fields` are names, never values."""

    id: str
    at: datetime
    user: str
    who: str
    report: str
    format: str
    case: str
    profile: str
    recipient: str
    purpose: str
    sha256: str
    fields: tuple[str, ...]

    @property
    def released(self) -> tuple[str, ...]:
        """The fields that left because somebody released them by hand; outside the office they leave in no other way.

        Papers from before free text had to be released list the free text that was in them.
        """
        return tuple(f for f in self.fields if f in RELEASABLE) if self.profile in NEEDS_CONSENT else ()


def new_export_id(desk: Desk) -> str:
    """The number of an export: its day, and letters that nobody can guess."""
    return f"{desk.today():%Y%m%d}-{secrets.token_hex(4)}"


def enter(
    desk: Desk, export_id: str, rendered: Rendered, *, report: str, told: tuple[str, str, str],
    about: About = About(),
) -> None:  # fmt: skip
    """Write an export into the register and the audit; `told` is (profile, recipient, purpose)."""
    form = rendered.file_name.removesuffix(".age").rpartition(".")[2]
    profile, recipient, purpose = told
    with desk.note(Permission.EXPORT) as session:
        session.add(
            Export(
                id=export_id, at=desk.now(), user=desk.actor.user, record=about.case_id, consent_id=about.consent_id,
                profile=profile, purpose=purpose,
                report=report if form == Format.PDF else f"{report}.{form}",
                recipient=recipient, sha256=rendered.sha256, fields=",".join(rendered.fields),
            )
        )  # fmt: skip
        kind = "case" if about.case_id else "export"
        audit(session, "export", kind, about.case_id or export_id, (export_id, *rendered.fields))


def sees_all(desk: Desk) -> bool:
    """Whether the signed-in user sees what others exported, too."""
    return desk.may(Permission.READ_AUDIT)


def lines(desk: Desk, *, limit: int = LIMIT) -> tuple[ExportLine, ...]:
    """The register, newest first: a supervisor sees all of it, a worker what they exported themselves."""
    statement = select(Export).order_by(Export.at.desc(), Export.id).limit(limit)
    if not sees_all(desk):
        statement = statement.where(Export.user == desk.actor.user)
    with desk.read() as session:
        return _lines(session, list(session.scalars(statement)))


def touched_by_consent(desk: Desk, consent_id: str) -> tuple[ExportLine, ...]:
    """What left the office on this consent, newest first.

    Whoever withdraws it is told which papers lie where: they cannot be called back from here. A paper from before the
    register knew on which consent one leaves is listed if it may be one of them: about the case, since this one was
    given. Every worker of the case sees them all.
    """
    outside = [str(profile) for profile in NEEDS_CONSENT]
    with desk.read() as session:
        consent = get(session, Consent, consent_id)
        unsaid = [Export.consent_id.is_(None), Export.record == consent.case_id, Export.profile.in_(outside)]
        if consent.decided_at is not None:
            unsaid.append(Export.at >= consent.decided_at)
        statement = (
            select(Export)
            .where(or_(Export.consent_id == consent_id, and_(*unsaid)))
            .order_by(Export.at.desc(), Export.id)
        )
        return _lines(session, list(session.scalars(statement)))


def _lines(session: Session, found: list[Export]) -> tuple[ExportLine, ...]:
    cases = {entry.record for entry in found if entry.record}
    numbers = dict(session.execute(select(CaseRow.case_id, CaseRow.number).where(CaseRow.case_id.in_(cases))).all())
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_({e.user for e in found}))).all())
    return tuple(
        ExportLine(
            id=entry.id, at=entry.at, user=entry.user, who=names.get(entry.user) or "",
            report=entry.report.partition(".")[0], format=entry.report.partition(".")[2] or Format.PDF.value,
            case=numbers.get(entry.record or "", ""), profile=entry.profile, recipient=entry.recipient,
            purpose=entry.purpose, sha256=entry.sha256, fields=tuple(f for f in entry.fields.split(",") if f),
        )
        for entry in found
    )  # fmt: skip

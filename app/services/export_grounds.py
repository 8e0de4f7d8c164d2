"""What an export starts from: the case as plain content, and on what grounds some of it may leave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models import settings
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.conflict import Conflict
from app.models.consent import Consent
from app.models.holder import holder_of
from app.models.office import Agency, Office, User
from app.models.regions import region_name
from app.models.view import CaseFile
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion
from app.reports.document import Letterhead
from app.reports.papers import Paper
from app.reports.redaction import NEEDS_CONSENT, RELEASABLE, Profile, Release
from app.services.case_file import case_file
from app.services.consents import covered
from app.services.desk import Desk
from app.services.entries import get, of_case, readable
from app.services.export_order import Order


def case_input(session: Session, desk: Desk, case_id: str) -> CaseInput:
    """The whole case; what is sealed for whoever asks is left out and listed."""
    return plain_input(session, desk, case_id, case_file(session, case_id))


def plain_input(session: Session, desk: Desk, case_id: str, file: CaseFile) -> CaseInput:
    """The same of a case file that holds less."""
    opens = desk.opener(session)
    records: dict[str, list[tuple[str, Any]]] = {}
    withheld: set[str] = set()
    for kind, record_id, _rev, content in file.rows.values():
        plain = readable(case_id, (kind, record_id), content, opens)
        withheld |= {f"{kind}.{key}" for key in content.keys() - plain.keys() if kind != Conflict.kind}
        records.setdefault(kind, []).append((record_id, plain))
    offices, agencies = session.scalars(select(Office)), session.scalars(select(Agency))
    names = {row.id: row.name or "" for row in (*offices, *agencies)}
    revs = {record_id: rev for (_kind, record_id), (_k, _r, rev, _c) in file.rows.items()}
    return CaseInput(
        case_id, {kind: tuple(rows) for kind, rows in records.items()}, desk.today(), names, revs,
        holder=holder_of(session, get(session, Case, case_id)) or "", withheld=tuple(withheld),
    )  # fmt: skip


def release_for(
    session: Session, desk: Desk, case_id: str, order: Order, profile: Profile
) -> tuple[Release, str | None]:  # fmt: skip
    """What may leave, and on which consent."""
    office = office_of(session, order.agency)
    victim = order.about if order.paper == Paper.RESTITUTION else None
    if profile not in NEEDS_CONSENT:
        return Release(profile=profile, recipient_office=office), None
    usable = {
        consent.id: consent for consent in usable_in(session, desk, case_id, office)
        if victim in (None, consent.person_id)
    }  # fmt: skip
    if order.consent_id is None:
        persons = {consent.person_id for consent in usable.values()}
        if len(persons) > 1:
            message = _("Several victims of this case have given a consent. Choose on whose consent the paper leaves.")
            raise Invalid(message, [("consent_id", message)])
        consent = next(reversed(usable.values()), None)
    else:
        consent = usable.get(order.consent_id)
    if consent is None:
        message = _("No valid consent covers this recipient: record one, or choose the internal profile.")
        raise Invalid(message, [("consent_id", message)])
    tiers = covered(session, desk, case_id, consent.id, office)
    if uncovered := [name for name in order.released if RELEASABLE[name].tier not in tiers]:
        message = _("The consent does not cover “{name}”: it stays here.").format(name=uncovered[0])
        raise Invalid(message, [("released", message)])
    return Release(
        profile=profile, may_leave=tiers, released=frozenset(order.released), person_id=consent.person_id,
        recipient_office=office,
    ), consent.id  # fmt: skip


def usable_in(session: Session, desk: Desk, case_id: str, office: str | None) -> list[Consent]:
    """The consents on which something may go to this recipient today, oldest first."""
    return [c for c in of_case(session, Consent, case_id) if covered(session, desk, case_id, c.id, office)]


def office_of(session: Session, agency: str | None) -> str | None:
    """What a consent names the recipient by: its office, or its entry when it works on paper."""
    entry = get(session, Agency, agency) if agency else None
    return (entry.office_id or entry.id) if entry else None


def name_of(session: Session, agency: str | None) -> str:
    """The name of an entry of the directory; '' for none."""
    return (get(session, Agency, agency).name or "") if agency else ""


def occasion_of(session: Session, desk: Desk, case_id: str, order: Order, said: dict[str, str]) -> Occasion:
    """What the paper says about itself; `said`: its recipient and its number."""
    row = session.scalar(select(CaseRow).where(CaseRow.case_id == case_id))
    chief = select(User.name).where(User.role == "SUPERVISOR", User.active.is_(True)).order_by(User.id).limit(1)
    return Occasion(
        recipient=said["recipient"],
        export_id=said["export_id"],
        purpose=said.get("purpose") or order.purpose,
        worker=desk.actor.name,
        now=desk.now(),
        supervisor=session.scalar(chief) or "",
        place=region_name(settings.get(session, "district")).removeprefix("Kota ").removeprefix("Kabupaten "),
        status=row.status if row else "",
        left_out=frozenset(order.left_out),
        letterhead=letterhead(session, desk),
    )


def letterhead(session: Session, desk: Desk) -> Letterhead:
    """The office that writes, with what of its address is known."""
    office = session.get(Office, desk.actor.office)
    name = str((office.name if office else "") or settings.get(session, "office_name", ""))
    facts = (office.address, office.phone, region_name(office.region)) if office else ()
    return Letterhead(name, (" \u00b7 ".join(fact for fact in facts if fact),) if any(facts) else ())

"""Everything one case page shows, as frozen values in one read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.i18n import _
from app.models.attachment import Attachment
from app.models.base import CaseRecord, Record
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.case_parts import BY_KIND, PARTS
from app.models.codelist import label
from app.models.consent import Consent
from app.models.holder import holder_of
from app.models.matches import canonical, canonicals, same_people
from app.models.person import Party, Person
from app.models.referral import Referral, ReferralEvent
from app.models.said import headline, moment_of
from app.models.screening import Screening
from app.models.service import Note, Service
from app.services.case_list import CaseItem, row_of
from app.services.conflicts import unsettled
from app.services.desk import Desk
from app.services.entries import Entry, Opens, entry_of, get, of_case, unsent
from app.services.referrals import ReferralItem, agency_name, item_of, office_name


@dataclass(frozen=True, slots=True)
class PartyItem:
    """A person with the part they have in the case, and their other cases."""

    party: Entry
    person: Entry
    other_cases: tuple[str, ...]  # case numbers: a recruiter seen twice is shown


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One line of the timeline: who, when, from which office, and whether only this laptop has it yet."""

    kind: str
    record_id: str
    at: datetime
    by: str
    office: str
    text: str
    sent: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case, whole. Lists are oldest first, the timeline newest first."""

    case: Entry
    row: CaseItem
    office: str
    own: bool  # of the signed-in user's office
    parties: tuple[PartyItem, ...]
    parts: Mapping[str, tuple[Entry, ...]]  # every kind of app.models.case_parts, empty ones too
    referrals: tuple[ReferralItem, ...]
    conflicts: tuple[Entry, ...]  # not settled yet
    timeline: tuple[TimelineItem, ...]

    @property
    def screenings(self) -> tuple[Entry, ...]:
        """The screenings."""
        return self.parts[Screening.kind]

    @property
    def services(self) -> tuple[Entry, ...]:
        """The services."""
        return self.parts[Service.kind]

    @property
    def consents(self) -> tuple[Entry, ...]:
        """The consents."""
        return self.parts[Consent.kind]

    @property
    def notes(self) -> tuple[Entry, ...]:
        """The notes."""
        return self.parts[Note.kind]

    @property
    def attachments(self) -> tuple[Entry, ...]:
        """The files."""
        return self.parts[Attachment.kind]

    @property
    def victims(self) -> tuple[PartyItem, ...]:
        """The victims among the parties."""
        return tuple(p for p in self.parties if p.party["role"] == "VICTIM")


def case_with(desk: Desk, kind: str) -> str:
    """The case that holds the most parts of this kind; '' if no case holds one."""
    record = BY_KIND[kind].record
    with desk.read() as session:
        most = select(record.case_id).group_by(record.case_id).order_by(func.count().desc(), record.case_id)
        return session.scalar(most.limit(1)) or ""


def open_page(desk: Desk, case_id: str) -> CasePage:
    """Read a case. NotFound with a sentence if it is not on this laptop."""
    row = row_of(desk, case_id)
    with desk.read() as session:
        case = get(session, Case, case_id)
        holder, waiting = holder_of(session, case), unsent(session, case_id)
        opens = desk.opener(session)
        records = {part: of_case(session, part.record, case_id) for part in PARTS}
        entries = {
            part.kind: tuple(entry_of(r, sent=r.id not in waiting, opens=opens) for r in found)
            for part, found in records.items()
        }
        lines = [r for part, found in records.items() if part.in_timeline for r in found]
        parties = _parties(session, case_id, waiting, opens)
        two_values = unsettled(session, case_id, about=[party.person.id for party in parties])
        return CasePage(
            case=entry_of(case, sent=case.id not in waiting),
            row=row or CaseItem(case_id, case.number or "", "", False, "", "", "", "", "", "", None),
            office=office_name(session, holder),
            own=holder == desk.actor.office,
            parties=parties,
            parts=MappingProxyType(_as_shown(session, entries)),
            referrals=tuple(
                item_of(session, desk, r) for r in records[BY_KIND[Referral.kind]] if isinstance(r, Referral)
            ),
            conflicts=tuple(entry_of(c, sent=c.id not in waiting, opens=opens) for c in two_values),
            timeline=_timeline(session, (case, *lines), waiting),
        )


def _as_shown(session: Session, parts: Mapping[str, tuple[Entry, ...]]) -> dict[str, tuple[Entry, ...]]:
    """What is about an entry that was merged is about the one it stands for."""
    shown = canonicals(session, {one["person_id"] for found in parts.values() for one in found if one["person_id"]})
    moved = {entry for entry, person in shown.items() if entry != person}
    return {
        kind: tuple(
            replace(one, values={**one.values, "person_id": shown[who]}) if (who := one["person_id"]) in moved else one
            for one in found
        )
        for kind, found in parts.items()
    }


def _parties(session: Session, case_id: str, waiting: frozenset[str], opens: Opens) -> tuple[PartyItem, ...]:
    found, seen = [], set()
    for party in of_case(session, Party, case_id):
        person = session.get(Person, canonical(session, party.person_id or ""))
        told = (person.id, party.role) if person is not None else None
        if person is not None and told not in seen:  # two entries for one victim are one victim
            seen.add(told)
            part, who = (entry_of(r, sent=r.id not in waiting, opens=opens) for r in (party, person))
            found.append(PartyItem(part, who, _other_cases(session, person.id, case_id)))
    order = {"VICTIM": 0, "GUARDIAN": 1, "FAMILY": 2, "REPORTER": 3, "WITNESS": 4, "SUSPECT": 5}
    return tuple(sorted(found, key=lambda p: order.get(p.party["role"] or "", 9)))


def _other_cases(session: Session, person_id: str, case_id: str) -> tuple[str, ...]:
    statement = (
        select(CaseRow.number)
        .join(Party, Party.case_id == CaseRow.case_id)
        .where(Party.person_id.in_(same_people(session, [person_id])), CaseRow.case_id != case_id)
        .distinct()
    )
    return tuple(session.scalars(statement))


def _timeline(session: Session, records: Iterable[Record], waiting: frozenset[str]) -> tuple[TimelineItem, ...]:
    lines = [_line(session, record, record.id not in waiting) for record in records]
    return tuple(sorted(lines, key=lambda line: (line.at, line.record_id), reverse=True))


def _author(record: Record) -> str:
    """Who wrote it; what the centre wrote itself (a delivery) has no office."""
    return (record.made_by or "") if record.made_office else _("the centre")


def _line(session: Session, record: Record, sent: bool) -> TimelineItem:
    part = BY_KIND.get(record.kind)
    said = moment_of(getattr(record, part.at)) if part is not None and part.at else None
    at = said or record.made_at or datetime(1970, 1, 1, tzinfo=UTC)
    return TimelineItem(
        record.kind, record.id, at, _author(record), office_name(session, record.made_office),
        sentence(session, record, sent=sent), sent,
    )  # fmt: skip


def sentence(session: Session, record: object, *, sent: bool = True) -> str:
    """One record as one sentence of the timeline, in the running language; "sent" only when the centre has it."""
    match record:
        case Case():
            return _("Report came in: {channel}, by {reporter}").format(
                channel=label("report_channel", record.channel), reporter=label("reporter_type", record.reporter_type)
            )
        case Screening():
            return _("Screening: {conclusion} ({elements})").format(
                conclusion=label("screening_conclusion", record.conclusion), elements=_elements(record)
            )
        case Service():
            name = label("service_type", record.service_type)
            return f"{name} \u00b7 {label('service_state', record.state)}"
        case ReferralEvent():
            referral = session.get(Referral, record.referral_id or "")
            agency = agency_name(session, referral.to_agency) if referral else ""
            waits = record.step == "SENT" and not sent
            step = _("Not sent yet") if waits else label("referral_step", record.step)
            words = [step, label("referral_decline_reason", record.reason)]
            said = ": ".join(word for word in words if word)
            return _("Referral to {agency}: {step}").format(agency=agency, step=said)
        case Note():
            return record.text or label("note_kind", record.note_kind)
        case Consent():
            return _("Consent to {purpose}: {decision}").format(
                purpose=label("consent_purpose", record.purpose), decision=label("consent_decision", record.decision)
            )
        case CaseRecord() if record.kind in BY_KIND:
            return headline(BY_KIND[record.kind], lambda key: getattr(record, key))
    return ""


def _elements(screening: Screening) -> str:
    held: Iterable[tuple[str, tuple[str, ...]]] = (
        (_("process"), screening.process),
        (_("means"), screening.means),
        (_("purpose"), screening.purpose),
    )
    return ", ".join(name for name, found in held if found) or _("no element shown")


def victims_line(victims: str) -> str:
    """'A.N.|P|16;S.W.|P|31' as lists show it: 'A.N. · P · 16', or 'A.N. + 1 more'."""
    people = [" \u00b7 ".join(part for part in one.split("|") if part) for one in victims.split(";") if one]
    if len(people) < 2:
        return "".join(people)
    return _("{first} + {n} more").format(first=people[0].split(" ")[0], n=len(people) - 1)

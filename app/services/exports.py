"""What leaves the laptop as a file: reduced to its profile, on a consent where one is needed, and in the register."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.i18n import LANGUAGES, _, language
from app.models import settings
from app.models.case_index import CaseRow
from app.models.conflict import Conflict
from app.models.consent import Consent
from app.models.field import Field, Tier
from app.models.journal import audit
from app.models.office import Agency, Office, User
from app.models.permission import Permission
from app.models.regions import region_name
from app.reports.api import GENERATE, Format, Rendered, case_summary_file
from app.reports.case_input import CaseInput
from app.reports.case_summary import SECTIONS, Occasion
from app.reports.redaction import NEEDS_CONSENT, PROFILE_TIERS, RELEASABLE, Profile, Release, held_by_hand
from app.services.case_file import case_file
from app.services.consents import covered
from app.services.desk import Desk
from app.services.entries import get, of_case, readable
from app.services.export_register import About, enter, new_export_id

REPORT = "case_summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported for whom.

    `recipient` is what the paper says; `agency` its entry in the directory, if it has one, which decides on whose
    consent and which referrals the paper may speak of. `consent_id` may be left out when only one person of the case
    has a consent that covers it. `password=None` leaves the file open, which only a PDF and what names nobody may be.
    `language` is that of the paper; `left_out` names sections, `released` fields let out by hand, `person.health`.
    """

    profile: str
    recipient: str = ""
    purpose: str = ""
    agency: str | None = None
    consent_id: str | None = None
    language: str = ""
    password: str | None = GENERATE
    format: str = Format.PDF
    left_out: tuple[str, ...] = ()
    released: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Releasable:
    """A field that may be released by hand. `is_open`: there is a value that whoever is signed in can read."""

    name: str  # 'person.health'
    field: Field
    is_open: bool

    @property
    def kind(self) -> str:
        """The kind of record it is a field of."""
        return self.name.partition(".")[0]

    @property
    def is_sealed(self) -> bool:
        """Whether it takes somebody who is cleared."""
        return self.field.tier is Tier.SENSITIVE


def export_case(desk: Desk, case_id: str, order: Order) -> Rendered:
    """The case summary as a protected file, entered in the register and in the audit before it is handed out."""
    desk.require(Permission.EXPORT)
    export_id = new_export_id(desk)
    rendered, recipient, consent_id = _render(desk, case_id, order, export_id)
    enter(
        desk, export_id, rendered, about=About(case_id, consent_id), report=REPORT,
        told=(order.profile, recipient, order.purpose),
    )  # fmt: skip
    return rendered


def preview(desk: Desk, case_id: str, order: Order) -> Rendered:
    """The same to be looked at, as PDF: no password, no register, and it says that it is a preview. Audited as such."""
    desk.require(Permission.EXPORT)
    rendered = _render(desk, case_id, replace(order, password=None, format=Format.PDF), _("preview"))[0]
    with desk.note(Permission.EXPORT) as session:
        audit(session, "preview", "case", case_id, rendered.fields)
    return rendered


def usable_consents(desk: Desk, case_id: str, *, agency: str | None = None) -> tuple[str, ...]:
    """The ids of the consents on which a paper may go to this agency today, oldest first."""
    with desk.read() as session:
        return tuple(consent.id for consent in _usable(session, desk, case_id, _office_of(session, agency)))


def releasable(desk: Desk, case_id: str, order: Order) -> tuple[Releasable, ...]:
    """What may be released by hand on the grounds of this order: fields with a value that the consent covers.

    Nothing where nothing has to be released, and where the paper cannot be made anyway.
    """
    profile = _profile(order.profile)
    if profile not in NEEDS_CONSENT:
        return ()
    with desk.read(Permission.EXPORT) as session:
        case = _case_input(session, desk, case_id)
        try:
            release = _release(session, desk, case_id, replace(order, released=()), profile)[0]
        except Invalid:
            return ()
    held = held_by_hand(case, release)
    shut = {name for name in case.withheld if name in RELEASABLE and RELEASABLE[name].tier in release.may_leave}
    return tuple(Releasable(name, field, name in held) for name, field in RELEASABLE.items() if name in held | shut)


def _render(desk: Desk, case_id: str, order: Order, export_id: str) -> tuple[Rendered, str, str | None]:
    profile, form, spoken = checked(order)
    if desk.keyring is None and any(RELEASABLE[name].tier is Tier.SENSITIVE for name in order.released):
        raise Forbidden(_("Only somebody who is cleared for sensitive information may release it."))
    with desk.read(Permission.EXPORT) as session:
        case = _case_input(session, desk, case_id)
        release, consent_id = _release(session, desk, case_id, order, profile)
        recipient = order.recipient.strip() or _name_of(session, order.agency)
        if profile in NEEDS_CONSENT and not recipient:
            message = _("Say who receives the paper.")
            raise Invalid(message, [("recipient", message)])
        occasion = _occasion(session, desk, case_id, order, {"recipient": recipient, "export_id": export_id})
    rendered = case_summary_file(
        case, form, release=release, occasion=occasion, language=spoken, password=order.password
    )
    return rendered, recipient, consent_id


def checked(order: Order) -> tuple[Profile, Format, str]:
    """(profile, format, language) of an order. Invalid, at the field, for what there is not or what may not be."""
    profile = _profile(order.profile)
    spoken = order.language or language()
    if spoken not in LANGUAGES:
        raise Invalid(_("The paper can be in Indonesian (id) or English (en)."), [("language", spoken)])
    if order.format not in tuple(Format):
        message = _("There is no format “{code}”. Choose one of: {known}.").format(
            code=order.format, known=", ".join(Format)
        )
        raise Invalid(message, [("format", message)])
    if unknown := [key for key in order.left_out if key not in SECTIONS]:
        message = _("There is no section “{code}”. Choose one of: {known}.").format(
            code=unknown[0], known=", ".join(SECTIONS)
        )
        raise Invalid(message, [("left_out", message)])
    for name in order.released:
        _must_be_releasable(name, profile)
    form = Format(order.format)
    if order.password is None and not may_lie_open(profile, form):
        message = _("A sheet or a data file that can name somebody leaves under a password only.")
        raise Invalid(message, [("password", message)])
    return profile, form, spoken


def may_lie_open(profile: Profile, form: Format) -> bool:
    """Whether a file may be without a password: a PDF, for which somebody decides, and what names nobody."""
    return form is Format.PDF or Tier.IDENTIFYING not in PROFILE_TIERS[profile]


def _must_be_releasable(name: str, profile: Profile) -> None:
    if name not in RELEASABLE:
        message = _("“{name}” is no field that is released by hand. There are: {known}.").format(
            name=name, known=", ".join(RELEASABLE)
        )
        raise Invalid(message, [("released", message)])
    if profile not in NEEDS_CONSENT:
        message = _("Fields are released by hand on a paper for somebody outside the office only.")
        raise Invalid(message, [("released", message)])


def _profile(code: str) -> Profile:
    try:
        return Profile(code)
    except ValueError:
        known = ", ".join(Profile)
        message = _("There is no profile “{code}”. Choose one of: {known}.").format(code=code, known=known)
        raise Invalid(message, [("profile", message)]) from None


def _case_input(session: Session, desk: Desk, case_id: str) -> CaseInput:
    file, opens = case_file(session, case_id), desk.opener(session)
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
        withheld=tuple(withheld),
    )  # fmt: skip


def _release(session: Session, desk: Desk, case_id: str, order: Order, profile: Profile) -> tuple[Release, str | None]:
    """What may leave, and on which consent."""
    office = _office_of(session, order.agency)
    if profile not in NEEDS_CONSENT:
        return Release(profile=profile, recipient_office=office), None
    usable = {consent.id: consent for consent in _usable(session, desk, case_id, office)}
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


def _usable(session: Session, desk: Desk, case_id: str, office: str | None) -> list[Consent]:
    return [c for c in of_case(session, Consent, case_id) if covered(session, desk, case_id, c.id, office)]


def _office_of(session: Session, agency: str | None) -> str | None:
    """What a consent names the recipient by: its office, or its entry when it works on paper."""
    entry = get(session, Agency, agency) if agency else None
    return (entry.office_id or entry.id) if entry else None


def _name_of(session: Session, agency: str | None) -> str:
    return (get(session, Agency, agency).name or "") if agency else ""


def _occasion(session: Session, desk: Desk, case_id: str, order: Order, said: dict[str, str]) -> Occasion:
    row = session.scalar(select(CaseRow).where(CaseRow.case_id == case_id))
    chief = select(User.name).where(User.role == "SUPERVISOR", User.active.is_(True)).order_by(User.id).limit(1)
    return Occasion(
        **said,
        purpose=order.purpose,
        worker=desk.actor.name,
        now=desk.now(),
        supervisor=session.scalar(chief) or "",
        place=region_name(settings.get(session, "district")).removeprefix("Kota ").removeprefix("Kabupaten "),
        status=row.status if row else "",
        left_out=frozenset(order.left_out),
    )

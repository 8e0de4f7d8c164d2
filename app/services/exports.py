"""What leaves the laptop as a file: reduced to its profile, on a consent where one is needed, and in the register."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.errors import Forbidden, Invalid
from app.i18n import _, speaking
from app.models.case import Case
from app.models.field import Field, Tier
from app.models.journal import audit
from app.models.permission import Permission
from app.reports.api import Format, Rendered, case_summary_file, paper_pdf
from app.reports.papers import ON_OWN_GROUNDS, Paper
from app.reports.redaction import NEEDS_CONSENT, RELEASABLE, held_by_hand
from app.services.desk import Desk
from app.services.entries import get
from app.services.export_grounds import case_input, name_of, occasion_of, office_of, release_for, usable_in
from app.services.export_order import Order, checked, may_lie_open, profile_of
from app.services.export_papers import Wish, make
from app.services.export_register import PRINTED, About, enter, new_export_id

__all__ = ["Order", "Releasable", "checked", "export_case", "may_lie_open", "preview", "print_case", "releasable",
           "usable_consents"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What the register has to know of a paper that was made."""

    profile: str
    recipient: str
    purpose: str
    consent_id: str | None


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
    """A paper of a case as a protected file, entered in the register and in the audit before it is handed out."""
    return _leaving(desk, case_id, order)


def print_case(desk: Desk, case_id: str, order: Order) -> Rendered:
    """The same for the printer: without a password, for nothing of it stays as a file; in the register as printed."""
    return _leaving(desk, case_id, replace(order, password=None, format=Format.PDF), printed=True)


def _leaving(desk: Desk, case_id: str, order: Order, *, printed: bool = False) -> Rendered:
    desk.require(Permission.EXPORT)
    export_id = new_export_id(desk)
    rendered, told = _render(desk, case_id, order, export_id)
    if printed:
        rendered = replace(rendered, file_name=f"naungan-{export_id}.{PRINTED}")
    enter(
        desk, export_id, rendered, about=About(case_id, told.consent_id), report=order.paper,
        told=(told.profile, told.recipient, told.purpose),
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
        return tuple(consent.id for consent in usable_in(session, desk, case_id, office_of(session, agency)))


def releasable(desk: Desk, case_id: str, order: Order) -> tuple[Releasable, ...]:
    """What may be released by hand on the grounds of this order: fields with a value that the consent covers.

    Nothing where nothing has to be released, and where the paper cannot be made anyway.
    """
    profile = profile_of(order.profile)
    if profile not in NEEDS_CONSENT or order.paper in ON_OWN_GROUNDS:
        return ()
    with desk.read(Permission.EXPORT) as session:
        case = case_input(session, desk, case_id)
        try:
            release = release_for(session, desk, case_id, replace(order, released=()), profile)[0]
        except Invalid:
            return ()
    held = held_by_hand(case, release)
    shut = {name for name in case.withheld if name in RELEASABLE and RELEASABLE[name].tier in release.may_leave}
    return tuple(Releasable(name, field, name in held) for name, field in RELEASABLE.items() if name in held | shut)


def _render(desk: Desk, case_id: str, order: Order, export_id: str) -> tuple[Rendered, Told]:
    _profile, _form, spoken = checked(order)
    if desk.keyring is None and any(RELEASABLE[name].tier is Tier.SENSITIVE for name in order.released):
        raise Forbidden(_("Only somebody who is cleared for sensitive information may release it."))
    if order.paper == Paper.SUMMARY:
        return _summary(desk, case_id, order, export_id)
    with speaking(spoken), desk.read(Permission.EXPORT) as session:
        get(session, Case, case_id)
        wish = Wish(session, desk, case_id, order, export_id)
        made = make(wish)
        occasion = wish.occasion(made.recipient)
    rendered = paper_pdf(made.document, made.fields, occasion=occasion, password=order.password)
    return rendered, Told(made.profile, made.recipient, made.purpose, made.consent_id)


def _summary(desk: Desk, case_id: str, order: Order, export_id: str) -> tuple[Rendered, Told]:
    profile, form, spoken = checked(order)
    with desk.read(Permission.EXPORT) as session:
        case = case_input(session, desk, case_id)
        release, consent_id = release_for(session, desk, case_id, order, profile)
        recipient = order.recipient.strip() or name_of(session, order.agency)
        if profile in NEEDS_CONSENT and not recipient:
            message = _("Say who receives the paper.")
            raise Invalid(message, [("recipient", message)])
        occasion = occasion_of(session, desk, case_id, order, {"recipient": recipient, "export_id": export_id})
    rendered = case_summary_file(
        case, form, release=release, occasion=occasion, language=spoken, password=order.password
    )
    return rendered, Told(order.profile, recipient, order.purpose, consent_id)

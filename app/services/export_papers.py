"""Papers beside the summary: from whose grounds each comes, and what it is made of.

A letter holds the package of its referral by the rule the centre uses, never more. A form and the plan of a victim stay
with the office and the victim. The restitution sheet leaves as the summary does: by a profile, on a consent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.i18n import N_, _
from app.models.codelist import label
from app.models.deadline_rules import shipped_rules
from app.models.due_items import DueState
from app.models.office import Agency
from app.models.view import CaseFile, granted_tiers, view_for
from app.reports.case_input import CaseInput, without_damage, without_sealed
from app.reports.consent_form import consent_form, withdrawal_form
from app.reports.document import Document
from app.reports.papers import Paper
from app.reports.reading import Reading
from app.reports.redaction import NEEDS_CONSENT, Profile, reduce_case
from app.reports.referral_letter import Letter, referral_letter
from app.reports.restitution_sheet import Deadline, restitution_sheet
from app.reports.safety_paper import safety_paper
from app.services import deadlines
from app.services.case_file import case_file
from app.services.desk import Desk
from app.services.export_grounds import case_input, name_of, occasion_of, plain_input, release_for
from app.services.export_order import Order, profile_of
from app.services.referrals import named_in_consent

_CONFLICTING = ("RESTITUTION_UU21", "RESTITUTION_PP7", "RESTITUTION_TPKS")
_STATES = {
    DueState.DRAFT: N_("not yet"), DueState.READY: N_("open"), DueState.DONE: N_("paid"),
    DueState.FAILED: N_("too late"), DueState.CANCELLED: N_("does not apply"),
}  # fmt: skip
_FURTHER = ("RESTITUTION_WARN", "RESTITUTION_PP7_ORDER", "RESTITUTION_SUBST")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A paper before it is drawn, and what the register has to know of it."""

    document: Document
    fields: tuple[str, ...]
    profile: str
    recipient: str
    purpose: str
    consent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One order within one read of the workspace."""

    session: Session
    desk: Desk
    case_id: str
    order: Order
    export_id: str

    def occasion(self, recipient: str, purpose: str = "") -> Any:
        """What the paper says about itself."""
        said = {"recipient": recipient, "purpose": purpose or self.order.purpose, "export_id": self.export_id}
        return occasion_of(self.session, self.desk, self.case_id, self.order, said)


def make(wish: Wish) -> Made:
    """The paper of this order, in the language of the running code."""
    return _MAKERS[Paper(wish.order.paper)](wish)


def _letter(wish: Wish) -> Made:
    referral_id = wish.order.about or ""
    file = _package_of(case_file(wish.session, wish.case_id), referral_id)
    referral = file.rows["referral", referral_id][3]
    today = wish.desk.today().isoformat()
    tiers = granted_tiers(file, referral_id, today=today)
    if not tiers:
        message = _("Nothing is shared on this referral any more: it is over, or its consent is. There is no letter.")
        raise Invalid(message, [("about", message)])
    shown = CaseFile()
    for (kind, record_id), (rev, content) in view_for(
        file, str(referral["to_office"]), today=today, offered=False
    ).items():
        shown.add(kind, record_id, rev, content)
    case = without_damage(without_sealed(plain_input(wish.session, wish.desk, wish.case_id, shown)))
    reading = Reading(case)
    agency = wish.session.get(Agency, str(referral.get("to_agency")))
    name = name_of(wish.session, agency.id if agency else None) or case.names.get(str(referral["to_office"]), "")
    consents, referrals = dict(case.of("consent")), dict(case.of("referral"))
    letter = Letter(
        referral=referrals.get(referral_id, {}), agency=name, agency_lines=tuple(_lines_of(agency)),
        consent=consents.get(str(referral.get("consent_id"))), tiers=tuple(sorted(tiers)),
    )  # fmt: skip
    purpose = wish.order.purpose or label("referral_reason", referral.get("reason"))
    document = referral_letter(reading, letter, occasion=wish.occasion(name, purpose))
    return Made(
        document=document, fields=reading.said, profile=Profile.PARTNER_SERVICE, recipient=name, purpose=purpose,
        consent_id=str(referral.get("consent_id")) if letter.consent else None,
    )  # fmt: skip


def _package_of(file: CaseFile, referral_id: str) -> CaseFile:
    """The file with this referral alone; a partner without Naungan stands in it by its entry in the directory."""
    if ("referral", referral_id) not in file.rows:
        message = _("Choose the referral that the letter is about.")
        raise Invalid(message, [("about", message)])
    alone = CaseFile()
    for (kind, record_id), (_kind, _rid, rev, content) in file.rows.items():
        if kind == "referral":
            if record_id == referral_id:
                alone.add(kind, record_id, rev, {**content, "to_office": named_in_consent(content)})
        elif kind != "referral_event" or content.get("referral_id") == referral_id:
            alone.add(kind, record_id, rev, content)
    return alone


def _lines_of(agency: Agency | None) -> Iterator[str]:
    for words in (agency.contact, agency.address, agency.phone) if agency else ():
        if words:
            yield words


def _form(wish: Wish) -> Made:
    case, reading = _inside(wish)
    consent = dict(case.of("consent")).get(wish.order.about or "")
    if wish.order.about and consent is None:
        message = _("This consent is not in the case.")
        raise Invalid(message, [("about", message)])
    draw = consent_form if wish.order.paper == Paper.CONSENT else withdrawal_form
    document = draw(reading, consent, occasion=wish.occasion(""))
    return Made(
        document=document, fields=reading.said, profile=Profile.INTERNAL, recipient="", purpose=wish.order.purpose
    )


def _plan(wish: Wish) -> Made:
    if wish.desk.keyring is None:
        raise Forbidden(_("Only somebody who is cleared for sensitive information may make this paper."))
    case, reading = _inside(wish)
    plan = dict(case.of("safety_plan")).get(wish.order.about or "")
    if plan is None:
        message = _("Choose the safety plan that is to be printed.")
        raise Invalid(message, [("about", message)])
    document = safety_paper(reading, plan, occasion=wish.occasion(""))
    if not document.sections:
        message = _("The values of this plan are sealed with a key that this laptop does not have.")
        raise Invalid(message, [("about", message)])
    return Made(
        document=document, fields=reading.said, profile=Profile.INTERNAL, recipient=_("the victim"),
        purpose=wish.order.purpose,
    )  # fmt: skip


def _inside(wish: Wish) -> tuple[CaseInput, Reading]:
    case = without_damage(without_sealed(case_input(wish.session, wish.desk, wish.case_id)))
    return case, Reading(case)


def _restitution(wish: Wish) -> Made:
    profile = profile_of(wish.order.profile)
    if profile is Profile.STATISTICS:
        message = _("This paper is about one victim: it cannot be without identity.")
        raise Invalid(message, [("profile", message)])
    case = case_input(wish.session, wish.desk, wish.case_id)
    victim = wish.order.about or ""
    if not any(content.get("person_id") == victim for _rid, content in case.of("restitution")):
        message = _("Choose a victim with a line of restitution.")
        raise Invalid(message, [("about", message)])
    release, consent_id = release_for(wish.session, wish.desk, wish.case_id, wish.order, profile)
    recipient = wish.order.recipient.strip() or name_of(wish.session, wish.order.agency)
    if profile in NEEDS_CONSENT and not recipient:
        message = _("Say who receives the paper.")
        raise Invalid(message, [("recipient", message)])
    reading = Reading(reduce_case(case, release))
    lines = [row for row in case.of("restitution") if row[1].get("person_id") == victim]
    found = tuple(_deadlines(wish, lines))
    document = restitution_sheet(reading, victim, found, release=release, occasion=wish.occasion(recipient))
    return Made(
        document=document, fields=reading.said, profile=profile, recipient=recipient, purpose=wish.order.purpose,
        consent_id=consent_id,
    )  # fmt: skip


def _deadlines(wish: Wish, lines: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Deadline]:
    """The three that conflict for the latest order, begun or not, and what else runs for this victim."""
    orders = sorted((str(c.get("day")), rid) for rid, c in lines if c.get("step") == "ORDERED")
    if not orders:
        return
    latest = dict(lines)[orders[-1][1]]
    due = {(line.item.rule, line.item.source): line for line in deadlines.of_case(wish.desk, wish.case_id)}
    now = wish.desk.now()
    for code in _CONFLICTING:
        rule, line = shipped_rules()[code], due.get((code, orders[-1][1]))
        if line is not None:
            yield Deadline(
                title=rule.title, law=rule.law, due=line.item.due, state=_state(line), conflicts=True,
                is_over=line.item.is_overdue(now),
            )  # fmt: skip
        elif code != "RESTITUTION_TPKS" or latest.get("sexual"):
            yield Deadline(title=rule.title, law=rule.law, due=None, why=_("begins with the copy of the verdict"))
    for rid, _content in lines:
        for code in _FURTHER:
            if (line := due.get((code, rid))) is not None:
                law = shipped_rules()[code].law
                yield Deadline(title=line.title, law=law, due=line.item.due, state=_state(line))


def _state(line: deadlines.TaskLine) -> str:
    return _("overdue") if line.is_overdue else _(_STATES[line.state])


_MAKERS: Mapping[Paper, Callable[[Wish], Made]] = {
    Paper.LETTER: _letter, Paper.CONSENT: _form, Paper.WITHDRAWAL: _form, Paper.SAFETY: _plan,
    Paper.RESTITUTION: _restitution,
}  # fmt: skip

"""What each dialog of a case page asks for, and the service it hands the answer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.i18n import _, format_datetime, ngettext
from app.models.base import Record
from app.models.case import Case
from app.models.codelist import label
from app.models.consent import Consent
from app.models.field import Field, field_map
from app.models.person import Party, Person
from app.models.screening import Screening
from app.models.service import Service
from app.services import care, cases, consents, export_register, parties, planning, screening, sharing
from app.services.case_page import CasePage, PartyItem
from app.services.desk import Desk
from app.services.entries import Entry
from app.ui import presenting
from app.ui.dialogs import Asked, Values
from app.ui.field_editors import FieldLike
from app.ui.form_tools import recipient_finder
from app.ui.widgets.editors import CodeEditor, Editor

PERSON = (
    "name", "alias", "sex", "birth_date", "age", "nik", "nationality", "region", "address", "phone",
    "contact_safety", "contact_note", "education", "occupation", "marital_status", "religion", "disability", "health",
)  # fmt: skip
NEW_PERSON = PERSON[:12]
NAMED_FILES = 8
PART = ("role", "relation", "network_role", "trafficking_status")
FACTS = (
    "risk", "lead_worker", "summary", "exploitation", "recruitment_mode", "recruitment_place", "platform", "control",
    "origin", "transit", "destination_country", "destination", "transport",
)  # fmt: skip


def fields(record: type[Record], *keys: str) -> tuple[Field, ...]:
    """Declared fields of a record by key."""
    declared = field_map(record)
    return tuple(declared[key] for key in keys)


def facts(desk: Desk, page: CasePage) -> Asked:
    """Change what is known of the case."""
    case_id = page.case.id
    return Asked(
        Case, _("Edit the case"), FACTS, lambda values: cases.change_case(desk, case_id, values),
        values=page.case.values, name="facts",
    )  # fmt: skip


def new_person(desk: Desk, page: CasePage, *, known: Callable[[], str]) -> Asked:
    """Give somebody a part in the case; `known()` is the id of a person who is here already, '' for a new one."""
    case_id = page.case.id

    def deed(values: Values) -> Any:
        part = {key: value for key, value in values.items() if key in PART and value}
        person = {key: value for key, value in values.items() if key not in PART}
        return parties.add_party(desk, case_id, known() or person, **part)

    return Asked(Person, _("Add a person"), NEW_PERSON, deed, more=fields(Party, *PART), name="person")


def person(desk: Desk, item: PartyItem) -> Asked:
    """Change somebody's data and their part."""
    person_id, party_id = item.person.id, item.party.id

    def deed(values: Values) -> Any:
        part = {key: value for key, value in values.items() if key in PART}
        saved = parties.change_person(desk, person_id, {k: v for k, v in values.items() if k not in PART})
        if any(item.party[key] != value for key, value in part.items()):
            parties.change_party(desk, party_id, part)
        return saved

    before = {**item.person.values, **{key: item.party[key] for key in PART}}
    return Asked(Person, _("Edit the person"), PERSON, deed, more=fields(Party, *PART), values=before)


def new_screening(desk: Desk, page: CasePage) -> Asked:
    """Look at the three elements for one victim."""
    case_id = page.case.id

    def deed(values: Values) -> Any:
        victim = values.pop("person_id", None) or _only_victim(page)
        return screening.screen(desk, case_id, victim, values)

    keys = ("person_id", "process", "means", "purpose", "indicators", "conclusion", "reasoning")
    return Asked(
        Screening, _("Screening"), keys, deed, values=_first(page), editors=_people(page, only_victims=True),
        name="screening", note=_("A person concludes; the program only weighs."),
    )  # fmt: skip


def done_service(desk: Desk, entry: Entry) -> Asked:
    """Say that a service was given."""
    return Asked(
        Service, _("Service done"), ("result",),
        lambda values: care.complete_service(desk, entry.id, result=values["result"]), action=_("Done"),
    )  # fmt: skip


def cancelled_service(desk: Desk, entry: Entry) -> Asked:
    """Cancel a planned service."""
    return Asked(
        Service, _("Cancel the service"), ("result",),
        lambda values: care.cancel_service(desk, entry.id, why=values["result"] or ""),
        note=_("Write down why; the entry stays."), action=_("Cancel the service"),
    )  # fmt: skip


def new_consent(desk: Desk, page: CasePage) -> Asked:
    """Record what was agreed to or refused."""
    case_id = page.case.id

    def deed(values: Values) -> Any:
        about = values.pop("person_id", None) or _only_victim(page)
        return consents.record_consent(desk, case_id, about, values)

    keys = (
        "person_id", "purpose", "decision", "given_by", "guardian_id", "assent", "tiers", "recipient", "valid_until",
        "method", "evidence", "decided_at", "note",
    )  # fmt: skip
    values = {**_first(page), "purpose": "SHARE", "decision": "GIVEN", "decided_at": desk.now()}
    return Asked(
        Consent, _("Record a consent"), keys, deed, values=values,
        editors={**_people(page, only_victims=True), **_behind(page)},
        finders={"recipient": recipient_finder(desk)}, name="consent",
    )  # fmt: skip


def _behind(page: CasePage) -> dict[str, Callable[[FieldLike], Editor]]:
    """Who decides for a child: somebody of the case who is no victim and no suspect; and the file that shows it."""
    roles = ("GUARDIAN", "FAMILY", "WITNESS", "REPORTER")
    guardians = [(p.person.id, p.person["name"] or "") for p in page.parties if p.party["role"] in roles]
    files = [(entry.id, str(entry["title"] or "")) for entry in page.attachments]
    return {"guardian_id": lambda _f: CodeEditor(guardians), "evidence": lambda _f: CodeEditor(files)}


def withdrawal(desk: Desk, entry: Entry) -> Asked:
    """Withdraw a consent. What left as a file is named: nobody can call it back from here."""
    words = [_("What was shared on it leaves the recipients' laptops at their next synchronisation.")]
    if shares := sharing.shares_on(desk, entry.id):
        words.append(_("These open referrals stand on it. What nobody has accepted is withdrawn with it:"))
        words += [f"{i.other} \u00b7 {presenting.referral_state(i.state, sent=i.sent).words}" for i in shares]
    if left := export_register.touched_by_consent(desk, entry.id):
        words.append(_("Files that left meanwhile stay where they are; ask for them back:"))
        words += [f"{line.id} \u00b7 {line.recipient} \u00b7 {format_datetime(line.at)}" for line in left[:NAMED_FILES]]
        if (more := len(left) - NAMED_FILES) > 0:
            words.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
    return Asked(
        Consent, _("Withdraw the consent"), ("note",),
        lambda values: sharing.withdraw(desk, entry.id, note=values["note"]), action=_("Withdraw"),
        note="\n".join(words),
    )  # fmt: skip


def closing(desk: Desk, page: CasePage) -> Asked:
    """Close the case with a reason."""
    case_id = page.case.id
    note = _("Reopening keeps the whole history.")
    if left := planning.rights_open(page):
        rights = ", ".join(label("rights_checklist", code) for code in left)
        note = _("Rights not settled yet: {rights}.").format(rights=rights) + "\n" + note
    return Asked(
        Case, _("Close the case"), ("close_reason", "close_note"),
        lambda values: cases.close_case(desk, case_id, reason=values["close_reason"] or "", note=values["close_note"]),
        action=_("Close the case"), note=note,
    )  # fmt: skip


def _people(page: CasePage, *, only_victims: bool) -> Mapping[str, Callable[[FieldLike], Editor]]:
    people = page.victims if only_victims else page.parties
    options = [(p.person.id, p.person["name"] or "") for p in people]
    return {"person_id": lambda _field: CodeEditor(options)}


def _first(page: CasePage) -> dict[str, Any]:
    return {"person_id": page.victims[0].person.id} if page.victims else {}


def _only_victim(page: CasePage) -> str:
    return page.victims[0].person.id if page.victims else ""

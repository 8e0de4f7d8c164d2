"""Who may write what, for the second centre of the tests."""

from __future__ import annotations

from app.models.base import KINDS
from app.models.field import Kind, field_map
from app.models.referral import COURSE
from app.models.view import referral_step, sees_sealed, step_from, view_for
from app.wire import REFERENCE
from app.wire.messages import Change
from tests.sync.reference_books import Books, Content, Expected, Known

COMMON = ("agency", "office_key")  # every office reads and writes them
NOT_FOR_OFFICES = ("office", "device")  # the centre alone
OWNER_ALONE = ("referral", "consent", "conflict")  # what is shared, with whom, on whose word
GUESTS_MAKE = ("party", "person", "service", "note", "screening", "referral_event", "attachment")
FIXED = ("made_at", "made_by", "made_office")


def entry(books: Books, change: Change, office: str) -> Expected | None:
    if change.kind in NOT_FOR_OFFICES or (change.kind == "conflict" and change.new):
        return Expected("refused", "not_yours")
    if not change.new:
        fixed = [key for key in sorted(FIXED) if key in change.changes]
        fixed += list(change.changes) if change.kind == "referral_event" else []
        return Expected("refused", "written_once", fixed[0]) if fixed else None
    made = change.changes.get("made_office")
    if made != office and (made is not None or change.kind in ("referral", "referral_event")):
        return Expected("refused", "not_yours", "made_office")
    return None


def home_of(books: Books, change: Change, office: str) -> str | Expected:
    """Whose a new record becomes."""
    if change.kind in COMMON:
        return REFERENCE
    if change.kind == "person":
        case = change.case.hex() if change.case else ""
        found, away = books.find(office, case), books.missing(office, case, False)
        if not found and away.status == "left":
            return away
        return found[0] if found and found[1].kind == "case" else office
    if change.kind == "key_grant":
        subject = str(change.changes.get("subject"))
        if subject == office:
            return office
        found = books.find(office, subject)
        return found[0] if found else books.missing(office, subject, False)
    kind, key = ("referral", "referral_id") if change.kind == "referral_event" else ("case", "case_id")
    named = change.changes.get(key)
    if named is None:
        return office
    found = books.find(office, str(named))
    if not found:
        return books.missing(office, str(named), False)
    return found[0] if found[1].kind == kind else Expected("refused", "not_found", key)


def as_guest(books: Books, change: Change, home: str, known: Known, *, office: str) -> Expected | set[str]:
    """The keys that an office sees of another's record, or why it may not write this."""
    if change.kind == "key_grant":
        subject, kind = str(change.changes.get("subject")), str(change.changes.get("subject_kind"))
        files = [books.file(home, case) for case in books.cases_of(home, subject)]
        sees = any(sees_sealed(file, office, kind=kind, subject=subject, today=books.today) for file in files)
        return set(change.changes) if sees else Expected("refused", "outside_view", "subject")
    guest_makes = change.kind in GUESTS_MAKE if change.new else change.kind == "conflict"
    if (change.kind in OWNER_ALONE or change.new) and not guest_makes:
        return Expected("refused", "not_yours")
    refs = {key for key, fact in field_map(KINDS[change.kind]).items() if fact.kind is Kind.REF}
    for key in sorted(refs & change.changes.keys() - {"case_id", "made_office"}):
        value = change.changes[key]
        if value is not None and not may_name(books, office, home, str(value)):
            return Expected("refused", "not_found", key)
    visible = visible_keys(books, change, home, known, office=office)
    outside = [key for key in change.changes if key not in visible]
    return Expected("refused", "outside_view", outside[0]) if outside else visible


def may_name(books: Books, office: str, home: str, value: str) -> bool:
    there = books.scopes[home].own.get(value)
    common = value in books.scopes[REFERENCE].own
    return bool(books.find(office, value)) or common or bool(there and there.content.get("made_office") == office)


def visible_keys(books: Books, change: Change, home: str, known: Known, *, office: str) -> set[str]:
    after = dict(known.content)
    for key, value in change.changes.items():
        new = value["add"] if isinstance(value, dict) else value
        after[key] = new or known.content.get(key) or "?"
    case = after.get("case_id") if known.kind != "case" else known.id
    cases = {case} if case else books.cases_of(home, known.id) or ({change.case.hex()} if change.case else set())
    keys: set[str] = set()
    for each in cases:
        file = books.file(home, str(each))
        file.add(known.kind, known.id, known.rev, after)
        if known.kind == "person" and change.new:
            file.add("party", "f" * 32, 0, {"case_id": each, "person_id": known.id, "role": "WITNESS"})
        shown = view_for(file, office, today=books.today).get((known.kind, known.id))
        keys |= shown[1].keys() if shown else set()
    return keys


def is_late(books: Books, home: str, event: Known, taken: Content) -> bool:
    referral = str(taken["referral_id"])
    file = books.file(home, str(taken["case_id"]))
    step = step_from(event.id, 0, taken, books.scopes[home].own[referral].content)
    return not COURSE.may_step(referral_step(file, referral), step.step, step.side)

"""Who may write what. A foreign record is written only through a view, and only in the fields the view shows."""

from __future__ import annotations

from typing import Any

from app.central.book import Book
from app.central.keyrights import home_of_grant
from app.central.ledger import Ledger
from app.central.pages import read_cases, read_rows
from app.central.rows import Row, case_file
from app.central.shape import ids_in, references, refused
from app.models import transfer as transfers
from app.models.case_parts import PARTS
from app.models.content import Content
from app.models.keyring import OF_CASE, OF_PERSON
from app.models.referral import COURSE
from app.models.view import (
    CaseFile,
    heirs_of,
    referral_step,
    step_from,
    transfer_step,
    transfer_step_from,
    view_for,
)
from app.wire import REFERENCE
from app.wire.merge import apply_change
from app.wire.messages import Change, Outcome, Status

_OF_THE_OWNER = frozenset({"referral", "transfer", "consent", "conflict"})  # what is shared, with whom, on whose word
_OF_THE_CENTRE = frozenset({"office", "device"})
_ENTRY = frozenset({"made_at", "made_by", "made_office"})
# The side somebody stands on is read from made_office.
_SAYS_WHOSE = frozenset({"referral", "referral_event", "transfer", "transfer_event"})
_BY_OTHERS = frozenset({"party", "person"}) | {part.kind for part in PARTS if part.by_others}
STEPS = {"referral_event": ("referral", "referral_id"), "transfer_event": ("transfer", "transfer_id")}
SHARED = frozenset({"agency", "office_key"})  # in the scope that everybody reads
_COMING = "f" * 32
_UNKNOWN = "?"  # stands for a value that is being emptied, to ask whether its field is visible


def entry_problem(change: Change, changes: dict[str, Any], *, office: str) -> Outcome | None:
    """Nobody speaks for another office, and who entered a record is not rewritten."""
    if change.kind in _OF_THE_CENTRE or (change.new and change.kind == "conflict"):
        return refused("not_yours")
    if not change.new:
        key = next((key for key in sorted(_ENTRY) if key in changes), None)
        if key is None and change.kind in STEPS:
            key = next(iter(changes), None)
        return refused("written_once", key) if key else None
    made_office = changes.get("made_office")
    if made_office != office and (made_office is not None or change.kind in _SAYS_WHOSE):
        return refused("not_yours", "made_office")
    return None


def home_of(ledger: Ledger, change: Change, changes: dict[str, Any]) -> Book | Outcome:
    """Whose a new record becomes: its case's owner's; without a case, the author's office's (the directory: all)."""
    if change.kind in SHARED:
        return ledger.book(REFERENCE)
    if change.kind == "person":
        return _home_of_person(ledger, change)
    if change.kind == "key_grant":
        return _home_of_grant(ledger, change, changes)
    # The recipient of a referral that ended still sees the referral, no longer the case: a late step must arrive.
    kind, key = STEPS.get(change.kind, ("case", "case_id"))
    record = changes.get(key)
    if record is None:
        return refused("shape", key) if change.kind in STEPS else ledger.mine
    found = ledger.find(record)
    if found is None:
        return missing(ledger, record, seen=False)
    if found[1].kind != kind or found[1].case_id != changes.get("case_id", found[1].case_id):
        return refused("not_found", key)
    return found[0]


def _home_of_grant(ledger: Ledger, change: Change, changes: dict[str, Any]) -> Book | Outcome:
    home = home_of_grant(ledger, change, changes)
    if home is not None:
        return home
    may_come = changes.get("subject_kind") in (OF_CASE, OF_PERSON)
    return missing(ledger, str(changes.get("subject")), seen=not may_come)


def _home_of_person(ledger: Ledger, change: Change) -> Book | Outcome:
    """A person entered for another office's case is that office's: its case must not name somebody it cannot read.

    Of a case that went away, as a whole or out of view, nobody stays behind in whom no case has a part.
    """
    case = change.case.hex() if change.case is not None and len(change.case) == 16 else ""
    found = ledger.find(case)
    if found is None:
        answer = missing(ledger, case, seen=False)
        return answer if answer.status is Status.LEFT else ledger.mine
    return found[0] if found[1].kind == "case" else ledger.mine


def missing(ledger: Ledger, record: str, *, seen: bool) -> Outcome:
    """The answer about a record that this office may not know of, or that does not exist: one and the same.

    Whoever never had a version of it (`seen` is false) made it, or thinks so: it may still come, so the work waits.
    """
    placed = ledger.standing(record)
    if placed is not None and not placed.here:
        return Outcome(Status.LEFT, "left_scope")
    return refused("not_found") if seen else Outcome(Status.HELD, "no_predecessor")


def recipient_problem(ledger: Ledger, changes: dict[str, Any]) -> Outcome | None:
    """A referral goes to an office that exists (or to none: an agency without the application); a transfer, too."""
    office = changes.get("to_office")
    if "from_office" in changes and (changes["from_office"] != ledger.office or office in (None, ledger.office)):
        return refused("not_yours", "to_office")
    if not office or ledger.connection.execute("SELECT 1 FROM office WHERE id = %s", (office,)).fetchone():
        return None
    return refused("unknown_office", "to_office")


def is_late(ledger: Ledger, book: Book, event: Row) -> bool:
    """Whether this step is not possible (any more) from where its referral or transfer stands, or by this side."""
    assert event.case_id is not None
    file = _file(ledger, book, case_id=event.case_id)
    if event.kind == "transfer_event":
        transfer_id = event.content["transfer_id"]
        taken = transfer_step_from(event.id, 0, event.content, file.rows["transfer", transfer_id][3])
        return not transfers.COURSE.may_step(transfer_step(file, transfer_id), taken.step, taken.side)
    referral_id = event.content["referral_id"]
    referral = file.rows["referral", referral_id][3]
    step = step_from(event.id, 0, event.content, referral, heirs=heirs_of(file))
    return not COURSE.may_step(referral_step(file, referral_id), step.step, step.side)


def foreign_problem(
    ledger: Ledger, book: Book, *, row: Row, change: Change, changes: dict[str, Any], today: str
) -> Outcome | set[str]:
    """May this office write these fields of (or make) this record of another's case? If so: the fields it can see."""
    if row.kind in _OF_THE_OWNER and not (row.kind == "conflict" and not change.new):
        return refused("not_yours")
    if change.new and row.kind not in _BY_OTHERS:
        return refused("not_yours")
    hidden = _unknown_reference(ledger, book, change=change, changes=changes)
    if hidden is not None:
        return refused("not_found", hidden)
    after = {**row.content}
    for key, value in changes.items():
        new = apply_change(row.content.get(key), value)
        if new is None and key == "case_id":
            continue  # nothing is taken out of its case, and no case has the name of the unknown
        after[key] = new if new is not None else row.content.get(key, _UNKNOWN)
    visible = _visible(ledger, book, row=row, change=change, after=after, today=today)
    outside = next((key for key in changes if key not in visible), None)
    return refused("outside_view", outside) if outside is not None else visible


def _visible(ledger: Ledger, book: Book, *, row: Row, change: Change, after: Content, today: str) -> set[str]:
    """The keys of a record, as it would be after the change, that this office sees."""
    keys: set[str] = set()
    for case_id in _cases(ledger, book, row=row, after=after) or _entered_for(change):
        file = _file(ledger, book, case_id=case_id)
        file.add(row.kind, row.id, row.rev, after)
        if row.kind == "person" and change.new:  # the part it is entered to play follows: nobody else's victim
            file.add("party", _COMING, 0, {"case_id": case_id, "person_id": row.id, "role": "WITNESS"})
        shown = view_for(file, ledger.office, today=today, offered=False).get((row.kind, row.id))
        keys |= shown[1].keys() if shown else set()
    return keys


def _entered_for(change: Change) -> set[str]:
    """The case a new person is entered for: it is seen through it before its part in it has come."""
    return {change.case.hex()} if change.new and change.kind == "person" and change.case is not None else set()


def _cases(ledger: Ledger, book: Book, *, row: Row, after: Content) -> set[str]:
    """The cases through which this office may see a record."""
    candidate = Row(row.kind, row.id, after)
    if candidate.case_id is not None:
        return {candidate.case_id}
    return ledger.cases_showing(row.id)


def _file(ledger: Ledger, book: Book, *, case_id: str) -> CaseFile:
    read_cases(ledger.connection, book, cases=[case_id])
    return case_file(book.files([case_id])[case_id])


def _unknown_reference(ledger: Ledger, book: Book, *, change: Change, changes: dict[str, Any]) -> str | None:
    """A key that refers to a record this office cannot see: a guessed id must not pull a record into a view.

    What the office itself entered for the case is no guess, also while no part in the case shows it yet.
    """
    keys = sorted(references(change.kind) & changes.keys())
    ledger.read(ids_in(change))
    for key in keys:
        value = changes[key]
        if value is None or key in ("case_id", "made_office") or ledger.knows(value):
            continue
        if not _entered_by(ledger, book, record=value):
            return key
    return None


def _entered_by(ledger: Ledger, book: Book, *, record: str) -> bool:
    """Whether this office entered a record of somebody else's book."""
    read_rows(ledger.connection, book, ids=[record])
    row = book.rows.get(record)
    return row is not None and row.content.get("made_office") == ledger.office

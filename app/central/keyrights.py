"""Who may publish an office's key, and who may hand a key over to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.central.book import Book
from app.central.ledger import Ledger
from app.central.pages import read_cases, read_rows
from app.central.rows import Row, case_file
from app.central.shape import refused
from app.models.keyring import OF_CASE, OF_OFFICE, OF_PERSON
from app.models.view import sees_sealed
from app.wire import REFERENCE
from app.wire.credentials import office_key_proof, signer_of
from app.wire.messages import Change, Outcome, Status

Changes = Mapping[str, Any]


def office_key_problem(ledger: Ledger, changes: Changes, *, centre_key: bytes) -> Outcome | None:
    """An office's key is published by one of its own laptops, which is not revoked and signed it."""
    signer = signer_of(changes, office_key_proof(changes), centre_key=centre_key)
    if signer is None or signer.office.hex() != ledger.office or changes.get("office") != ledger.office:
        return refused("signature", "signature")
    if not _key(changes.get("public")):
        return refused("shape", "public")
    valid = ledger.connection.execute(
        "SELECT 1 FROM device WHERE id = %s AND office = %s AND revoked IS NULL", (signer.device.hex(), ledger.office)
    ).fetchone()
    if valid is None:
        return refused("signature", "device")
    replaces = changes.get("replaces")
    if replaces is None:
        return None
    before = ledger.find_shared(replaces)
    same = before is not None and before[1].kind == "office_key" and before[1].content.get("office") == ledger.office
    return None if same else refused("not_found", "replaces")


def home_of_grant(ledger: Ledger, change: Change, changes: Changes) -> Book | None:
    """The book of whoever owns what the key opens; None if this office may not know of it."""
    kind, subject = changes.get("subject_kind"), str(changes.get("subject"))
    if kind == OF_OFFICE:
        return ledger.mine if subject == ledger.office else None
    found = ledger.find(subject)
    if found is not None:
        return found[0] if found[1].kind == kind else None
    return _entered(ledger, change, subject=subject) if kind == OF_PERSON else None


def grant_problem(ledger: Ledger, book: Book, change: Change, changes: Changes, *, today: str) -> Outcome | None:
    """May this office hand over this key? Whoever owns what it opens, or sees its sealed values."""
    kind, subject, to_office = changes.get("subject_kind"), str(changes.get("subject")), changes.get("to_office")
    if not _key(changes.get("to_key")) or not changes.get("box") or not changes.get("kid"):
        return refused("shape", "to_key")
    if changes.get("case_id") != (subject if kind == OF_CASE else None):
        return refused("shape", "case_id")
    if kind == OF_OFFICE:
        return None if to_office == ledger.office else refused("not_yours", "to_office")
    if not ledger.connection.execute("SELECT 1 FROM office WHERE id = %s", (to_office,)).fetchone():
        return refused("unknown_office", "to_office")
    if book is ledger.mine or _sees(ledger, book, change, kind=str(kind), subject=subject, today=today):
        return None
    return refused("outside_view", "subject")


def again(row: Row, changes: Changes) -> Outcome:
    """What was published stands as it is: the same again is no news, anything else comes too late."""
    same = all(row.content.get(key) == value for key, value in changes.items())
    return Outcome(Status.DUPLICATE, rev=row.rev) if same else refused("written_once")


def _sees(ledger: Ledger, book: Book, change: Change, *, kind: str, subject: str, today: str) -> bool:
    cases = {subject} if kind == OF_CASE else _cases_of(ledger, book, change, person=subject)
    read_cases(ledger.connection, book, cases=cases)
    files = (case_file(rows) for rows in book.files(cases).values())
    return any(sees_sealed(file, ledger.office, kind=kind, subject=subject, today=today) for file in files)


def _cases_of(ledger: Ledger, book: Book, change: Change, *, person: str) -> set[str]:
    """The cases through which this office sees a person, the one of a part in it that came just now included."""
    came = {
        row.case_id for row in book.rows.values() if row is not None and row.kind == "party" and row.person == person
    }
    named = {change.case.hex()} if change.case is not None else set()
    return {case_id for case_id in came | named if case_id} | ledger.cases_showing(person)


def _entered(ledger: Ledger, change: Change, *, subject: str) -> Book | None:
    """A person whom this office entered for another's case stands in no view until the batch is applied."""
    found = ledger.find(change.case.hex()) if change.case is not None else None
    for book in [found[0]] if found else list(ledger.books.values()):
        if book.scope == REFERENCE:
            continue
        read_rows(ledger.connection, book, ids=[subject])
        row = book.rows.get(subject)
        if row is not None and row.kind == "person" and row.content.get("made_office") == ledger.office:
            return book
    return None


def _key(text: object) -> bool:
    """Whether this is a public key as text."""
    if not isinstance(text, str) or len(text) != 64:
        return False
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True

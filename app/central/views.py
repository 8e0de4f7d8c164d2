"""Views: after every change, what a recipient sees of a case is compared with what stands in its feed.

New or different content enters, content that is no longer allowed leaves; both under the recipient's own numbers, in
the transaction of the change. A person (or a conflict about one) may be seen through several cases; the parts add up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from app.central.book import Book
from app.central.ledger import Ledger
from app.central.pages import read_cases, read_placed, read_rows, write_rows
from app.central.rows import Placed, Row, case_file
from app.central.store import as_scope
from app.models.content import Content
from app.models.referral import OPEN_STATES
from app.models.view import CaseFile, granted_tiers, referral_step, transfer_step, view_for

WITHDRAWN, ENDED, CONSENT = "withdrawn", "ended", "consent"


@dataclass(slots=True)
class Wanted:
    """What a recipient should see: record -> (rev, content); and through which of the refreshed cases."""

    shown: dict[str, tuple[int, Content]] = field(default_factory=dict)
    via: dict[str, set[str]] = field(default_factory=dict)  # case -> records

    def add(self, record: str, *, rev: int, content: Content) -> None:
        """Two cases may show the same person: what they show adds up."""
        before = self.shown.get(record)
        self.shown[record] = (rev, {**before[1], **content} if before else content)


def refresh(ledger: Ledger, owner: Book, *, touched: Collection[Row], today: str) -> None:
    """Bring every recipient's view of the touched records' cases up to date. The rows are written first."""
    for book in ledger.books.values():
        write_rows(ledger.connection, book)
    refresh_cases(ledger, owner, cases=_cases_of(ledger, owner, touched), today=today)


def refresh_cases(ledger: Ledger, owner: Book, *, cases: Collection[str], today: str) -> None:
    """The same for whole cases whose rows are written."""
    referred = _referred(ledger, owner, cases)
    if not referred:
        return
    read_cases(ledger.connection, owner, cases=referred)
    files = owner.files(referred)
    offices = {recipient for rows in files.values() for recipient in recipients(rows)} - {owner.scope}
    ledger.need(offices)
    for office in sorted(offices):
        _refresh_for(ledger, owner, recipient=ledger.book(office), cases=referred, today=today)


def refresh_for(ledger: Ledger, owner: Book, *, cases: Collection[str], offices: Collection[str], today: str) -> None:
    """The same for these offices, whether or not a referral still names them."""
    read_cases(ledger.connection, owner, cases=cases)
    ledger.need(set(offices))
    for office in sorted(offices):
        _refresh_for(ledger, owner, recipient=ledger.book(office), cases=set(cases), today=today)


def _refresh_for(ledger: Ledger, owner: Book, *, recipient: Book, cases: set[str], today: str) -> None:
    before = _read_via(ledger, recipient, cases)
    old = {record for records in before.values() for record in records}
    read_rows(ledger.connection, owner, ids=old)
    files = {case_id: case_file(rows) for case_id, rows in owner.files(cases).items()}
    wanted = Wanted()
    for case_id, file in files.items():
        view = view_for(file, recipient.scope, today=today)
        wanted.via[case_id] = {record for _kind, record in view}
        for (_kind, record), (rev, content) in view.items():
            wanted.add(record, rev=rev, content=content)
    _add_neighbours(ledger, owner, recipient=recipient, wanted=wanted, old=old, today=today)
    _write_via(ledger, recipient, before=before, after=wanted.via)
    reasons = {
        record: _reason(files[case_id], recipient.scope, today=today)
        for case_id, records in before.items()
        for record in records
    }
    _move(ledger, owner, recipient=recipient, wanted=wanted, reasons=reasons)


def _move(ledger: Ledger, owner: Book, *, recipient: Book, wanted: Wanted, reasons: dict[str, str]) -> None:
    """Write the feed lines that lead from what stands there to what should."""
    ids = wanted.shown.keys() | reasons.keys()
    read_placed(ledger.connection, recipient, ids=ids)
    for record in sorted(ids):
        placed, row = recipient.here(record), owner.rows.get(record)
        if placed is not None and placed.owner != owner.scope:
            continue  # the recipient has a record of its own under this id
        if record not in wanted.shown:
            if placed is not None:
                recipient.drop(record, reason=reasons[record])
            continue
        rev, content = wanted.shown[record]
        if row is None or (
            placed is not None and placed.shows(content) and _known(ledger, recipient, placed=placed, rev=rev)
        ):
            continue
        seq = recipient.show(row, content, rev=rev, owner=owner.scope)
        if placed is None and row.kind == "referral_event" and content.get("step") == "SENT":
            _await_delivery(ledger, row, recipient=recipient, owner=owner, seq=seq)


def _known(ledger: Ledger, recipient: Book, *, placed: Placed, rev: int) -> bool:
    """Whether the number need not be told: only the recipient's own write is confirmed by it, whatever it changed."""
    return recipient.scope != ledger.office or placed.rev == rev or not ledger.wrote(placed.record)


def _add_neighbours(ledger: Ledger, owner: Book, *, recipient: Book, wanted: Wanted, old: set[str], today: str) -> None:
    """Persons of these cases may be shown through other cases, which were not touched."""
    shared = {
        record
        for record in wanted.shown.keys() | old
        if (row := owner.rows.get(record)) is not None and row.case_id is None
    }
    cases = cases_with(ledger, owner, persons=shared) - wanted.via.keys()
    neighbours = _referred(ledger, owner, cases)
    read_cases(ledger.connection, owner, cases=neighbours)
    for rows in owner.files(neighbours).values():
        for (_kind, record), (rev, content) in view_for(case_file(rows), recipient.scope, today=today).items():
            if record in shared:
                wanted.add(record, rev=rev, content=content)


def _reason(file: CaseFile, recipient: str, *, today: str) -> str:
    """Why a record leaves: the referral was withdrawn, it ended, or the consent no longer covers it."""
    mine = [rid for rid, referral in file.of("referral") if referral.get("to_office") == recipient]
    steps = {referral_step(file, rid) for rid in mine}
    if any(step in OPEN_STATES for step in steps):
        return ENDED if any(granted_tiers(file, rid, today=today) for rid in mine) else CONSENT
    steps |= {
        transfer_step(file, tid) for tid, transfer in file.of("transfer") if transfer.get("to_office") == recipient
    }
    return WITHDRAWN if "WITHDRAWN" in steps else ENDED


def recipients(rows: Iterable[Row]) -> set[str]:
    """The offices to which these rows refer somebody, and both sides of a transfer."""
    offices = {row.content.get("to_office") for row in rows if row.kind in ("referral", "transfer")}
    offices |= {row.content.get("made_office") for row in rows if row.kind == "transfer"}
    return {office for office in offices if isinstance(office, str)}


def _cases_of(ledger: Ledger, owner: Book, touched: Collection[Row]) -> set[str]:
    cases = {row.case_id for row in touched if row.case_id is not None}
    persons = {row.id if row.kind == "person" else row.person for row in touched if row.case_id is None}
    return cases | cases_with(ledger, owner, persons={person for person in persons if person})


def cases_with(ledger: Ledger, owner: Book, *, persons: Collection[str]) -> set[str]:
    """The cases of a scope in which one of these persons has a part."""
    if not persons:
        return set()
    with as_scope(ledger.connection, owner.scope):
        found = ledger.connection.execute(
            "SELECT DISTINCT case_id FROM record WHERE scope = %s AND person = ANY(%s::uuid[]) AND kind = 'party'",
            (owner.scope, list(persons)),
        ).fetchall()
    return {case_id for (case_id,) in found if case_id is not None}


def _referred(ledger: Ledger, owner: Book, cases: Collection[str]) -> set[str]:
    """Those of these cases that were ever referred, or offered to another office."""
    if not cases:
        return set()
    with as_scope(ledger.connection, owner.scope):
        found = ledger.connection.execute(
            "SELECT DISTINCT case_id FROM record WHERE scope = %s AND case_id = ANY(%s::uuid[])"
            " AND kind IN ('referral', 'transfer')",
            (owner.scope, list(cases)),
        ).fetchall()
    return {case_id for (case_id,) in found}


def _read_via(ledger: Ledger, recipient: Book, cases: Collection[str]) -> dict[str, set[str]]:
    with as_scope(ledger.connection, recipient.scope):
        found = ledger.connection.execute(
            "SELECT case_id, record FROM via WHERE scope = %s AND case_id = ANY(%s::uuid[])",
            (recipient.scope, list(cases)),
        ).fetchall()
    via: dict[str, set[str]] = {case_id: set() for case_id in cases}
    for case_id, record in found:
        via[case_id].add(record)
    return via


def _write_via(ledger: Ledger, recipient: Book, *, before: dict[str, set[str]], after: dict[str, set[str]]) -> None:
    gone = [(recipient.scope, case, record) for case in before for record in before[case] - after[case]]
    come = [(recipient.scope, case, record) for case in after for record in after[case] - before[case]]
    if not gone and not come:
        return
    with as_scope(ledger.connection, recipient.scope), ledger.connection.cursor() as cursor:
        cursor.executemany("DELETE FROM via WHERE scope = %s AND case_id = %s AND record = %s", gone)
        cursor.executemany("INSERT INTO via (scope, case_id, record) VALUES (%s, %s, %s)", come)


def _await_delivery(ledger: Ledger, event: Row, *, recipient: Book, owner: Book, seq: int) -> None:
    with as_scope(ledger.connection, recipient.scope):
        ledger.connection.execute(
            "INSERT INTO delivery (scope, referral, case_id, owner, seq) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (recipient.scope, event.content.get("referral_id"), event.case_id, owner.scope, seq),
        )

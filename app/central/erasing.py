"""Erasing at the centre: tombstones wherever the records stood, empty rows, an emptied past, and no way back.

An office erases what is its own. The register of erased ids is per scope and for ever: a later operation that names
one is answered ERASED, whoever sends it and however late.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from app.central import blobs
from app.central.book import Book
from app.central.config import today
from app.central.epochs import opened
from app.central.ledger import Ledger
from app.central.pages import read_cases, read_placed, read_rows, write_rows
from app.central.rows import History, Row
from app.central.shape import ids_in, links_of, refused
from app.central.store import Conn, as_scope
from app.central.views import cases_with, recipients, refresh_for
from app.models.erasure import APPROVED, OF_CASE, OF_PERSON, Erasure
from app.models.ids import is_id
from app.models.matches import MERGED, entries_of, follow
from app.models.person_match import PersonMatch
from app.wire.messages import Change, Outcome, Status, WireError, decode, encode

_BATCHES: LiteralString = "SELECT device, n, digest, data FROM batch WHERE scope = %s AND data <> ''"
_FORKS: LiteralString = "SELECT device, n, digest, data FROM incident WHERE scope = %s AND code = 'fork' AND data <> ''"
_MERGES: LiteralString = "SELECT id, content FROM record WHERE scope = %s AND kind = %s"
_NAMING: LiteralString = (
    "SELECT id FROM record WHERE scope = %s"
    " AND EXISTS (SELECT 1 FROM unnest(%s::bytea[]) AS one(id) WHERE position(one.id in content) > 0)"
)
_AT_ONCE = 50  # batches
_NOTHING, _NO_HISTORY = encode({}), History().dump()


def read_erased(ledger: Ledger, changes: Iterable[Change]) -> None:
    """Read which of the records that these operations name are erased in the office's scope."""
    _look_up(ledger, {record for change in changes for record in _hangs_on(change)})


def _look_up(ledger: Ledger, ids: set[str]) -> None:
    wanted = ids - ledger.looked_up
    if not wanted:
        return
    with as_scope(ledger.connection, ledger.office):
        found = ledger.connection.execute(
            "SELECT record FROM erased WHERE scope = %s AND record = ANY(%s::uuid[])", (ledger.office, list(wanted))
        ).fetchall()
    ledger.looked_up |= wanted
    ledger.erased |= {record for (record,) in found}


def names_erased(connection: Conn, office: str, changes: Iterable[Change]) -> bool:
    """Whether any of these operations speaks of something that is erased in this office's scope."""
    ids = {record for change in changes for record in _hangs_on(change) | ids_in(change)}
    with as_scope(connection, office):
        found = connection.execute(
            "SELECT 1 FROM erased WHERE scope = %s AND record = ANY(%s::uuid[]) LIMIT 1", (office, list(ids))
        ).fetchone()
    return found is not None


def answer(ledger: Ledger, change: Change) -> Outcome | None:
    """ERASED for an operation on what is erased, or on what hangs on it; None for any other."""
    return Outcome(Status.ERASED, "erased") if _hangs_on(change) & ledger.erased else None


def problem(ledger: Ledger, content: Mapping[str, Any]) -> Outcome | None:
    """What is wrong with an erasure: not one's own record, no such thing, or one person who asks and decides."""
    subject = content.get("subject")
    if content.get("subject_kind") not in (OF_CASE, OF_PERSON) or not isinstance(subject, str) or not is_id(subject):
        return refused("shape", "subject")
    if content.get("executed_at") and content.get("decision") != APPROVED:
        return refused("shape", "decision")
    asked, decided = content.get("requested_by"), content.get("decided_by")
    if (decided and decided == asked) or (content.get("executed_at") and not (asked and decided)):
        return refused("four_eyes", "decided_by")
    ledger.read({subject})
    own, placed = ledger.mine.rows.get(subject), ledger.standing(subject)
    if own is not None and own.kind != content["subject_kind"]:
        return refused("shape", "subject_kind")
    if own is None and placed is not None and placed.owner != ledger.office:
        return refused("not_yours", "subject")
    return None


def carry_out(ledger: Ledger, erasure: str, *, now: datetime) -> None:
    """Do what an approved erasure says, if it is not done yet. The records are the office's own."""
    row = ledger.mine.rows.get(erasure)
    if row is None or not row.content.get("executed_at"):
        return
    mine, subject = ledger.mine, str(row.content["subject"])
    _look_up(ledger, {subject})
    if subject in ledger.erased:
        return
    write_rows(ledger.connection, mine)  # what this batch said before counts, too
    cases = {subject} if row.content["subject_kind"] == OF_CASE else cases_with(ledger, mine, persons=[subject])
    rows = _rows_of(ledger, cases)
    gone, stay = _who_goes(ledger, rows, subject=subject)
    naming = _naming(ledger, gone | stay)
    cases |= {found.case_id for found in naming if found.case_id is not None and gone & _hung_on(found)}
    rows |= _rows_of(ledger, cases) | {found.id: found for found in (*naming, *_rows_with(ledger, stay))}
    offices = recipients(rows.values()) - {ledger.office}
    ledger.need(offices)
    gone = _what_goes(rows, gone)
    for scope in (ledger.office, *sorted(offices)):
        _bury_in(ledger, ledger.book(scope), gone=gone, erasure=row, now=now)
    ledger.erased |= gone
    _empty(ledger, gone)
    again = [found for found in rows.values() if found.id not in gone and _stays_with(found, stay)]
    read_placed(ledger.connection, mine, ids=[found.id for found in again])
    for found in again:  # a laptop that knew of no other case let go of them: they come again
        found.rev = mine.next_number()
        ledger.keep(mine, found)
    write_rows(ledger.connection, mine)
    refresh_for(ledger, mine, cases=cases, offices=offices, today=today(now))


def forget_bytes(ledger: Ledger, *, answered: Iterable[Outcome], batch: tuple[str, int, bytes]) -> None:
    """Raw batches that hold something erased lose their bytes: their results and hashes stay. `batch` is saved."""
    for scope, ids in ledger.buried.items():
        with as_scope(ledger.connection, scope):
            for device, n, digest in _holding(ledger.connection, scope, ids):
                _forget(ledger.connection, (device, n, digest))
    if any(outcome.status is Status.ERASED for outcome in answered):
        with as_scope(ledger.connection, ledger.office):
            _forget(ledger.connection, batch)


def _hangs_on(change: Change) -> set[str]:
    links = links_of(change.kind) if change.kind != Erasure.kind else ()
    named = [change.changes.get(key) for key in links]  # anything at all may stand there: nobody has looked at it yet
    parts = (change.record, change.case) if change.kind != Erasure.kind else ()
    return {str(one) for one in named if is_id(one)} | {part.hex() for part in parts if part and len(part) == 16}


def _rows_of(ledger: Ledger, cases: Collection[str]) -> dict[str, Row]:
    read_cases(ledger.connection, ledger.mine, cases=cases)
    return {row.id: row for rows in ledger.mine.files(cases).values() for row in rows}


def _who_goes(ledger: Ledger, rows: Mapping[str, Row], *, subject: str) -> tuple[set[str], set[str]]:
    """(the case or person and the persons who go with the case, those who stay because another case shows them)."""
    if subject not in rows or rows[subject].kind != OF_CASE:
        return {subject}, set()
    stands = follow(_merges(ledger))
    persons = {row.id for row in rows.values() if row.kind == OF_PERSON}
    persons |= {stands[person] for person in persons & stands.keys()}
    shown = entries_of(stands, persons)
    stay = {person for person in persons if cases_with(ledger, ledger.mine, persons=shown[person]) - {subject}}
    return {subject} | (persons - stay), stay


def _merges(ledger: Ledger) -> list[tuple[str, str, str]]:
    """The decisions of this office that two entries are one person, and that hold."""
    with as_scope(ledger.connection, ledger.office):
        found = ledger.connection.execute(_MERGES, (ledger.office, PersonMatch.kind)).fetchall()
    held = [(record, decode(bytes(data), dict[str, Any])) for record, data in found]
    holds = [(record, said) for record, said in held if said.get("decision") == MERGED and not said.get("undone_at")]
    return [(record, said["kept"], said["gone"]) for record, said in holds if said.get("kept") and said.get("gone")]


def _naming(ledger: Ledger, ids: Collection[str]) -> list[Row]:
    """The office's records that hang on one of these, in whatever case: an erasure is rare, and may read them all."""
    needles = [record.encode() for record in sorted(ids)]
    with as_scope(ledger.connection, ledger.office):
        found = ledger.connection.execute(_NAMING, (ledger.office, needles)).fetchall()
    rows = _rows_with(ledger, [record for (record,) in found])
    return [row for row in rows if row.kind != Erasure.kind and _hung_on(row) & set(ids)]


def _rows_with(ledger: Ledger, ids: Collection[str]) -> list[Row]:
    read_rows(ledger.connection, ledger.mine, ids=ids)
    return [row for record in ids if (row := ledger.mine.rows[record]) is not None]


def _hung_on(row: Row) -> set[str]:
    named = (row.content.get(key) for key in links_of(row.kind))
    return {one for one in named if isinstance(one, str)}


def _stays_with(row: Row, persons: Collection[str]) -> bool:
    """Whether this is one of these persons, or what hangs on them alone: conflicts, keys, decisions about two."""
    return row.id in persons or (row.case_id is None and bool(_hung_on(row) & set(persons)))


def _what_goes(rows: Mapping[str, Row], subjects: Collection[str]) -> set[str]:
    """These, and what hangs on them: steps on referrals, conflicts on anything, keys and decisions on persons."""
    gone, size = set(subjects), 0
    while size != len(gone):
        size = len(gone)
        gone |= {row.id for row in rows.values() if row.kind != Erasure.kind and _hung_on(row) & gone}
    return gone


def _bury_in(ledger: Ledger, book: Book, *, gone: set[str], erasure: Row, now: datetime) -> None:
    read_placed(ledger.connection, book, ids=gone)
    stood = {record for record in gone if (p := book.placed[record]) is not None and p.owner == ledger.office}
    for record in sorted(stood):
        book.bury(record, reason=_reason(erasure, office=ledger.office))
    if book is ledger.mine:
        stood |= gone  # also what never came: it must not come now
        for record in gone:
            ledger.touched.get(book.scope, {}).pop(record, None)
            book.rows[record] = None
    ledger.buried.setdefault(book.scope, set()).update(stood)
    lines = [(book.scope, record, erasure.id, now) for record in sorted(stood)]
    args = (book.scope, list(stood))
    with as_scope(ledger.connection, book.scope), ledger.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO erased (scope, record, erasure, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", lines
        )
        cursor.execute("DELETE FROM via WHERE scope = %s AND record = ANY(%s::uuid[])", args)
        cursor.execute("DELETE FROM delivery WHERE scope = %s AND referral = ANY(%s::uuid[])", args)
        blobs.forget(ledger.connection, book.scope, sorted(stood))
        cursor.execute("SELECT forget_feed()")
        _drop_held(cursor, book, stood)


def _reason(row: Row, *, office: str) -> str:
    """What a tombstone says: the basis, when, which office, which erasure. No word about anybody."""
    return f"{row.content.get('basis', '')} {row.content['executed_at']} {office} {row.id}"


def _empty(ledger: Ledger, gone: set[str]) -> None:
    """The owner's rows keep their id and nothing else; they are found through no case and no person any more."""
    with as_scope(ledger.connection, ledger.office):
        ledger.connection.execute(
            "UPDATE record SET content = %s, history = %s, case_id = NULL, person = NULL"
            " WHERE scope = %s AND id = ANY(%s::uuid[])",
            (_NOTHING, _NO_HISTORY, ledger.office, list(gone)),
        )


def _drop_held(cursor: Any, book: Book, ids: set[str]) -> None:
    """Work that waited for, or would change, something erased; its device hears what became of it."""
    cursor.execute("SELECT device, n, position, change FROM held WHERE scope = %s", (book.scope,))
    gone = [
        (book.scope, device, n, position)
        for device, n, position, data in cursor.fetchall()
        if (ids_in(change := decode(data, Change)) | _hangs_on(change)) & ids
    ]
    for _scope, device, n, position in sorted(gone):
        book.decide(device, n, position, outcome=Outcome(Status.ERASED, "erased"))
    cursor.executemany("DELETE FROM held WHERE scope = %s AND device = %s AND n = %s AND position = %s", gone)


def _holding(connection: Conn, scope: str, ids: Collection[str]) -> list[tuple[str, int, bytes]]:
    """The batches and forks of a scope in whose bytes one of these records is. Inside `as_scope`."""
    raw = {bytes.fromhex(record) for record in ids}
    found = []
    for table in (_BATCHES, _FORKS):
        with connection.cursor(name="holding") as cursor:  # not all batches of an office at once into memory
            cursor.itersize = _AT_ONCE
            for device, n, digest, data in cursor.execute(table, (scope,)):
                if _names(connection, scope, bytes(data), raw):
                    found.append((device, n, bytes(digest)))
    return found


def _names(connection: Conn, scope: str, data: bytes, ids: set[bytes]) -> bool:
    """Whether a batch speaks of one of these; one that cannot be read is taken to."""
    try:
        changes = opened(connection, scope, data, verify=lambda _message, _signature: True).changes
    except (WireError, msgspec.DecodeError):
        return True
    wanted = {record.hex() for record in ids}
    return any(change.record in ids or change.case in ids or ids_in(change) & wanted for change in changes)


def _forget(connection: Conn, batch: tuple[str, int, bytes]) -> None:
    connection.execute("SELECT forget_bytes(%s, %s, %s)", batch)

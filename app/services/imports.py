"""Taking a spreadsheet in: all its good rows in one transaction, and out again as long as nothing of it was sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflicted, Invalid, NotFound
from app.i18n import _
from app.models.among import among
from app.models.base import KINDS
from app.models.ids import new_id
from app.models.journal import Journal, audit
from app.models.local import ImportBatch, Operation
from app.models.permission import Permission
from app.services import care, parties
from app.services.cases import add_case
from app.services.desk import Desk, Saved
from app.services.import_plan import Plan, Planned, Progress

_AT_ONCE = 200  # rows between two flushes: objects in memory, and how soon a cancel is heard
_CHUNK = 500
SKIP, NEW = "-", ""  # what may be decided about a row, besides the id of somebody who is here already


class Cancelled(Exception):
    """The person stopped it; nothing was saved."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An import of the past. `why_not`: why it cannot be undone, in words; '' if it can."""

    id: str
    at: datetime
    by: str
    file: str
    sheet: str
    rows: int
    cases: int
    undone_at: datetime | None
    why_not: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows come from: the names of the file and of the sheet, for the list of imports."""

    file: str
    sheet: str


def take_in(
    desk: Desk, plan: Plan, *, source: Source, decided: dict[int, str], progress: Progress,
    stopped: Callable[[], bool] = lambda: False,
) -> Saved:  # fmt: skip
    """Save the good rows as cases. The id is that of the import; Cancelled if it was stopped: nothing is saved then.

    `decided` says by row number what is not the rule: SKIP, NEW, or the id of the person the victim is. The rule is
    NEW, unless the same NIK is here already.
    """
    rows = [row for row in plan.good if decided.get(row.number, row.known) != SKIP]
    if not rows:
        raise Invalid(_("There is no row to take in. Mend the rows or the mapping first."))
    unit = desk.write(Permission.IMPORT)
    with unit as session:
        desk.require(Permission.WRITE_CASE)
        _stop_at_each_statement(session, stopped)
        first = _last_operation(session) + 1
        niks: dict[str, str] = {}
        for done, row in enumerate(rows):
            if done % _AT_ONCE == 0:
                session.flush()
                session.expunge_all()  # nobody looks at them again, and ten thousand of them are memory
                progress(done, len(rows))
            _take(session, desk, row, decided.get(row.number, row.known), niks)
        session.flush()
        batch = ImportBatch(
            id=new_id(), at=desk.now(), user=desk.actor.user, user_name=desk.actor.name, file=source.file,
            sheet=source.sheet, rows=len(rows), cases=len(rows), first=first, last=_last_operation(session),
        )  # fmt: skip
        session.add(batch)
        audit(session, "import", "case", batch.id)
        progress(len(rows), len(rows))
        made = batch.id
    return Saved(made, unit.changes)


def _stop_at_each_statement(session: Session, stopped: Callable[[], bool]) -> None:
    """A lock or a cancel is heard between any two statements, those that derive the lists at the end too."""

    def listen(*_told: Any) -> None:
        if stopped():
            raise Cancelled

    event.listen(session.connection(), "before_cursor_execute", listen)


def _take(session: Session, desk: Desk, row: Planned, who: str, niks: dict[str, str]) -> None:
    """One row: a case, its victim, a note. The same NIK further down in the file is the same person."""
    case = add_case(session, desk, row.values.get("case", {}))
    session.flush()
    case_id = case.id
    person: Any = row.values.get("victim")
    if person:
        nik = str(person.get("nik") or "")
        known = who or niks.get(nik, "")
        party = parties.join(session, case_id, known or person, {"role": "VICTIM", **row.values.get("part", {})})
        if nik:
            niks.setdefault(nik, party.person_id or "")
    if row.values.get("note"):
        care.enter_note(session, desk, case_id, row.values["note"])


def _last_operation(session: Session) -> int:
    return session.scalar(select(func.max(Operation.seq))) or 0


def taken(desk: Desk) -> tuple[Taken, ...]:
    """The imports of this laptop, the latest first."""
    with desk.read(Permission.IMPORT) as session:
        rows = session.scalars(select(ImportBatch).order_by(ImportBatch.at.desc(), ImportBatch.id.desc()))
        return tuple(
            Taken(b.id, b.at, b.user_name, b.file, b.sheet, b.rows, b.cases, b.undone_at, _why_not(session, b))
            for b in rows
        )


def _why_not(session: Session, batch: ImportBatch) -> str:
    if batch.undone_at is not None:
        return _("It was undone already.")
    ours = (Operation.seq >= batch.first) & (Operation.seq <= batch.last)
    if session.scalar(select(Operation.seq).where(ours, Operation.batch.is_not(None)).limit(1)) is not None:
        return _("Its cases were sent already. Close those that are wrong, with the reason “entered in error”.")
    records = select(Operation.record).where(ours, Operation.new)
    later = select(Operation.seq).where(Operation.seq > batch.last, Operation.record.in_(records)).limit(1)
    cases = select(Operation.case_id).where(ours, Operation.new, Operation.case_id.is_not(None))
    inside = select(Operation.seq).where(Operation.seq > batch.last, Operation.case_id.in_(cases)).limit(1)
    if session.scalar(later) is not None or session.scalar(inside) is not None:
        return _("Somebody has worked on its cases since. Undo that work first, or close the cases that are wrong.")
    return ""


def undo(desk: Desk, batch_id: str) -> Saved:
    """Take a whole import back, as if it had never been; the audit keeps that it was. Conflicted if it is too late."""
    unit = desk.write(Permission.IMPORT)
    with unit as session:
        batch = session.get(ImportBatch, batch_id)
        if batch is None:
            raise NotFound(_("There is no such import on this laptop."))
        if why_not := _why_not(session, batch):
            raise Conflicted(why_not)
        _unmake(session, batch)
        session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(undone_at=desk.now()))
        audit(session, "undo_import", "case", batch_id)
    return Saved(batch_id, unit.changes)


def _unmake(session: Session, batch: ImportBatch) -> None:
    """Remove the records an import made and the operations that would have sent them: nobody else has seen them."""
    journal: Journal = session.info["journal"]
    ours = (Operation.seq >= batch.first) & (Operation.seq <= batch.last)
    made: dict[str, list[str]] = {}
    rows = session.execute(select(Operation.kind, Operation.record, Operation.case_id).where(ours, Operation.new))
    for kind, record, case_id in rows:
        made.setdefault(kind, []).append(record)
        journal.touch(kind, record, case_id)
    for kind, ids in made.items():
        table = KINDS[kind]
        for start in range(0, len(ids), _CHUNK):
            session.execute(delete(table).where(among(table.id, ids[start : start + _CHUNK])))
    session.execute(delete(Operation).where(ours))
    session.expire_all()

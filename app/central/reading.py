"""What a row of operations needs, read at once instead of record by record."""

from __future__ import annotations

from collections.abc import Iterable

from app.central import erasing
from app.central.ledger import Ledger
from app.central.pages import read_cases
from app.central.rights import SHARED, STEPS
from app.central.shape import ids_in
from app.models.ids import is_id
from app.wire import REFERENCE
from app.wire.messages import Change


def read_ahead(ledger: Ledger, changes: Iterable[Change]) -> None:
    """Read at once everything the operations name, instead of record by record."""
    ledger.read({record for change in changes for record in ids_in(change)})
    erasing.read_erased(ledger, changes)
    cases: dict[str, set[str]] = {}
    for change in changes:
        found = ledger.find(change.case.hex()) if change.case is not None and len(change.case) == 16 else None
        if found is not None and (found[0] is not ledger.mine or change.kind in STEPS):
            cases.setdefault(found[0].scope, set()).add(found[1].id)
    for scope, ids in cases.items():
        read_cases(ledger.connection, ledger.book(scope), cases=ids)


def expected(changes: Iterable[Change]) -> set[str]:
    """Scopes that a batch most likely touches, so that they are locked at the first try."""
    scopes = {REFERENCE} if any(change.kind in SHARED for change in changes) else set()
    for change in changes:
        office = change.changes.get("to_office") if change.kind in ("referral", "transfer") else None
        if is_id(office):
            scopes.add(str(office))
    return scopes

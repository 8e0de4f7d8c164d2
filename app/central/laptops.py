"""The laptops of an office, told to the office itself: its people compare six words before they hand over a key."""

from __future__ import annotations

from app.central.ledger import Ledger, in_scopes
from app.central.pages import read_placed, read_rows
from app.central.rows import CENTRE, Author, Row
from app.central.store import Store
from app.models.field import to_ms
from app.models.keyring import DeviceEntry
from app.wire.credentials import packed


def announce(store: Store, office: str) -> None:
    """Every laptop of this office stands in its feed as it is known here; what is there and right stays."""
    in_scopes(store, office, scopes=(), work=_announce)


def announce_all(store: Store) -> None:
    """The same for every office: laptops from before this was written down, and what a crash left undone."""
    with store.transaction() as connection:
        offices = connection.execute("SELECT DISTINCT office FROM device ORDER BY office").fetchall()
    for (office,) in offices:
        announce(store, office)


def _announce(ledger: Ledger) -> None:
    devices = ledger.connection.execute(
        "SELECT id, tag, certificate, issued, revoked FROM device WHERE office = %s ORDER BY issued, id",
        (ledger.office,),
    ).fetchall()
    book, ids = ledger.mine, [device[0] for device in devices]
    read_rows(ledger.connection, book, ids=ids)
    read_placed(ledger.connection, book, ids=ids)
    for device, tag, certificate, issued, revoked in devices:
        entry = {"tag": tag, "certificate": packed(certificate), "made_at": to_ms(issued), "made_by": "centre"}
        if revoked is not None:
            entry["revoked"] = to_ms(revoked)
        before = book.rows[device]
        if before is not None and (before.kind != DeviceEntry.kind or before.content == entry):
            continue  # an id that somebody else took is theirs
        row = Row(DeviceEntry.kind, device, entry, book.next_number())
        if before is not None:
            row.history = before.history
        row.history.note(tuple(entry), rev=row.rev, author=Author(CENTRE, "centre", to_ms(revoked or issued)))
        ledger.keep(book, row)

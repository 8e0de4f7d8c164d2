"""Sealed files of attachments in a bundle and in its answer, by the same rule as over a link: as many as fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.central.blobs import Name, Piece, give, standing, take
from app.central.centre import Centre
from app.central.moving import after_file
from app.central.refusal import Refused
from app.central.sessions import Device
from app.wire import MAX_BLOB, PIECE
from app.wire.messages import RowKind
from app.wire.parcel import MAX_FILES, Parcel, Sheet
from app.wire.segment import unseal_segment


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who asks: what it says that it lacks, what it sent itself, and what it will read about in these segments."""

    parcel: Parcel
    held: Sequence[Sheet]
    segments: Sequence[bytes]

    def names(self) -> Iterator[Name]:
        """Each once, what it asked for first."""
        seen = {(sheet.record, sheet.sha256) for sheet in (*self.held, *self.parcel.files)}
        for record, sha256 in (*((s.record, s.sha256) for s in self.parcel.wanted), *self._new()):
            if (record, sha256) not in seen:
                seen.add((record, sha256))
                yield Name(record.hex(), sha256)

    def _new(self) -> Iterator[tuple[bytes, str]]:
        for data in self.segments:
            for row in unseal_segment(data).rows:
                if row.kind == "attachment" and row.row is RowKind.FULL and row.content.get("blob"):
                    yield row.record, row.content["blob"]


def take_files(centre: Centre, device: Device, sheets: Iterable[Sheet]) -> list[Sheet]:
    """Keep what this device may bring; the names of what the centre has whole now."""
    whole = []
    for sheet in sheets:
        name, total = Name(sheet.record.hex(), sheet.sha256), len(sheet.data)
        if not 0 < total <= MAX_BLOB:
            continue
        try:
            offset, _announced = standing(centre.store, device, name)
            for start in range(offset - offset % PIECE, total, PIECE):
                piece = Piece(start, total, sheet.data[start : start + PIECE])
                if start >= offset:
                    offset = take(centre.store, device, name, piece=piece, now=centre.config.now())
        except Refused:  # not its record any more, or not these bytes: as over a link, that is no matter of the rest
            continue
        if offset >= total:
            after_file(centre.store, device.office, name.record, clock=centre.config.now)
            whole.append(Sheet(sheet.record, sheet.sha256))
    return whole


def give_files(centre: Centre, device: Device, wanted: Wanted) -> list[Sheet]:
    """Files that the device may have and the centre has whole, as many as fit."""
    sheets, room = [], MAX_FILES
    for name in wanted.names():
        data = _whole(centre, device, name, room=room)
        if data:
            room -= len(data)
            sheets.append(Sheet(bytes.fromhex(name.record), name.sha256, data))
    return sheets


def _whole(centre: Centre, device: Device, name: Name, *, room: int) -> bytes:
    data = bytearray()
    try:
        here, total = standing(centre.store, device, name)
        if not here or here != total or total > room:
            return b""
        while len(data) < total:
            data += give(centre.store, device, name, start=len(data))[0].data
    except Refused:
        return b""
    return bytes(data)

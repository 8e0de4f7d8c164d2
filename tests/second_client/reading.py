"""How the second client reads: segments, cut and resumed, applied whole with their cursor (section 9)."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from tests.second_client.device import Device
from tests.second_client.line import LinkBroken, Refused
from tests.second_client.sending import freeze, push
from tests.second_client.wire import REFERENCE, Malformed, changed, decode, item_digest, open_segment

_SHARED_KINDS: Final = ("agency", "office", "office_key")


class Doubt(Exception):
    """A base or an operation is not here: whole rows, please."""


def pull(device: Device, scope: bytes) -> None:
    """To the head."""
    short = device.short
    while (data := _segment(device, scope, short=short)) is not None:
        try:
            apply(device, scope, data)
            short = device.short
        except Doubt:
            short = False


def _segment(device: Device, scope: bytes, *, short: bool) -> bytes | None:
    """The next one, or the rest of the one that was cut; None at the head."""
    word = "own" if scope == device.office else "shared"
    path = f"/v2/feeds/{word}?codec=row&own=1" if short else f"/v1/feeds/{scope.hex()}?"
    path += f"&cursor={quote(device.store.feed(scope)[0])}"
    place = f"segment {scope.hex()}"
    begun = device.store.fact(place) or {}
    got: bytes = begun["bytes"] if begun.get("path") == path else b""
    match = {"If-Match": f'"{begun["name"]}"'} if got else {}
    try:
        reply = device.line.ask("GET", f"{path}&offset={len(got)}", None, **match)
    except LinkBroken as broken:
        if name := broken.headers.get("naungan-segment"):
            device.store.keep(place, {"path": path, "name": name, "bytes": got + broken.got})
        raise
    except Refused as refused:
        if refused.code != "segment":
            raise
        device.store.keep(place, {})
        return _segment(device, scope, short=short)
    device.store.keep(place, {})
    return None if reply.status == 204 else got + reply.body


def apply(device: Device, scope: bytes, data: bytes) -> None:
    """A segment and its cursor in one transaction; what a leaving record still carries is sent before."""
    header, rows = open_segment(data)
    if header["scope"] != scope or header["first"] > device.store.feed(scope)[1]:
        raise Malformed("a segment from another place")
    if any(row[1] == "L" and device.store.of_record(row[3], "unsent") for row in rows):
        freeze(device)
        push(device)
    device.letters.update(row[1] for row in rows)
    with device.store.whole():
        total = sum(_apply_row(device, scope, row) for row in rows)
        if header.get("own") and total % 2**128 != int.from_bytes(header["own"], "big"):
            raise Doubt
        device.store.read_to(scope, header["cursor"], header["last"])


def _apply_row(device: Device, scope: bytes, row: list[Any]) -> int:
    """The digest of what was made of an O or D row; 0 for all others, whatever they are."""
    _seq, letter, kind, record, rev, content = row[:6]
    if letter == "F":
        device.store.hold(scope, record, kind=kind, rev=rev, content=content)
    elif letter == "L":
        device.store.drop(scope, record)
    elif letter == "T":
        device.store.forget(record)
    elif letter == "R":
        device.store.answer(content["n"], content["position"], content["outcome"])
    elif letter == "D":
        return _delta(device, scope, row)
    elif letter == "O":
        return _own(device, scope, row[0])
    return 0


def _delta(device: Device, scope: bytes, row: list[Any]) -> int:
    _seq, _letter, kind, record, rev, content, _reason, base, gone = row[:9]
    if not record:
        found = device.store.sql("SELECT id FROM record WHERE scope = ? AND kind = ? AND rev = ?", scope, kind, base)
        record = found[0]["id"] if len(found) == 1 else b""
    known = device.store.held(scope, record)
    if known is None or known[1] != base:
        raise Doubt
    kept = {key: value for key, value in known[2].items() if key not in gone} | content
    device.store.hold(scope, record, kind=kind, rev=rev, content=kept)
    return item_digest(kind, record, rev, kept)


def _own(device: Device, scope: bytes, seq: int) -> int:
    """What was here of the record with all our own work on it since then, up to this number."""
    taken = "SELECT * FROM operation WHERE status IN ('accepted', 'merged') AND"
    found = {one["record"] for one in device.store.sql(f"{taken} rev = ?", seq) if _is_numbered(device, scope, one)}
    if len(found) != 1:
        raise Doubt
    (record,) = found
    kind, rev, content = device.store.held(scope, record) or ("", 0, {})
    for one in device.store.sql(f"{taken} record = ? AND rev > ? AND rev <= ? ORDER BY rev, seq", record, rev, seq):
        kind, content = one["kind"], changed(content, decode(one["body"])[5])
    device.store.hold(scope, record, kind=kind, rev=seq, content=content)
    return item_digest(kind, record, seq, content)


def _is_numbered(device: Device, scope: bytes, operation: Any) -> bool:
    """Whether the number of this operation is one of this scope: it owns the record, or the record's case."""
    if operation["kind"] in _SHARED_KINDS or scope == REFERENCE:
        return (operation["kind"] in _SHARED_KINDS) == (scope == REFERENCE)
    known = device.held(decode(operation["body"])[2] or operation["record"])
    return known is None or known[2].get("made_office") == device.office.hex()

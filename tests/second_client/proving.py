"""How the second client proves that it holds the same: hello, receipts, and the repair of what differs (section 10)."""

from __future__ import annotations

from typing import Any

from tests.second_client.device import Device
from tests.second_client.line import Refused
from tests.second_client.repair import differing
from tests.second_client.sending import Fork
from tests.second_client.store import ACKED, PROVEN
from tests.second_client.wire import Malformed, as_listed, believed, encode, open_segment


def hello(device: Device) -> dict[str, Any] | None:
    """The first word; None if both sides hold the same (what waits here is not asked about)."""
    reply = _short(device) if device.short else _long(device)
    if reply is None:
        return None
    device.keep_recipient(reply["bundle"])
    hear_epoch(device, reply)
    return reply


def hear_epoch(device: Device, reply: dict[str, Any]) -> None:
    """A restored centre is offered again what it lost, byte for byte, and read from the beginning."""
    acked = device.store.sql("SELECT max(n) AS n FROM batch WHERE state IN (?, ?)", ACKED, PROVEN)[0]["n"] or 0
    if reply["last_batch"] > device.store.last_batch()[0]:
        raise Fork("the centre knows batches that were never made here")
    if reply["epoch"] == device.epoch and reply["last_batch"] >= acked:
        return
    with device.store.whole():
        device.store.keep("epoch", reply["epoch"])
        device.store.sql("UPDATE batch SET state = 'FROZEN', offset = 0 WHERE n > ?", reply["last_batch"])
        device.store.sql("DELETE FROM feed")
        device.store.sql("DELETE FROM record")


def long_hello(device: Device) -> dict[str, Any]:
    """The message, as bundles hold it too."""
    feeds = [device.point(scope) for scope in device.scopes]
    return {"schema": 2, "epoch": device.epoch, "feeds": feeds, "next_batch": _next(device), "stale": ""}


def _long(device: Device) -> dict[str, Any] | None:
    reply = device.line.post("/v1/hello", long_hello(device))
    return None if reply.status == 204 else {"bundle": None, **reply.message}


def _short(device: Device) -> dict[str, Any] | None:
    try:
        reply = device.line.post("/v2/hello", [2, bytes.fromhex(device.epoch), _next(device), _points(device), ""])
    except Refused as refused:
        if refused.code != "not_found":
            raise
        device.short = False
        return _long(device)
    if reply.status == 204:
        return None
    epoch, last_batch, _heads, _codecs, _slot, bundle = reply.message[:6]
    signed = {"body": bundle[0], "signature": bundle[1]} if bundle else None
    return {"epoch": epoch.hex(), "last_batch": last_batch, "bundle": signed}


def _points(device: Device) -> list[list[Any]]:
    return [[i, p["seq"], p["digest"], p["count"]] for i, p in enumerate(map(device.point, device.scopes))]


def _next(device: Device) -> int:
    """The first batch without a result."""
    waiting = device.store.waiting()
    return int(waiting[0]["n"] if waiting else device.store.last_batch()[0] + 1)


def prove(device: Device) -> None:
    """A receipt for every scope; what differs is fetched once. Only then the batches they cover are proven."""
    told = _receipts(device)
    if any(code == "digest" for _signed, code in told):
        for scope, (_signed, code) in zip(device.scopes, told, strict=True):
            if code == "digest":
                repair(device, scope)
        told = _receipts(device)
    covered = []
    for scope, (signed, code) in zip(device.scopes, told, strict=True):
        if signed is None:
            raise Refused(409, {"code": code}, {})
        covered.append(keep_receipt(device, scope, signed))
    device.store.sql("UPDATE batch SET state = ? WHERE state = ? AND n <= ?", PROVEN, ACKED, min(covered))


def _receipts(device: Device) -> list[tuple[dict[str, Any] | None, str]]:
    """For each scope the Signed, or the code of the refusal."""
    if not device.short:
        return [_long_receipt(device, scope) for scope in device.scopes]
    answers = device.line.post("/v2/receipts", [_points(device), None]).message
    return [_whole(device, scope, *answer) for scope, answer in zip(device.scopes, answers, strict=True)]


def _long_receipt(device: Device, scope: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        return device.line.post("/v1/receipts", {"point": device.point(scope), "audit": None}).message, ""
    except Refused as refused:
        return None, refused.code


def _whole(
    device: Device, scope: bytes, short: list[Any] | None, problem: dict[str, Any] | None
) -> tuple[dict[str, Any] | None, str]:
    """A short receipt with what we said ourselves: the bytes that were signed."""
    if short is None:
        return None, str(problem and problem["code"])
    epoch, at, last_batch, audit_seq, audit_head, signature = short
    point = device.point(scope)
    receipt = {
        "device": device.id, "scope": scope, "epoch": epoch.hex(), "seq": point["seq"], "digest": point["digest"],
        "count": point["count"], "last_batch": last_batch, "at": at, "audit_seq": audit_seq,
        "audit_head": audit_head or b"",
    }  # fmt: skip
    return {"body": as_listed(receipt), "signature": signature}, ""


def keep_receipt(device: Device, scope: bytes, signed: dict[str, Any]) -> int:
    """Believe a receipt if it says what we compute; the last batch it covers."""
    receipt = believed(signed, b"naungan receipt 1\n", device.store.fact("centre_key"))
    point = device.point(scope)
    ours = {"device": device.id, "epoch": device.epoch, **{k: point[k] for k in ("scope", "seq", "digest", "count")}}
    if any(receipt[key] != value for key, value in ours.items()):
        raise Malformed("a receipt for something else")
    device.store.sql("UPDATE feed SET receipt = ? WHERE scope = ?", encode(signed), scope)
    return int(receipt["last_batch"])


def repair(device: Device, scope: bytes) -> None:
    """Fetch what differs, and nothing else."""
    name = device.scopes.index(scope)
    ids = differing(device.line, device.store, scope, name=name, epoch=device.epoch)
    device.repaired += ids
    while ids:
        header, rows = open_segment(device.line.post("/v2/rows", [name, ids]).body)
        with device.store.whole():
            for record in ids[: header["last"]]:
                device.store.drop(scope, record)
            for _seq, _letter, kind, record, rev, content, *_more in rows:
                device.store.hold(scope, record, kind=kind, rev=rev, content=content)
        ids = ids[header["last"] :]

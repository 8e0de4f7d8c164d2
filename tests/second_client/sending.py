"""How the second client sends: unsent work is frozen, frozen bytes go over, results are kept (sections 6 to 8)."""

from __future__ import annotations

from typing import Any, Final

from tests.second_client.device import Device
from tests.second_client.line import Later, LinkBroken, Refused, Reply
from tests.second_client.store import ACKED, APPLIED, FROZEN, PARTIAL, STORED
from tests.second_client.wire import Links, Malformed, decode, seal_batch

_AT_ONCE: Final = 500  # operations in a batch: far below every limit
_STATES: Final = {"stored": STORED, "applied": APPLIED}


class Fork(Exception):
    """Another history under our name: stop, and enrol anew."""


def freeze(device: Device) -> None:
    """Unsent work becomes batches."""
    store = device.store
    while rows := store.sql("SELECT * FROM operation WHERE status = 'unsent' ORDER BY seq LIMIT ?", _AT_ONCE):
        n, previous = store.last_batch()
        links = Links(device.id, n + 1, previous, device.epoch)
        with store.whole():
            store.freeze(n + 1, seal_batch([decode(row["body"]) for row in rows], links, device.key), rows)


def push(device: Device) -> None:
    """Every batch without a result, in order."""
    for batch in device.store.waiting():
        keep_result(device, batch["n"], _put(device, batch).message)


def keep_result(device: Device, n: int, result: dict[str, Any]) -> None:
    """One outcome for each operation, or it is not the centre's."""
    store, outcomes = device.store, result["outcomes"]
    proof = store.sql("SELECT hash FROM batch WHERE n = ?", n)[0]["hash"]
    count = len(store.sql("SELECT 1 FROM operation WHERE n = ?", n))
    if (result["device"], result["n"], result["digest"]) != (device.id, n, proof) or len(outcomes) != count:
        raise Malformed("a result that is not ours")
    with store.whole():
        for position, outcome in enumerate(outcomes):
            store.answer(n, position, outcome)
        store.state(n, ACKED)


def _put(device: Device, batch: Any) -> Reply:
    """The answer to the whole batch, from wherever the last attempt ended."""
    n, data = batch["n"], batch["bytes"]
    path = f"/v1/batches/{device.id.hex()}/{n}"
    offset = 0 if batch["state"] == FROZEN else _safe(device, n, path)
    device.store.state(n, PARTIAL, offset)
    for _attempt in range(3):
        try:
            reply = device.line.ask(
                "PUT", f"{path}?offset={offset}", data[offset:], **{"Naungan-Length": str(len(data))}
            )
        except Refused as refused:
            if refused.code == "fork":
                raise Fork(str(refused)) from refused
            if refused.code != "offset":
                raise
            offset = int(refused.headers["naungan-offset"])
            continue
        if reply.status != 202:
            return reply
        offset = int(reply.headers["naungan-offset"])
        if offset == len(data):
            device.store.state(n, STORED, offset)
            raise Later(int(reply.headers.get("retry-after", "60")))
    raise LinkBroken("the centre comes to no end with a batch")


def _safe(device: Device, n: int, path: str) -> int:
    """How many bytes of a batch the centre has."""
    reply = device.line.ask("HEAD", path)
    offset = int(reply.headers["naungan-offset"])
    device.store.state(n, _STATES.get(reply.headers["naungan-state"], PARTIAL), offset)
    return offset

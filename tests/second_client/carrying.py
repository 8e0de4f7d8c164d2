"""What the second client carries besides records: sealed files over the line, and a whole sync on a stick (12, 13)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from pyrage import decrypt, encrypt, x25519

from tests.second_client.device import Device, now_ms
from tests.second_client.line import LinkBroken, Refused
from tests.second_client.proving import hear_epoch, keep_receipt, long_hello
from tests.second_client.reading import apply
from tests.second_client.sending import Fork, freeze, keep_result
from tests.second_client.wire import Malformed, believed, blake, decode, encode, open_segment

PIECE: Final = 64 * 1024


def send_file(device: Device, record: bytes, sealed: bytes) -> str:
    """The sealed bytes of an attachment, from wherever the centre has them; returns their name."""
    name = hashlib.sha256(sealed).hexdigest()
    path = f"/v1/blobs/{name}?record={record.hex()}"
    at = _there(device, path)
    while at < len(sealed):
        piece = sealed[at : (at // PIECE + 1) * PIECE]
        place = f"bytes {at}-{at + len(piece) - 1}/{len(sealed)}"
        headers = {"Content-Range": place, "Naungan-Piece": blake(piece, 16).hex()}
        try:
            device.line.ask("PUT", path, piece, **headers)
            at += len(piece)
        except Refused as refused:
            if refused.code != "offset":
                raise
            at = int(refused.headers["naungan-offset"])  # what was on a line that broke came in after all
    return name


def _there(device: Device, path: str) -> int:
    """How many bytes of a file the centre has."""
    try:
        return int(device.line.ask("HEAD", path).headers["naungan-offset"])
    except Refused as refused:
        if refused.status != 404:
            raise
        return 0


def fetch_file(device: Device, record: bytes, name: str) -> bytes:
    """The sealed bytes of an attachment, in pieces that each have their hash; the whole has to have its name."""
    path, got, total = f"/v1/blobs/{name}?record={record.hex()}", b"", 1
    while len(got) < total:
        reply = device.line.ask("GET", path, Range=f"bytes={len(got)}-")
        if blake(reply.body, 16).hex() != reply.headers["naungan-piece"] or not reply.body:
            raise LinkBroken("the bytes changed on the way")
        got += reply.body
        total = int(reply.headers["content-range"].rpartition("/")[2])
    if hashlib.sha256(got).hexdigest() != name:
        raise Malformed("not the file of that name")
    return got


def pack(device: Device, stick: Path) -> Path:
    """One bundle for the centre; nothing counts as sent by it."""
    freeze(device)
    sequence = (device.store.fact("sequence") or 0) + 1
    device.store.keep("sequence", sequence)
    receipts = [row["receipt"] for row in device.store.sql("SELECT receipt FROM feed WHERE receipt IS NOT NULL")]
    body = encode(
        {
            "device": device.id,
            "centre": device.store.fact("centre_key"),
            "certificate": device.store.fact("certificate"),
            "sequence": sequence,
            "made_at": now_ms(),
            "hello": long_hello(device),
            "batches": [batch["bytes"] for batch in device.store.waiting()],
            "audit": None,
            "receipts": [decode(receipt) for receipt in receipts],
            "files": [],
            "wanted": [],
        }
    )
    signed = encode({"body": body, "signature": device.key.sign(b"naungan parcel 1\n" + body)})
    data = encrypt(signed, [x25519.Recipient.from_str(device.store.fact("bundle")["recipient"])])
    file = stick / f"K-20261123-{sequence}.naungan"
    file.write_bytes(data)
    device.store.keep("parcel", blake(data, 16))
    return file


def read_answer(device: Device, file: Path) -> None:
    """The answer to the last bundle, taken as if it had come over the line."""
    identity = x25519.Identity.from_str(bech32("age-secret-key-", device.box.private_bytes_raw()).upper())
    signed = decode(decrypt(file.read_bytes(), [identity]))
    answer = believed(signed, b"naungan answer 1\n", device.store.fact("centre_key"))
    if answer["device"] != device.id or answer["reply"] is None:
        raise Malformed(f"not for us, or refused: {answer['verdicts']}")
    if device.epoch not in (answer["reply"]["epoch"], answer["asked_epoch"]):
        return
    if any(problem["code"] == "fork" for _n, _digest, problem in answer["verdicts"]):
        raise Fork("other bytes under one of our numbers")
    hear_epoch(device, answer["reply"])
    waiting = {batch["n"] for batch in device.store.waiting()}
    for result in answer["results"]:
        if result["n"] in waiting:
            keep_result(device, result["n"], result)
    for data in answer["segments"]:
        header, _rows = open_segment(data)
        if header["last"] > device.store.feed(header["scope"])[1]:
            apply(device, header["scope"], data)
    for receipt in answer["receipts"]:
        keep_receipt(device, decode(receipt["body"])["scope"], receipt)


def bech32(prefix: str, raw: bytes) -> str:
    """How age writes a key (BIP 173)."""
    bits = int.from_bytes(raw, "big") << (-len(raw) * 8 % 5)
    count = (len(raw) * 8 + 4) // 5
    values = [bits >> 5 * (count - 1 - i) & 31 for i in range(count)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = 1
    for value in [*spread, *values, *[0] * 6]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    check ^= 1
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return prefix + "1" + "".join("qpzry9x8gf2tvdw0s3jn54khce6mua7l"[value] for value in values)

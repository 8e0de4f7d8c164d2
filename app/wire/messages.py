"""Messages of protocol 1, schema 2, as msgpack. Ids are 16 raw bytes; moments are milliseconds since 1970 UTC.

Arrays, not maps, where many travel. A field is only ever added at the end, with a default.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

import msgspec


class Change(msgspec.Struct, frozen=True, array_like=True):
    """One operation: one save of one record by one person. Its identity is (device, batch number, index)."""

    kind: str
    record: bytes
    case: bytes | None
    base_rev: int  # the owning scope's number of the version the author saw; 0 = none
    new: bool
    changes: dict[str, Any]  # key -> new wire value, or {"add": [...], "remove": [...]} for a set; None empties
    actor: bytes
    actor_name: str
    at: int


class Status(StrEnum):
    """The one terminal result of an operation."""

    ACCEPTED = "accepted"
    MERGED = "merged"  # other fields, or other entries of a set, were changed meanwhile
    CONFLICT = "conflict"  # same field, other value: both are kept; or a step that came too late, kept and shown
    HELD = "held"  # waits for a predecessor the centre has not got
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    ERASED = "erased"
    LEFT = "left"  # the record left the scope of the author's office


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What became of one operation."""

    status: Status
    code: str = ""  # machine word, e.g. 'nik_shape', 'outside_view', 'late_step'
    field: str = ""
    rev: int = 0


class BatchResult(msgspec.Struct, frozen=True):
    """What became of a batch: one outcome per operation, in order. Saved, and replayed word for word."""

    device: bytes
    n: int
    digest: bytes  # of the batch it answers
    outcomes: list[Outcome]


class RowKind(StrEnum):
    """What a feed row says."""

    FULL = "F"  # the whole content, as served to this scope
    LEAVE = "L"  # no longer for this scope
    TOMB = "T"  # erased or removed everywhere
    DELTA = "D"  # what changed since the version the reader has
    OWN = "O"  # the reader's own work, which it knows from its results: nothing but the number
    RESULT = "R"  # an operation of the reader that was held is decided: {"n", "position", "outcome"}


class FeedRow(msgspec.Struct, frozen=True, array_like=True):
    """One line of a scope's feed. `record` is empty where `base` names it: the reader finds it by (scope, base)."""

    seq: int
    row: RowKind
    kind: str
    record: bytes
    rev: int
    content: dict[str, Any]
    reason: str = ""
    base: int = 0  # DELTA: the number under which the reader has the record
    gone: list[str] = []  # DELTA: the keys that have no value any more


class FeedPoint(msgspec.Struct, frozen=True):
    """How far a device has come in one scope, and what it holds there."""

    scope: bytes
    cursor: str
    seq: int
    digest: bytes  # 16 bytes, recomputed from the device's own rows
    count: int


class Hello(msgspec.Struct, frozen=True):
    """The first word of a sync."""

    schema: int
    epoch: str  # as last seen; '' if never
    feeds: list[FeedPoint]
    next_batch: int  # the number of the first batch not acknowledged here
    stale: str = ""  # a word why this laptop takes no work: its data may be older than known


class ScopeHead(msgspec.Struct, frozen=True):
    """Where the centre stands in one scope."""

    scope: bytes
    seq: int
    rows: int  # rows beyond the device's cursor


class HelloReply(msgspec.Struct, frozen=True):
    """The centre's answer; `last_batch` is the last one applied from this device."""

    epoch: str
    last_batch: int
    heads: list[ScopeHead]
    codecs: list[str] = []  # what the centre reads, best first; an old one says nothing and reads "row"
    slot: int = 0  # seconds after midnight UTC at which it would like the automatic sync of this device
    bundle: Signed | None = None  # a Signed BundleKey: for whom a file carried by hand is closed


class AuditHead(msgspec.Struct, frozen=True):
    """The last link of a device's audit chain, signed: see `audit_proof`."""

    seq: int
    h: bytes
    signature: bytes


class ReceiptRequest(msgspec.Struct, frozen=True):
    """What the device holds: please confirm it. And how far its audit goes: please countersign it."""

    point: FeedPoint
    audit: AuditHead | None = None


class Receipt(msgspec.Struct, frozen=True):
    """The centre's word that both sides hold the same. Signed (see `Signed`)."""

    device: bytes
    scope: bytes
    epoch: str
    seq: int
    digest: bytes
    count: int
    last_batch: int
    at: int
    audit_seq: int = 0  # the last link of the device's audit that the centre has seen; 0: none
    audit_head: bytes = b""


class Signed(msgspec.Struct, frozen=True):
    """Any message with the centre's Ed25519 signature over `domain + body`."""

    body: bytes
    signature: bytes


class EnrolRequest(msgspec.Struct, frozen=True):
    """A new device proves, once, that it was told the code."""

    code: str
    sign_public: bytes
    box_public: bytes
    tag: str  # the device's part of case numbers
    signature: bytes  # by sign_public over ENROL_DOMAIN + code + box_public + tag


class Certificate(msgspec.Struct, frozen=True):
    """What the centre vouches for."""

    device: bytes
    office: bytes
    office_code: str
    sign_public: bytes
    box_public: bytes
    tag: str
    issued: int
    expires: int


class EnrolReply(msgspec.Struct, frozen=True):
    """The certificate (a Signed Certificate) and the key that signs certificates and receipts."""

    certificate: Signed
    centre_key: bytes
    epoch: str
    bundle: Signed | None = None  # a Signed BundleKey


class BundleKey(msgspec.Struct, frozen=True):
    """For whom a file carried by hand is closed: an age recipient of the centre's. Signed (see `Signed`)."""

    recipient: str


class Authority(msgspec.Struct, frozen=True):
    """The certificate (DER) of the authority that the centre's own certificates come from. Believed by its pin only."""

    certificate: bytes


class WipeOrder(msgspec.Struct, frozen=True):
    """The centre's order to one device to destroy its workspace. Signed (see `Signed`); worth nothing to any other."""

    device: bytes
    at: int
    reason: str


class ChallengeRequest(msgspec.Struct, frozen=True):
    """Who wants a session."""

    device: bytes


class Challenge(msgspec.Struct, frozen=True):
    """A nonce to sign: the session is bound to the device key, never to a clock."""

    nonce: bytes


class SessionRequest(msgspec.Struct, frozen=True):
    """The signed nonce: Ed25519 over SESSION_DOMAIN + nonce."""

    device: bytes
    nonce: bytes
    signature: bytes


class Session(msgspec.Struct, frozen=True):
    """A bearer token and how many seconds it lasts."""

    token: str
    seconds: int


class Problem(msgspec.Struct, frozen=True):
    """Every refusal of the centre: a machine word, and a sentence for logs."""

    code: str
    message: str
    field: str = ""
    order: Signed | None = None  # a Signed WipeOrder, with 'revoked' only
    codecs: list[str] = []  # what the centre reads, with 'codec' and 'dictionary' only


class ReceiptAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The answer to one of several requests for a receipt: the one or the other."""

    signed: Signed | None = None
    problem: Problem | None = None


class Node(msgspec.Struct, frozen=True, array_like=True):
    """A part of a scope's records: those whose place (a hash of the id) begins with these `depth` hexadecimal digits.

    `sums`: of each of its sixteen parts the sum of the item digests, 6 bytes; or, when few are left, every record
    itself in `items`: 16 bytes of id, 6 of item digest.
    """

    depth: int
    prefix: int
    sums: bytes
    items: bytes = b""


class RangeRequest(msgspec.Struct, frozen=True, array_like=True):
    """What the device holds in these parts of a scope, at this number: where does the centre hold something else?"""

    scope: int  # 0 the own office, 1 what everybody may read
    epoch: str
    seq: int
    nodes: list[Node]


class RangeReply(msgspec.Struct, frozen=True, array_like=True):
    """Every part of those asked for in which the centre holds something else, one step finer."""

    nodes: list[Node]


class RowsRequest(msgspec.Struct, frozen=True, array_like=True):
    """Send these records of a scope whole; no cursor moves. The answer is a segment: `last` of `head` ids are done."""

    scope: int  # 0 the own office, 1 what everybody may read
    ids: list[bytes]


BATCH_DOMAIN = b"naungan batch 1\n"
ENROL_DOMAIN = b"naungan enrol 1\n"
SESSION_DOMAIN = b"naungan session 1\n"
RECEIPT_DOMAIN = b"naungan receipt 1\n"
AUDIT_DOMAIN = b"naungan audit 1\n"
CERTIFICATE_DOMAIN = b"naungan certificate 1\n"
WIPE_DOMAIN = b"naungan wipe 1\n"
BUNDLE_DOMAIN = b"naungan bundle 1\n"

_SEQ = 8  # bytes
T = TypeVar("T")
_encoder = msgspec.msgpack.Encoder(order="deterministic")


def encode(message: Any) -> bytes:
    """The bytes of a message, always the same for the same message."""
    return _encoder.encode(message)


def decode(data: bytes, kind: type[T]) -> T:
    """The message in these bytes. WireError if they are not one."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WireError("format", str(error)) from None


def audit_proof(device: bytes, seq: int, h: bytes) -> bytes:
    """What a device signs to say where its audit chain ends."""
    return AUDIT_DOMAIN + device + seq.to_bytes(_SEQ, "big") + h


class WireError(Exception):
    """Bytes that are not what they claim.

    `code` is one of: format, hash, signature, chain, size, codec, dictionary, numbers, version.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

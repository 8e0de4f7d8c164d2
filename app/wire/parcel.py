"""What a file carried by hand holds: a laptop's parcel on its way to the centre, and the centre's answer to it.

Both are a `Signed`, by whoever made it, inside an age file that only the other side opens. A field is only ever added
at the end, with a default.
"""

from __future__ import annotations

import msgspec

from app.wire.messages import AuditHead, BatchResult, Hello, HelloReply, Problem, Signed

PARCEL_DOMAIN = b"naungan parcel 1\n"
ANSWER_DOMAIN = b"naungan answer 1\n"

MAX_CARRIED = 96 * 1024 * 1024  # bytes of one file, either way
MAX_WORK = 32 * 1024 * 1024  # of which batches, or segments
MAX_FILES = 48 * 1024 * 1024  # of which sealed files of attachments
SUFFIX = ".naungan"
ANSWER = ".answer"  # before the suffix of what the centre writes, so that people tell the two apart


class Sheet(msgspec.Struct, frozen=True, array_like=True):
    """The sealed bytes of one attachment; without them: please send them."""

    record: bytes
    sha256: str
    data: bytes = b""


class Parcel(msgspec.Struct, frozen=True):
    """What a laptop would have said and sent online. The very same batches may go online, too."""

    device: bytes
    centre: bytes  # the public key of the centre it is for
    certificate: Signed
    sequence: int  # of this device's parcels
    made_at: int
    hello: Hello
    batches: list[bytes]
    audit: AuditHead | None = None
    receipts: list[Signed] = []  # the centre's last word on each scope, which the laptop found to be true
    files: list[Sheet] = []
    wanted: list[Sheet] = []


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """Why the batch with this digest was not taken. 0: why nothing of the whole parcel was."""

    n: int
    digest: bytes
    problem: Problem


class Answer(msgspec.Struct, frozen=True):
    """What the centre would have said online, up to a head of every scope.

    The receipts are its word on what the laptop holds once it has applied the segments: they count if that is so.
    """

    device: bytes
    parcels: list[bytes]  # the names (`name_of`) of the files it answers
    asked_epoch: str  # the epoch that the laptop knew when it made the newest of them
    at: int
    part: int  # of `parts`, from 1; they are read in order
    parts: int
    reply: HelloReply | None = None  # none when the device is refused
    results: list[BatchResult] = []
    verdicts: list[Verdict] = []
    segments: list[bytes] = []
    receipts: list[Signed] = []
    files: list[Sheet] = []

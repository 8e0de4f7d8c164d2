"""What a way to the centre can do. HTTP is one; the bundle file will be another: both carry the very same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.errors import NetworkDown
from app.wire.codecs import ROW
from app.wire.messages import (
    BatchResult,
    EnrolReply,
    EnrolRequest,
    Hello,
    HelloReply,
    RangeReply,
    RangeRequest,
    ReceiptAnswer,
    ReceiptRequest,
    RowsRequest,
    Signed,
)

CHUNK = 16 * 1024  # bytes between two looks at whether the person wants to stop
Moved = Callable[[int], None]  # so many bytes went over the link; may raise to stop


@dataclass(slots=True)
class Partial:
    """The bytes of one segment received so far; `digest` is the centre's name for the whole of it."""

    cursor: str
    digest: str = ""
    total: int = 0
    data: bytearray = field(default_factory=bytearray)

    @property
    def complete(self) -> bool:
        """Whether every byte is there."""
        return bool(self.total) and len(self.data) >= self.total

    def start_over(self) -> None:
        """Forget the bytes: the centre serves another segment now."""
        self.digest, self.total = "", 0
        self.data.clear()


@dataclass(frozen=True, slots=True)
class Wish:
    """How rows are to be told, by a centre that speaks schema 2. `brief`: what is known here need not be told."""

    brief: bool = False
    codec: str = ROW
    slow: bool = False  # every byte counts more than the work to pack it


@dataclass(slots=True)
class Traffic:
    """What went over the link since the transport was made: bodies in bytes, and exchanges."""

    up: int = 0
    down: int = 0
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Pass:
    """A session with the centre: its token, of which device, and for how many seconds it was given."""

    token: str = ""
    device: str = ""
    seconds: int = 0


class Unreachable(NetworkDown):
    """Not even a connection could be made: trying at once again is of no use."""


class WrongOffset(Exception):
    """The centre holds another number of bytes of this batch."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Transport(Protocol):
    """The exchanges of a sync. Every one may raise NetworkDown, NotTheCentre or CentreRefused."""

    traffic: Traffic
    session: Pass  # what opens the door; renewed when the centre wants another
    dialect: int  # the schema the centre speaks, as hello found it: before that, the oldest

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Become known to the centre."""

    def hello(self, hello: Hello) -> HelloReply | None:
        """The centre's answer; None if both sides already hold the same."""

    def batch_offset(self, n: int) -> int:
        """How many bytes of this batch the centre holds."""

    def put_batch(self, n: int, data: bytes, *, offset: int, moved: Moved, urgent: bool = False) -> BatchResult:
        """Send the rest of a batch from `offset`. WrongOffset if the centre holds another number of bytes.

        `urgent`: a short one with referrals or steps of one; the centre takes it before what waits of others.
        """

    def get_segment(self, scope: str, partial: Partial, *, moved: Moved, wish: Wish) -> bool:
        """Receive the rest of the segment after `partial.cursor` into `partial`; False if there is none.

        What arrived before a break stays in `partial`.
        """

    def receipt(self, request: ReceiptRequest) -> Signed:
        """The centre's signed word that both sides hold the same."""

    def receipts(self, requests: list[ReceiptRequest]) -> list[ReceiptAnswer]:
        """The same for several scopes at once, in schema 2."""

    def ranges(self, request: RangeRequest) -> RangeReply:
        """Where the centre holds something else, in schema 2. CentreRefused 'behind' if it has moved on."""

    def rows(self, request: RowsRequest, *, wish: Wish) -> bytes:
        """A segment of these records, whole, in schema 2."""

"""The way to the centre over HTTP, message by message; an exchange of its own is in app.sync.http_link."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from app.errors import CentreRefused
from app.lazy import lazy
from app.sync.http_link import (
    LENGTH,
    MAX_REPLY,
    NO_CONTENT,
    OFFSET,
    PRECONDITION_FAILED,
    SEGMENT,
    URGENT,
    HttpLink,
    checked_url,
    message_of,
    network_down,
    not_the_centre,
    number,
    once,
)
from app.sync.transport import CHUNK, Moved, Partial, Wish
from app.wire import OLDEST, REFERENCE, SCHEMA
from app.wire.messages import (
    Authority,
    BatchResult,
    EnrolReply,
    EnrolRequest,
    FeedPoint,
    Hello,
    HelloReply,
    RangeReply,
    RangeRequest,
    ReceiptAnswer,
    ReceiptRequest,
    RowsRequest,
    Signed,
    WireError,
    encode,
)
from app.wire.short import pack_hello, pack_wanted, unpack_receipts, unpack_reply, unpack_result

if TYPE_CHECKING:
    import httpx2
else:
    httpx2 = lazy("httpx2")

__all__ = [
    "LENGTH", "OFFSET", "SEGMENT", "HttpTransport", "checked_url", "network_down", "not_the_centre", "number", "once",
]  # fmt: skip


_NOT_FOUND = 404
M = TypeVar("M")


class HttpTransport(HttpLink):
    """Speaks protocol 1 with the centre, in the newest schema that both know: hello finds out which."""

    dialect = OLDEST

    def authority(self) -> bytes:
        """The authority (DER) whose certificates the centre shows; whoever asks holds it against the pin."""
        with self.exchange("GET", "/v1/authority", signed_in=False) as reply:
            return message_of(self.read(reply), Authority).certificate

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Become known to the centre."""
        return self.ask("/v1/enrol", request, EnrolReply, signed_in=False)

    def hello(self, hello: Hello) -> HelloReply | None:
        """The centre's answer; None if both sides already hold the same."""
        try:
            answer = self._short_hello(hello)
            self.dialect = SCHEMA
            return answer
        except CentreRefused as refused:
            if (refused.status, refused.code) != (_NOT_FOUND, "not_found"):
                raise
        self.dialect = OLDEST  # a centre of before: it has never heard of the short form
        with self.exchange("POST", "/v1/hello", body=once(encode(replace(hello, schema=OLDEST)))) as reply:
            return None if reply.status_code == NO_CONTENT else message_of(self.read(reply), HelloReply)

    def _short_hello(self, hello: Hello) -> HelloReply | None:
        office = _office(hello.feeds)
        with self.exchange("POST", "/v2/hello", body=once(pack_hello(hello, office=office))) as reply:
            if reply.status_code == NO_CONTENT:
                return None
            return _opened(self.read(reply), lambda data: unpack_reply(data, office=office))

    def batch_offset(self, n: int) -> int:
        """How many bytes of this batch the centre holds."""
        with self.exchange("HEAD", self._batch(n)) as reply:
            return number(reply, OFFSET)

    def put_batch(self, n: int, data: bytes, *, offset: int, moved: Moved, urgent: bool = False) -> BatchResult:
        """Send the rest of a batch from `offset`; the result may be one that was saved earlier."""
        rest = len(data) - offset
        headers = {LENGTH: str(len(data)), "Content-Length": str(rest)} | ({URGENT: "1"} if urgent else {})

        def pieces() -> Iterator[bytes]:
            for start in range(offset, len(data), CHUNK):
                piece = data[start : start + CHUNK]
                yield piece
                self.traffic.up += len(piece)
                moved(len(piece))

        path = self._batch(n) + (f"?offset={offset}" if offset else "")
        with self.exchange("PUT", path, body=pieces if rest else once(b""), headers=headers) as reply:
            if self.dialect == OLDEST:
                return message_of(self.read(reply), BatchResult)
            return _opened(self.read(reply), unpack_result)

    def get_segment(self, scope: str, partial: Partial, *, moved: Moved, wish: Wish) -> bool:
        """Receive the rest of the segment after `partial.cursor` into `partial`; False if there is none."""
        headers = {"If-Match": f'"{partial.digest}"'} if partial.data else {}
        params = {"cursor": partial.cursor} if partial.cursor else {}
        params |= {"offset": str(len(partial.data))} if partial.data else {}
        path = f"/v1/feeds/{scope}"
        if self.dialect > OLDEST:
            path, params = f"/v2/feeds/{_word(scope)}", params | _wanted(wish)
        try:
            with self.exchange("GET", path, headers=headers, params=params) as reply:
                if reply.status_code == NO_CONTENT:
                    return False
                self._receive(reply, partial, moved=moved)
                return True
        except CentreRefused as refused:
            if refused.status != PRECONDITION_FAILED or not partial.data:
                raise
        partial.start_over()  # the centre does not serve those bytes any more
        return self.get_segment(scope, partial, moved=moved, wish=wish)

    def receipt(self, request: ReceiptRequest) -> Signed:
        """The centre's signed word that both sides hold the same."""
        return self.ask("/v1/receipts", request, Signed)

    def receipts(self, requests: list[ReceiptRequest]) -> list[ReceiptAnswer]:
        """The same for several scopes at once."""
        office = _office([request.point for request in requests])
        with self.exchange("POST", "/v2/receipts", body=once(pack_wanted(requests, office=office))) as reply:
            device = bytes.fromhex(self.signer.id)
            return _opened(self.read(reply), lambda data: unpack_receipts(data, requests=requests, device=device))

    def ranges(self, request: RangeRequest) -> RangeReply:
        """Where the centre holds something else."""
        return self.ask("/v2/ranges", request, RangeReply)

    def rows(self, request: RowsRequest, *, wish: Wish) -> bytes:
        """A segment of these records, whole."""
        with self.exchange("POST", "/v2/rows", body=once(encode(request)), params=_wanted(wish)) as reply:
            return self.read(reply)

    def _receive(self, reply: httpx2.Response, partial: Partial, *, moved: Moved) -> None:
        digest, total = reply.headers.get(SEGMENT, ""), number(reply, LENGTH)
        if not digest or not 0 < total <= MAX_REPLY or (partial.data and digest != partial.digest):
            raise not_the_centre()
        partial.digest, partial.total = digest, total
        for piece in reply.iter_raw():
            partial.data += piece
            self.traffic.down += len(piece)
            if len(partial.data) > total:
                partial.start_over()
                raise not_the_centre()
            moved(len(piece))

    def _batch(self, n: int) -> str:
        return f"/v{self.dialect}/batches/{self.signer.id}/{n}"


def _word(scope: str) -> str:
    return "shared" if scope == REFERENCE else "own"


def _wanted(wish: Wish) -> dict[str, str]:
    told = {"codec": wish.codec} | ({"own": "1"} if wish.brief else {})
    return told | ({"slow": "1"} if wish.slow else {})


def _opened(data: bytes, unpack: Callable[[bytes], M]) -> M:
    try:
        return unpack(data)
    except WireError:
        raise not_the_centre() from None


def _office(points: Sequence[FeedPoint]) -> bytes:
    """The scope among these that is not everybody's."""
    return next((point.scope for point in points if point.scope.hex() != REFERENCE), b"")

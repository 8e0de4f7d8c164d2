"""The way to the centre over HTTP: no redirects, no proxies of the environment, TLS except on this very machine."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.errors import CentreRefused, Invalid, NetworkDown, NotTheCentre
from app.i18n import _
from app.lazy import lazy
from app.sync.device import Signer
from app.sync.line import Line
from app.sync.transport import CHUNK, Moved, Partial, Traffic, Unreachable, Wish, WrongOffset
from app.sync.trust import another, doubt, trusting
from app.sync.words import refusal
from app.wire import MEDIA_TYPE, OLDEST, REFERENCE
from app.wire.messages import (
    SESSION_DOMAIN,
    Authority,
    BatchResult,
    Challenge,
    ChallengeRequest,
    EnrolReply,
    EnrolRequest,
    Hello,
    HelloReply,
    Problem,
    RangeReply,
    RangeRequest,
    ReceiptAnswer,
    ReceiptRequest,
    RowsRequest,
    Session,
    SessionRequest,
    Signed,
    WireError,
    decode,
    encode,
)

if TYPE_CHECKING:
    import httpx2
else:
    httpx2 = lazy("httpx2")

OFFSET, LENGTH, SEGMENT = "Naungan-Offset", "Naungan-Length", "Naungan-Segment"
_MAX_REPLY = 4 * 1024 * 1024  # a reply, segments included, is never longer: a stranger's endless page ends there
_CONNECT_SECONDS = 15.0
_OVERLOADED = (429, 502, 503, 504)  # what stands before a busy centre may say this in its own way
_HALF, _NO_CONTENT, _UNAUTHORISED, _PRECONDITION_FAILED = 202, 204, 401, 412

M = TypeVar("M")
Body = Callable[[], bytes | Iterator[bytes]]


class HttpTransport:
    """Speaks protocol 1 with the centre at `base_url` as the device of `signer`. Use it as a context manager.

    `trusted` is the authority (DER) that was pinned at enrolment: with it only https, and only whom it certified.
    NotTheCentre for an address that cannot be held against it.
    """

    def __init__(
        self,
        base_url: str,
        signer: Signer,
        *,
        timeout: float = 30.0,
        trusted: bytes = b"",
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.base_url = checked_url(base_url)
        self.trusted = trusted
        self.traffic = Traffic()
        self.dialect = OLDEST
        self.line = Line(secure=self.base_url.startswith("https:"))
        self._signer = signer
        self._token = ""
        if context is None and self.base_url.startswith("https:") != bool(trusted):
            raise NotTheCentre(another() if trusted else _unknown())
        self._client = _client(timeout, context or trusting(trusted))

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self.line.close()
        self._client.close()

    def authority(self) -> bytes:
        """The authority (DER) whose certificates the centre shows; whoever asks holds it against the pin."""
        with self.exchange("GET", "/v1/authority", signed_in=False) as reply:
            return _message(self.read(reply), Authority).certificate

    def enrol(self, request: EnrolRequest) -> EnrolReply:
        """Become known to the centre."""
        return self._ask("/v1/enrol", request, EnrolReply, signed_in=False)

    def hello(self, hello: Hello) -> HelloReply | None:
        """The centre's answer; None if both sides already hold the same."""
        spoken = msgspec.structs.replace(hello, schema=OLDEST)
        with self.exchange("POST", "/v1/hello", body=once(encode(spoken))) as reply:
            if reply.status_code == _NO_CONTENT:
                return None
            return _message(self.read(reply), HelloReply)

    def batch_offset(self, n: int) -> int:
        """How many bytes of this batch the centre holds."""
        with self.exchange("HEAD", self._batch(n)) as reply:
            return number(reply, OFFSET)

    def put_batch(self, n: int, data: bytes, *, offset: int, moved: Moved) -> BatchResult:
        """Send the rest of a batch from `offset`; the result may be one that was saved earlier."""
        rest = len(data) - offset
        headers = {LENGTH: str(len(data)), "Content-Length": str(rest)}

        def pieces() -> Iterator[bytes]:
            for start in range(offset, len(data), CHUNK):
                piece = data[start : start + CHUNK]
                yield piece
                self.traffic.up += len(piece)
                moved(len(piece))

        path = f"{self._batch(n)}?offset={offset}"
        with self.exchange("PUT", path, body=pieces if rest else once(b""), headers=headers) as reply:
            return _message(self.read(reply), BatchResult)

    def get_segment(self, scope: str, partial: Partial, *, moved: Moved, wish: Wish) -> bool:
        """Receive the rest of the segment after `partial.cursor` into `partial`; False if there is none."""
        headers = {"If-Match": f'"{partial.digest}"'} if partial.data else {}
        params = {"cursor": partial.cursor, "offset": str(len(partial.data))}
        path = f"/v1/feeds/{scope}"
        if self.dialect > OLDEST:
            path, params = f"/v2/feeds/{_word(scope)}", params | _wanted(wish)
        try:
            with self.exchange("GET", path, headers=headers, params=params) as reply:
                if reply.status_code == _NO_CONTENT:
                    return False
                self._receive(reply, partial, moved=moved)
                return True
        except CentreRefused as refused:
            if refused.status != _PRECONDITION_FAILED or not partial.data:
                raise
        partial.start_over()  # the centre does not serve those bytes any more
        return self.get_segment(scope, partial, moved=moved, wish=wish)

    def receipt(self, request: ReceiptRequest) -> Signed:
        """The centre's signed word that both sides hold the same."""
        return self._ask("/v1/receipts", request, Signed)

    def receipts(self, requests: list[ReceiptRequest]) -> list[ReceiptAnswer]:
        """The same for several scopes at once."""
        return self._ask("/v2/receipts", requests, list[ReceiptAnswer])

    def ranges(self, request: RangeRequest) -> RangeReply:
        """Where the centre holds something else."""
        return self._ask("/v2/ranges", request, RangeReply)

    def rows(self, request: RowsRequest, *, wish: Wish) -> bytes:
        """A segment of these records, whole."""
        with self.exchange("POST", "/v2/rows", body=once(encode(request)), params=_wanted(wish)) as reply:
            return self.read(reply)

    def _receive(self, reply: httpx2.Response, partial: Partial, *, moved: Moved) -> None:
        digest, total = reply.headers.get(SEGMENT, ""), number(reply, LENGTH)
        if not digest or not 0 < total <= _MAX_REPLY or (partial.data and digest != partial.digest):
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
        return f"/v1/batches/{self._signer.id}/{n}"

    def _ask(self, path: str, message: Any, kind: type[M], *, signed_in: bool = True) -> M:
        with self.exchange("POST", path, body=once(encode(message)), signed_in=signed_in) as reply:
            return _message(self.read(reply), kind)

    @contextmanager
    def exchange(  # signature: an HTTP request
        self,
        method: str,
        path: str,
        *,
        body: Body | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        signed_in: bool = True,
    ) -> Iterator[httpx2.Response]:
        """One request and its checked reply, with a session; a session that ran out is renewed once."""
        if signed_in and not self._token:
            self._sign_in()
        for last_try in (False, True):
            sent = dict(headers or {})
            if signed_in:
                sent["Authorization"] = f"Bearer {self._token}"
            if body is not None:
                sent["Content-Type"] = MEDIA_TYPE
            with self._translated(), self._stream(method, path, body=body, headers=sent, params=params) as reply:
                self.traffic.requests += 1
                renew = reply.status_code == _UNAUTHORISED and signed_in and not last_try
                refused = self._refused(method, reply)
                if refused is None:
                    yield reply
                    return
                if not renew or refused.code == "revoked":
                    raise refused
            self._sign_in()

    @contextmanager
    def _stream(
        self, method: str, path: str, *, body: Body | None, headers: dict[str, str], params: Mapping[str, str] | None
    ) -> Iterator[httpx2.Response]:
        self.line.check()
        url = self.base_url + path
        content = body() if body is not None else None
        if isinstance(content, bytes):
            self.traffic.up += len(content)
        told = {"trace": self.line.watch}
        with self._client.stream(
            method, url, content=content, headers=headers, params=params, extensions=told
        ) as reply:
            yield reply

    def _sign_in(self) -> None:
        device = bytes.fromhex(self._signer.id)
        challenge = self._ask("/v1/session/challenge", ChallengeRequest(device), Challenge, signed_in=False)
        answer = SessionRequest(device, challenge.nonce, self._signer.sign(SESSION_DOMAIN + challenge.nonce))
        self._token = self._ask("/v1/session", answer, Session, signed_in=False).token

    def _refused(self, method: str, reply: httpx2.Response) -> CentreRefused | None:
        """The centre's refusal, None if it is none. NotTheCentre if somebody else answered."""
        status = reply.status_code
        if status == _HALF and reply.headers.get(OFFSET, "").isdigit():
            raise WrongOffset(int(reply.headers[OFFSET]))  # the link lost the end of the batch on the way
        ours = reply.headers.get("content-type", "").split(";")[0].strip() == MEDIA_TYPE
        if status < 300:
            if status != _NO_CONTENT and method != "HEAD" and not ours:
                raise not_the_centre()
            return None
        if status < 400 or not (ours or method == "HEAD" or status in _OVERLOADED):
            raise not_the_centre()
        problem = _message(self.read(reply), Problem) if ours and method != "HEAD" else Problem("", "")
        if problem.code == "offset" and reply.headers.get(OFFSET, "").isdigit():
            raise WrongOffset(int(reply.headers[OFFSET]))
        wait = reply.headers.get("retry-after", "")
        return CentreRefused(
            refusal(status, problem.code),
            status=status,
            code=problem.code,
            retry_after=int(wait) if wait.isdigit() else 0,
            order=encode(problem.order) if problem.order else b"",
        )

    def read(self, reply: httpx2.Response) -> bytes:
        """The body of a reply, bounded."""
        data = bytearray()
        for piece in reply.iter_raw():
            data += piece
            self.traffic.down += len(piece)
            if len(data) > _MAX_REPLY:
                raise not_the_centre()
        return bytes(data)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx2.RequestError as error:
            self.line.check()
            if doubtful := doubt(error):
                raise NotTheCentre(doubtful) from error
            raise network_down(error) from error


def checked_url(text: str) -> str:
    """The address without a slash at its end. Invalid if it is not https (plain http is for this very machine)."""
    try:
        url = httpx2.URL(text.strip())
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if not url.host or url.scheme not in ("http", "https") or url.userinfo or url.query:
        wrong = _("This is not the address of a centre. Type it like https://centre.example.go.id.")
        raise Invalid(wrong, [("centre_url", wrong)])
    if url.scheme == "http" and not _is_loopback(url.host):
        plain = _("The address must begin with https://, so that nobody on the way can read along.")
        raise Invalid(plain, [("centre_url", plain)])
    return str(url).rstrip("/")


def network_down(error: Exception) -> NetworkDown:
    """The one sentence for a link that is missing or broke."""
    kind = Unreachable if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout) else NetworkDown
    return kind(
        _("The centre cannot be reached or the link broke. What was sent is kept; try again when there is a link.")
    )


def not_the_centre() -> NotTheCentre:
    """The one sentence for an answer that is not the centre's."""
    return NotTheCentre(
        _(
            "Something else answered in the place of the centre, such as the sign-in page of a network. "
            "Open a browser and sign in there, or check the address. Nothing was lost."
        )
    )


def _unknown() -> str:
    return _("No pin of this centre is known here. Ask the centre for a new code and enrol this laptop with its text.")


def _client(timeout: float, context: ssl.SSLContext) -> httpx2.Client:
    limits = httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
    headers = {"Accept": MEDIA_TYPE, "Accept-Encoding": "identity", "User-Agent": "naungan"}
    return httpx2.Client(verify=context, trust_env=False, follow_redirects=False, timeout=limits, headers=headers)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def once(data: bytes) -> Body:
    """A body that is sent in one piece."""
    return lambda: data


def _word(scope: str) -> str:
    return "shared" if scope == REFERENCE else "own"


def _wanted(wish: Wish) -> dict[str, str]:
    told = {"codec": wish.codec} | ({"own": "1"} if wish.brief else {})
    return told | ({"slow": "1"} if wish.slow else {})


def _message(data: bytes, kind: type[M]) -> M:
    try:
        return decode(data, kind)
    except WireError:
        raise not_the_centre() from None


def number(reply: httpx2.Response, header: str) -> int:
    """The number in a header of the centre's; NotTheCentre if there is none."""
    text = reply.headers.get(header, "")
    if not text.isdigit():
        raise not_the_centre()
    return int(text)

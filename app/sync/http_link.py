"""One exchange with the centre over HTTP: no redirects, no proxies of the environment, TLS except on this machine."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlencode

from app.errors import CentreRefused, Invalid, NetworkDown, NotTheCentre
from app.i18n import _
from app.lazy import lazy
from app.sync.device import Signer
from app.sync.line import Line
from app.sync.transport import Pass, Traffic, Unreachable, WrongOffset
from app.sync.trust import another, doubt, trusting
from app.sync.words import refusal
from app.wire import MEDIA_TYPE
from app.wire.messages import (
    SESSION_DOMAIN,
    Challenge,
    ChallengeRequest,
    Problem,
    Session,
    SessionRequest,
    WireError,
    decode,
    encode,
)

if TYPE_CHECKING:
    import httpx2
else:
    httpx2 = lazy("httpx2")

OFFSET, LENGTH, SEGMENT = "Naungan-Offset", "Naungan-Length", "Naungan-Segment"
URGENT = "Naungan-Urgent"
_SHORT = "/v2/"  # there every message is ours without saying so
MAX_REPLY = 4 * 1024 * 1024  # a reply, segments included, is never longer: a stranger's endless page ends there
_CONNECT_SECONDS = 15.0
_OVERLOADED = (429, 502, 503, 504)  # what stands before a busy centre may say this in its own way
_HALF, NO_CONTENT, _UNAUTHORISED, PRECONDITION_FAILED = 202, 204, 401, 412

M = TypeVar("M")
Body = Callable[[], bytes | Iterator[bytes]]


class HttpLink:
    """Exchanges messages with the centre at `base_url` as the device of `signer`. Use it as a context manager.

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
        self.line = Line(secure=self.base_url.startswith("https:"))
        self.signer = signer
        self.session = Pass()
        if context is None and self.base_url.startswith("https:") != bool(trusted):
            raise NotTheCentre(another() if trusted else _unknown())
        self._client = _client(timeout, context or trusting(trusted))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self.line.close()
        self._client.close()

    def ask(self, path: str, message: Any, kind: type[M], *, signed_in: bool = True) -> M:
        """The centre's answer to a message; see `exchange`."""
        with self.exchange("POST", path, body=once(encode(message)), signed_in=signed_in) as reply:
            return message_of(self.read(reply), kind)

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
        if signed_in and not self.session.token:
            self._sign_in()
        for last_try in (False, True):
            sent = dict(headers or {})
            if signed_in:
                sent["Authorization"] = f"Bearer {self.session.token}"
            if body is not None and not path.startswith(_SHORT):
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
        url = self.base_url + path + ("?" + urlencode(params, safe=":=") if params else "")
        content = body() if body is not None else None
        if isinstance(content, bytes):
            self.traffic.up += len(content)
        told = {"trace": self.line.watch}
        with self._client.stream(method, url, content=content, headers=headers, extensions=told) as reply:
            yield reply

    def _sign_in(self) -> None:
        device = bytes.fromhex(self.signer.id)
        challenge = self.ask("/v1/session/challenge", ChallengeRequest(device), Challenge, signed_in=False)
        answer = SessionRequest(device, challenge.nonce, self.signer.sign(SESSION_DOMAIN + challenge.nonce))
        given = self.ask("/v1/session", answer, Session, signed_in=False)
        self.session = Pass(given.token, self.signer.id, given.seconds)

    def _refused(self, method: str, reply: httpx2.Response) -> CentreRefused | None:
        """The centre's refusal, None if it is none. NotTheCentre if somebody else answered."""
        status = reply.status_code
        if status == _HALF and reply.headers.get(OFFSET, "").isdigit():
            raise WrongOffset(int(reply.headers[OFFSET]))  # the link lost the end of the batch on the way
        ours = reply.headers.get("content-type", "").split(";")[0].strip() == MEDIA_TYPE
        if status < 300:
            if status != NO_CONTENT and method != "HEAD" and not ours:
                raise not_the_centre()
            return None
        if status < 400 or not (ours or method == "HEAD" or status in _OVERLOADED):
            raise not_the_centre()
        problem = message_of(self.read(reply), Problem) if ours and method != "HEAD" else Problem("", "")
        if problem.code == "offset" and reply.headers.get(OFFSET, "").isdigit():
            raise WrongOffset(int(reply.headers[OFFSET]))
        wait = reply.headers.get("retry-after", "")
        return CentreRefused(
            refusal(status, problem.code),
            status=status,
            code=problem.code,
            retry_after=int(wait) if wait.isdigit() else 0,
            order=encode(problem.order) if problem.order else b"",
            codecs=tuple(problem.codecs),
        )

    def read(self, reply: httpx2.Response) -> bytes:
        """The body of a reply, bounded."""
        data = bytearray()
        for piece in reply.iter_raw():
            data += piece
            self.traffic.down += len(piece)
            if len(data) > MAX_REPLY:
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
    client = httpx2.Client(verify=context, trust_env=False, follow_redirects=False, timeout=limits)
    # They would weigh more than most messages. Who asks for no coding is sent none: bodies are packed already.
    for needless in ("Accept", "Accept-Encoding", "Connection", "User-Agent"):
        del client.headers[needless]
    return client


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def once(data: bytes) -> Body:
    """A body that is sent in one piece."""
    return lambda: data


def message_of(data: bytes, kind: type[M]) -> M:
    """The message in the body of a reply; NotTheCentre if it is none."""
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

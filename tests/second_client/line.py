"""The second client's way to the centre: one HTTP request at a time, a session renewed once, nothing else believed."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.second_client.wire import MEDIA_TYPE, decode, encode


class LinkBroken(Exception):
    """The line is dead, or somebody else answered; everything is kept. `got` is the part of the answer that came."""

    def __init__(self, said: str, got: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(said)
        self.got = got
        self.headers = headers or {}


class Later(Exception):
    """The centre asks to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class Refused(Exception):
    """The centre says no; `code` is the word to act on."""

    def __init__(self, status: int, problem: dict[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(f"{status} {problem.get('code')} {problem.get('message')}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in small letters
    body: bytes

    @property
    def message(self) -> Any:
        """The body as plain values."""
        return decode(self.body)


class Line:
    """A device at one address of the centre."""

    def __init__(self, url: str, device: bytes, key: Ed25519PrivateKey) -> None:
        self.url = url
        self.token = ""
        self.asked: list[str] = []  # "METHOD path", for whoever counts
        self._device = device
        self._key = key

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        """A request in the session; on 401 'session' a new one and once more."""
        if not self.token:
            self._sign_in()
        for attempt in (1, 2):
            try:
                return self._ask(method, path, body, {**headers, "Authorization": f"Bearer {self.token}"})
            except Refused as refused:
                if refused.status != 401 or refused.code != "session" or attempt == 2:
                    raise
                self._sign_in()
        raise AssertionError("two attempts end above")

    def post(self, path: str, message: Any) -> Reply:
        """A message in the session."""
        return self.ask("POST", path, encode(message), **{"Content-Type": MEDIA_TYPE})

    def tell(self, path: str, message: Any) -> Any:
        """A message without a session, and its answer: for who is not known yet."""
        return self._ask("POST", path, encode(message), {"Content-Type": MEDIA_TYPE}).message

    def _sign_in(self) -> None:
        nonce = self.tell("/v1/session/challenge", {"device": self._device})["nonce"]
        proof = self._key.sign(b"naungan session 1\n" + nonce)
        told = self.tell("/v1/session", {"device": self._device, "nonce": nonce, "signature": proof})
        self.token = told["token"]

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        address = urlsplit(self.url)
        line = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        self.asked.append(f"{method} {path}")
        try:
            line.request(method, path, body=body, headers=dict(headers))
            reply = line.getresponse()
            names = {name.lower(): value for name, value in reply.getheaders()}
            return _judged(method, Reply(reply.status, names, _read(reply, names)))
        except (OSError, http.client.HTTPException) as error:
            raise LinkBroken(str(error)) from error
        finally:
            line.close()


def _read(reply: http.client.HTTPResponse, names: Mapping[str, str]) -> bytes:
    """The whole body; of a broken one the part that came is handed on."""
    got = b""
    try:
        while piece := reply.read1(16_384):
            got += piece
    except (OSError, http.client.HTTPException) as error:
        raise LinkBroken(str(error), got, names) from error
    if reply.length:  # read1 ends without a word where the other side hung up
        raise LinkBroken("cut", got, names)
    return got


def _judged(method: str, reply: Reply) -> Reply:
    """A good answer of the centre; whatever is not its media type is a dead link."""
    is_silent = method == "HEAD" or not reply.body
    if not is_silent and reply.headers.get("content-type") != MEDIA_TYPE:
        raise LinkBroken(f"{reply.status} from somebody else")
    if reply.status in (429, 503):
        raise Later(int(reply.headers.get("retry-after", "60")))
    if reply.status >= 400:
        raise Refused(reply.status, {} if is_silent else reply.message, reply.headers)
    if 300 <= reply.status < 400:
        raise LinkBroken("redirects are not followed")
    return reply

"""A laptop of the storm: the messages of a whole sync over one plain connection, as cheap as they can be made.

It shares two processors with the centre it storms, so it keeps no database: it knows its keys, its chain and its rows.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import MEDIA_TYPE, REFERENCE, SCHEMA
from app.wire.batch import GENESIS, Place, digest_of, seal
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import (
    SESSION_DOMAIN,
    Challenge,
    ChallengeRequest,
    Change,
    FeedPoint,
    FeedRow,
    Hello,
    Outcome,
    Problem,
    ReceiptRequest,
    RowKind,
    Session,
    SessionRequest,
    decode,
    encode,
)
from app.wire.segment import unseal_segment
from app.wire.short import pack_hello, pack_wanted, unpack_receipts, unpack_reply, unpack_result

_MOST_ROUNDS = 40  # of pulling and asking for the receipt: others of the office write meanwhile
_LATER = (429, 503)
SIGNED_IN, URGENT, USUAL, WHOLE = PHASES = ("signed in", "urgent batch", "usual batch", "whole sync")


@dataclass(slots=True)
class Tally:
    """What all laptops of one storm saw."""

    sent: int = 0
    received: int = 0
    requests: int = 0
    later: Counter[str] = field(default_factory=Counter)  # by the word of the refusal
    done: dict[str, list[float]] = field(default_factory=dict)  # seconds until each laptop had done a thing
    told: list[int] = field(default_factory=list)  # seconds that somebody was told to stay away

    def came_to(self, phase: str, *, since: float) -> None:
        """One laptop has done this."""
        self.done.setdefault(phase, []).append(time.perf_counter() - since)

    def later_for(self, code: str, *, seconds: int) -> None:
        """One laptop was told to come later."""
        self.later[code] += 1
        self.told.append(seconds)


@dataclass(frozen=True, slots=True)
class Town:
    """What every laptop of the storm is told: where the centre is, and where the directory stands that all hold."""

    address: tuple[str, int]
    epoch: str
    directory: FeedPoint
    now: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Status and body, and how long to stay away."""

    status: int
    body: bytes
    wait: int


class Link:
    """One connection, from an address of its own: a centre counts strangers by address."""

    def __init__(self, town: Town, tally: Tally, source: str) -> None:
        self._town, self._tally, self._source = town, tally, source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, *, body: bytes = b"", token: str = "", more: str = "") -> Reply:
        """One request and its reply; a connection that the centre closed is made anew."""
        front = (
            f"{method} {path} HTTP/1.1\r\nHost: centre\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: {MEDIA_TYPE}\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
        )
        data = front.encode() + body
        while True:
            try:
                reader, writer = self._streams or await self._connect()
                writer.write(data)
                self._tally.sent += len(data)
                return await self._reply(reader)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._tally.later["link"] += 1
                self.close()

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        plug = socket.socket()
        plug.setblocking(False)
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plug.bind((self._source, 0))
        await asyncio.get_running_loop().sock_connect(plug, self._town.address)
        self._streams = await asyncio.open_connection(sock=plug)
        return self._streams

    async def _reply(self, reader: asyncio.StreamReader) -> Reply:
        front = await reader.readuntil(b"\r\n\r\n")
        first, *lines = front.decode("latin-1").split("\r\n")
        told = dict(line.lower().split(": ", 1) for line in lines if line)
        body = await reader.readexactly(int(told.get("content-length", "0")))
        self._tally.requests += 1
        self._tally.received += len(front) + len(body)
        if told.get("connection") == "close":
            self.close()
        return Reply(int(first.split(" ")[1]), body, int(told.get("retry-after", "0")))


@dataclass(slots=True, eq=False)
class Laptop:
    """One device of one office, with a case of its own to send, which every fifth refers to another office."""

    office: str
    refers_to: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    case: str = field(default_factory=new_id)
    person: str = field(default_factory=new_id)
    done: dict[bytes, list[Outcome]] = field(default_factory=dict)  # record -> what became of each operation on it
    rows: dict[bytes, FeedRow] = field(default_factory=dict)
    proven: bool = False
    _token: str = ""
    _cursor: str = ""
    _seq: int = 0
    _waiting: list[tuple[list[Change], bytes]] = field(default_factory=list)

    @property
    def public(self) -> bytes:
        """The device's key."""
        return self.key.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        """The device's id."""
        return hashlib.sha256(self.public).digest()[:16]

    def freeze(self, town: Town) -> None:
        """Seal the week's work, as a laptop does before it goes on the line: a short urgent batch, then the rest."""
        previous = GENESIS
        for n, changes in enumerate((list(self._urgent(town)), list(self._rest(town))), start=1):
            place = Place(self.id, n, previous, town.epoch)
            self._waiting.append((changes, seal(changes, place, sign=self.key.sign, level=3)))
            previous = digest_of(self._waiting[-1][1])

    async def sync(self, town: Town, link: Link, tally: Tally) -> None:
        """All of it, from eight o'clock until both scopes are proven."""
        began = time.perf_counter()
        await self._sign_in(link, tally)
        tally.came_to(SIGNED_IN, since=began)
        office = bytes.fromhex(self.office)
        hello = Hello(SCHEMA, town.epoch, [FeedPoint(office, "", 0, bytes(16), 0), town.directory], 1)
        said = pack_hello(hello, office=office)
        reply = await self._asked(link, tally, "/v2/hello", said, fine=(200, 204))
        if reply.status == 200:
            unpack_reply(reply.body, office=office)
        for n, (changes, data) in enumerate(self._waiting, start=1):
            await self._push(link, tally, n=n, changes=changes, data=data)
            tally.came_to(URGENT if n == 1 else USUAL, since=began)
        for _round in range(_MOST_ROUNDS):
            await self._pull(link, tally)
            wanted = [ReceiptRequest(self._point()), ReceiptRequest(town.directory)]
            said = pack_wanted(wanted, office=office)
            reply = await self._asked(link, tally, "/v2/receipts", said)
            answers = unpack_receipts(reply.body, requests=wanted, device=self.id)
            if all(answer.signed is not None for answer in answers):
                self.proven = True
                break
            if codes := {answer.problem.code for answer in answers if answer.problem} - {"behind"}:
                raise RuntimeError(f"no receipt: {codes}")
        tally.came_to(WHOLE, since=began)
        link.close()

    async def _sign_in(self, link: Link, tally: Tally) -> None:
        asked = await self._asked(link, tally, "/v1/session/challenge", encode(ChallengeRequest(self.id)))
        nonce = decode(asked.body, Challenge).nonce
        answer = SessionRequest(self.id, nonce, self.key.sign(SESSION_DOMAIN + nonce))
        self._token = decode((await self._asked(link, tally, "/v1/session", encode(answer))).body, Session).token

    async def _push(self, link: Link, tally: Tally, *, n: int, changes: list[Change], data: bytes) -> None:
        offset = 0
        while True:
            more = f"Naungan-Length: {len(data)}\r\n" + ("Naungan-Urgent: 1\r\n" if n == 1 else "")
            path = f"/v2/batches/{self.id.hex()}/{n}?offset={offset}"
            reply = await link.ask("PUT", path, body=data[offset:], token=self._token, more=more)
            if reply.status == 200:
                break
            code = decode(reply.body, Problem).code
            if reply.status not in _LATER:
                raise RuntimeError(f"batch {n}: {reply.status} {code}")
            tally.later_for(code, seconds=reply.wait)
            offset = len(data) if code == "stored" else 0
            await asyncio.sleep(reply.wait)
        for change, outcome in zip(changes, unpack_result(reply.body).outcomes, strict=True):
            self.done.setdefault(change.record, []).append(outcome)

    async def _pull(self, link: Link, tally: Tally) -> None:
        """One segment; whether it was the last is what the receipt says."""
        path = f"/v2/feeds/own?cursor={self._cursor}&codec=row"
        reply = await self._asked(link, tally, path, b"", method="GET", fine=(200, 204))
        if reply.status == 204:
            return
        segment = unseal_segment(reply.body)
        for row in segment.rows:
            if row.row is RowKind.FULL:
                self.rows[row.record] = row
            else:
                self.rows.pop(row.record, None)
        self._cursor, self._seq = segment.header.cursor, segment.header.last

    async def _asked(
        self, link: Link, tally: Tally, path: str, body: bytes, *, method: str = "POST", fine: tuple[int, ...] = (200,)
    ) -> Reply:
        while True:
            reply = await link.ask(method, path, body=body, token=self._token)
            if reply.status in fine:
                return reply
            if reply.status not in _LATER:
                raise RuntimeError(f"{path}: {reply.status} {decode(reply.body, Problem).code}")
            tally.later_for(decode(reply.body, Problem).code, seconds=reply.wait)
            await asyncio.sleep(reply.wait)

    def _point(self) -> FeedPoint:
        digest = ScopeDigest()
        for row in self.rows.values():
            digest.add(item_digest(row.kind, row.record, row.rev, row.content))
        return FeedPoint(bytes.fromhex(self.office), self._cursor, self._seq, digest.value(), digest.count)

    def _urgent(self, town: Town) -> Iterator[Change]:
        """A case with a victim; if it is referred, her consent, the referral and that it was sent."""
        yield self._made("case", town, record=self.case, channel="WALK_IN", summary="Dijanjikan kerja di kafe.")
        yield self._made("person", town, record=self.person, name="Siti", sex="FEMALE")
        yield self._made("party", town, person_id=self.person, role="VICTIM")
        if self.refers_to:
            consent, referral = new_id(), new_id()
            tiers = {"add": ["IDENTIFYING", "OPEN"], "remove": []}
            yield self._made(
                "consent", town, record=consent, person_id=self.person, purpose="SHARE", decision="GIVEN", tiers=tiers
            )
            yield self._made(
                "referral", town, record=referral, person_id=self.person, to_office=self.refers_to,
                consent_id=consent, tiers=tiers,
            )  # fmt: skip
            yield self._made("referral_event", town, referral_id=referral, step="SENT", at=town.now)

    def _rest(self, town: Town) -> Iterator[Change]:
        """What else was written down: services for her."""
        for kind in ("HEALTH", "SHELTER", "LEGAL", "PSYCHOSOCIAL") * 2:
            yield self._made("service", town, person_id=self.person, service_type=kind, state="PLANNED")

    def _made(self, kind: str, town: Town, *, record: str = "", **facts: object) -> Change:
        record = record or new_id()
        case = None if kind == "person" else bytes.fromhex(self.case)
        if kind not in ("person", "case"):
            facts["case_id"] = self.case
        facts["made_office"] = self.office
        return Change(kind, bytes.fromhex(record), case, 0, True, facts, bytes(16), "petugas", town.now)


def directory_point(seq: int, digest: bytes, count: int, *, cursor: str) -> FeedPoint:
    """Where the directory stands that every laptop holds since its last sync."""
    return FeedPoint(bytes.fromhex(REFERENCE), cursor, seq, digest, count)


def moment(now: object) -> int:
    """A moment as the wire has it."""
    return to_ms(now)  # type: ignore[arg-type]

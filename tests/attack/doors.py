"""Every door of the centre, tried by laptops in every state at every office's things: a cell each, and what it allows.

The offices: A owns a case, B received a referral of it, C has nothing to do with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx2

from app.central import admin
from app.models.base import KINDS
from app.wire import REFERENCE
from app.wire.batch import digest_of
from app.wire.messages import (
    SESSION_DOMAIN,
    BatchResult,
    Change,
    FeedPoint,
    ReceiptRequest,
    SessionRequest,
    Status,
    decode,
)
from tests.central.scene import Scene
from tests.centre import CentreUnderTest, Laptop

NOBODY = "0" * 31 + "7"  # an id that no office, device or record has
NO_FILE = f"/v1/blobs/{'0' * 64}?record={NOBODY}"
TAKEN = (Status.ACCEPTED, Status.MERGED)
_LOCKED = frozenset({401, 404, 405})


@dataclass(frozen=True)
class Cell:
    """One attempt, who made it and whether it was let in."""

    state: str
    door: str
    target: str
    allowed: bool
    attempt: Callable[[], bool]  # whether it got in

    def holds(self) -> bool:
        """Whether the centre did as it should: let in who may, and nobody else."""
        return self.attempt() == self.allowed


@dataclass(frozen=True)
class Stolen:
    """What a laptop of A was told: how to go on reading A's feed, and where a file of its case is."""

    cursor: str
    segment: str
    file: str

    def options(self) -> dict[str, Any]:
        """To read on from there."""
        return {"params": {"cursor": self.cursor}}


def states(centre: CentreUnderTest) -> dict[str, Laptop]:
    """A laptop of office A in every state that must open nothing."""
    made = {name: centre.device("A") for name in ("revoked", "wiped", "expired certificate", "ended session")}
    admin.revoke(centre.owner, made["revoked"].id)
    order = admin.wipe_order(centre.data_dir, made["wiped"].id, reason="dicuri", now=centre.clock)
    admin.revoke(centre.owner, made["wiped"].id, order=order)
    centre.sql("UPDATE device SET expires = %s WHERE id = %s", centre.clock(), made["expired certificate"].id)
    centre.sql("UPDATE session SET expires = %s WHERE device = %s", centre.clock(), made["ended session"].id)
    unconfirmed = made["unconfirmed"] = Laptop(centre, "A")
    unconfirmed.enrol(centre.code("A"))
    unconfirmed.sign_in()
    stranger = made["stranger"] = Laptop(centre, "A")
    made["made-up session"] = Laptop(centre, "A")
    made["made-up session"].token = "t" * 43
    stranger.token = ""
    centre.clock.forward(hours=25)
    for name in ("revoked", "wiped", "expired certificate"):
        centre.sql("UPDATE session SET expires = %s WHERE device = %s", centre.clock(), made[name].id)
    return made


def scopes(centre: CentreUnderTest) -> dict[str, str]:
    """What a feed can be asked for."""
    offices = {code: centre.office(code) for code in "ABC"}
    odd = {"nobody": NOBODY, "no id": "x", "upwards": "..%2F..", "A in capitals": offices["A"].upper()}
    return {**offices, "shared": REFERENCE, **odd}


def doors(laptop: Laptop, name: str, *, devices: dict[str, str], stolen: Stolen) -> Iterator[Cell]:
    """Every endpoint that wants a session, with everything that can stand in its path or message."""
    valid = len(name) == 1
    for target, scope in scopes(laptop.centre).items():
        mine, path = valid and scope in (laptop.office, REFERENCE), f"/v1/feeds/{scope}"
        own = name == target == "A"  # a cursor is worth something to the laptop it was told to, for its scope
        resumed = {"headers": {"If-Match": f'"{stolen.segment}"'}, "params": {"cursor": "", "offset": "1"}}
        yield Cell(name, "feed", target, mine, partial(_reads, laptop, path, {}))
        yield Cell(name, "feed resumed", target, mine, partial(_reads, laptop, path, resumed))
        yield Cell(name, "feed from A's cursor", target, own, partial(_reads, laptop, path, stolen.options()))
        if len(scope) == 32:
            point = FeedPoint(bytes.fromhex(scope), "", 0, bytes(16), 0)
            mine = valid and point.scope.hex() in (laptop.office, REFERENCE)
            # behind an open door a proof of what one does not hold is refused with 409
            yield Cell(name, "receipt", target, mine, partial(_asks_receipt, laptop, point))
            yield Cell(name, "hello", target, valid, partial(_says_hello, laptop, point))
    for method in ("GET", "HEAD", "PUT"):  # B is shown the case without what is sensitive
        own = name == "A"
        yield Cell(name, f"{method} of a file", "A", own, partial(_opens_file, laptop, method, stolen.file))
        yield Cell(name, f"{method} of a file", "nobody", False, partial(_opens_file, laptop, method, NO_FILE))
    for target, device in devices.items():
        mine, path = valid and device == laptop.id, f"/v1/batches/{device}/1"
        yield Cell(name, "batch state", target, mine, partial(_heads, laptop, path))
        yield Cell(name, "batch", target, mine, partial(_puts, laptop, path))


def _reads(laptop: Laptop, path: str, options: dict[str, Any]) -> bool:
    return _opens(laptop.ask("GET", path, **options))


def _opens_file(laptop: Laptop, method: str, path: str) -> bool:
    body: dict[str, Any] = {"content": b"x", "headers": {"Content-Range": "bytes 0-0/1"}} if method == "PUT" else {}
    return _opens(laptop.ask(method, path, **body))


def _asks_receipt(laptop: Laptop, point: FeedPoint) -> bool:
    return _opens(laptop.post("/v1/receipts", ReceiptRequest(point)))


def _says_hello(laptop: Laptop, point: FeedPoint) -> bool:
    reply = laptop.hello(feeds=[point])
    if point.scope.hex() not in (laptop.office, REFERENCE):
        assert point.scope not in reply.content, "a hello speaks of another office"
    return _opens(reply)


def _heads(laptop: Laptop, path: str) -> bool:
    return _opens(laptop.ask("HEAD", path))


def _puts(laptop: Laptop, path: str) -> bool:
    return _opens(laptop.ask("PUT", path + "?offset=0", content=b"x", headers={"Naungan-Length": "1"}))


def _opens(reply: httpx2.Response) -> bool:
    """Whether this is more than a closed door; an error inside breaks the test."""
    assert reply.status_code < 500, reply.content
    return reply.status_code not in _LOCKED


def sign_ins(centre: CentreUnderTest, closed: dict[str, Laptop]) -> Iterator[Cell]:
    """New sessions for those who may have none, and with a nonce of somebody else."""
    other = centre.device("A")
    for name, laptop in closed.items():
        allowed = name == "ended session"  # only that is mended by signing in anew
        yield Cell(name, "session", "own nonce", allowed, partial(_signs_in, laptop, laptop))
        yield Cell(name, "session", "another's nonce", False, partial(_signs_in, laptop, other))


def _signs_in(laptop: Laptop, nonce_of: Laptop) -> bool:
    nonce = nonce_of.challenge().nonce
    request = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    return _opens(laptop.post("/v1/session", request))


def writes(scene: Scene, laptop: Laptop, name: str) -> Iterator[Cell]:
    """Each kind of record of A's case: written over, and made in it, by a laptop that has nothing to do with it."""
    known = {
        "case": scene.case, "person": scene.siti, "party": scene.siti_party, "consent": scene.consent,
        "referral": scene.referral, "office": scene.a.office,
    }  # fmt: skip
    for kind in sorted(KINDS):
        for base in (0, scene.rev.get(known.get(kind, ""), 1), 10**9):
            record = known.get(kind, NOBODY)
            change = partial(laptop.edit, kind, record, base_rev=base, case=scene.case, name="X")
            yield Cell(name, f"write over from {base}", kind, False, partial(_taken, laptop, change))
        if kind not in ("case", "person", "office", "agency", "user", "office_key"):  # these belong to no case
            for office in (scene.a.office, scene.b.office, laptop.office):
                make = partial(laptop.make, kind, case=scene.case, made_office=office)
                yield Cell(name, "write into the case", kind, False, partial(_taken, laptop, make))


def _taken(laptop: Laptop, make: Callable[[], Change]) -> bool:
    data = laptop.seal(make())
    reply = laptop.put(data)
    assert reply.status_code < 500, reply.content
    if reply.status_code != 200:
        return False
    laptop.n, laptop.previous = laptop.n + 1, digest_of(data)
    return any(outcome.status in TAKEN for outcome in decode(reply.content, BatchResult).outcomes)

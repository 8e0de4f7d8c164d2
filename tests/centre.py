"""A real centre for tests: PostgreSQL once per session, a fresh database and an HTTP server per test, and devices.

pytest_plugins is not needed: tests/central/conftest.py and others import the fixtures they use.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.central import admin, embedded, serve
from app.central.config import Config, Limits
from app.central.store import Store
from app.models.field import to_ms
from app.models.ids import new_id
from app.wire import MEDIA_TYPE, REFERENCE, SCHEMA
from app.wire.batch import GENESIS, Place, digest_of, seal
from app.wire.digest import ScopeDigest, item_digest
from app.wire.messages import (
    ENROL_DOMAIN,
    SESSION_DOMAIN,
    AuditHead,
    BatchResult,
    Challenge,
    ChallengeRequest,
    Change,
    EnrolReply,
    EnrolRequest,
    FeedPoint,
    FeedRow,
    Hello,
    HelloReply,
    Outcome,
    Problem,
    ReceiptRequest,
    RowKind,
    Session,
    SessionRequest,
    Signed,
    audit_proof,
    decode,
    encode,
)
from app.wire.segment import unseal_segment
from tests.conftest import Clock

_numbers = itertools.count(1)
T = TypeVar("T")


@pytest.fixture(scope="session")
def postgres(_no_home_of_a_person: None) -> Iterator[embedded.Embedded]:
    """A PostgreSQL with an initialised centre database to copy from. It lives as long as the session."""
    directory = Path(tempfile.mkdtemp(prefix="naungan-pg-"))
    server = embedded.start(directory, fast=True)
    admin.init(server.url("owner"), directory / "centre")
    yield server
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


@dataclass(slots=True)
class CentreUnderTest:
    """One centre of one test: its own database, data directory and server; the clock is the test's."""

    url_of: Mapping[str, str]  # "owner", "naungan_app", "superuser"
    data_dir: Path
    clock: Clock
    limits: Limits
    owner: Store
    running: serve.Running | None = None
    offices: dict[str, str] = field(default_factory=dict)
    # one client per centre: to make one costs more than to ask
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(trust_env=False, timeout=60))

    @property
    def base_url(self) -> str:
        """Where it serves."""
        assert self.running is not None
        return self.running.base_url

    @property
    def address(self) -> tuple[str, int]:
        """The same as host and port."""
        url = urlsplit(self.base_url)
        return str(url.hostname), int(url.port or 0)

    def start(self) -> None:
        """Serve (again: a restart)."""
        self.running = serve.start(Config(self.url_of["naungan_app"], self.data_dir, self.clock, self.limits))

    def stop(self) -> None:
        """Stop serving; the database stays."""
        if self.running is not None:
            self.running.stop()
            self.running = None

    def office(self, code: str, *, agency_type: str = "UPTD_PPA", region: str = "36.71") -> str:
        """The id of an office, made at the first call."""
        if code not in self.offices:
            self.offices[code] = admin.add_office(
                self.owner, code=code, name=f"Kantor {code}", agency_type=agency_type, region=region, now=self.clock
            )
        return self.offices[code]

    def code(self, office_code: str) -> str:
        """A one-time code for a device of an office."""
        self.office(office_code)
        return admin.enrol_code(self.owner, office_code=office_code, now=self.clock)

    def device(self, office_code: str) -> Laptop:
        """A new device, enrolled and with a session."""
        laptop = Laptop(self, office_code)
        laptop.enrol(self.code(office_code))
        admin.confirm(self.owner, laptop.id)
        laptop.sign_in()
        return laptop

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """A statement as superuser: sees every row."""
        with psycopg.connect(self.url_of["superuser"], autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def centre(postgres: embedded.Embedded, tmp_path: Path, clock: Clock) -> Iterator[CentreUnderTest]:
    """A fresh centre that serves on a free port."""
    yield from new_centre(postgres, tmp_path, clock=clock)


def new_centre(
    postgres: embedded.Embedded, tmp_path: Path, *, clock: Clock, limits: Limits | None = None
) -> Iterator[CentreUnderTest]:
    """The same with other limits: `yield from` it in a fixture."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE naungan OWNER {embedded.OWNER}")
    urls = {role: postgres.url(role, database=name) for role in ("owner", "naungan_app")}
    urls["superuser"] = postgres.url("postgres", database=name)
    admin.init(urls["owner"], tmp_path / "centre")
    under_test = CentreUnderTest(urls, tmp_path / "centre", clock, limits or Limits(), Store(urls["owner"]))
    under_test.start()
    yield under_test
    under_test.http.close()
    under_test.stop()
    under_test.owner.close()
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Laptop:
    """A device reduced to the protocol: keys, a chain, cursors and the rows it was sent."""

    def __init__(self, centre: CentreUnderTest, office_code: str) -> None:
        self.centre = centre
        self.office = centre.office(office_code)
        self._key = Ed25519PrivateKey.generate()
        self.sign_public = self._key.public_key().public_bytes_raw()
        self.box_public = X25519PrivateKey.generate().public_key().public_bytes_raw()
        self.raw_id = hashlib.sha256(self.sign_public).digest()[:16]
        self.id = self.raw_id.hex()
        self.tag = f"T{next(_numbers)}"
        self.token = ""
        self.base_url = ""  # if it is not the centre's own
        self.n = 0
        self.previous = GENESIS
        self.epoch = ""
        self.rows: dict[str, dict[bytes, FeedRow]] = {self.office: {}, REFERENCE: {}}
        self.lines: list[FeedRow] = []  # every row ever pulled, in order
        self.cursors = {self.office: "", REFERENCE: ""}
        self.seqs = {self.office: 0, REFERENCE: 0}

    def sign(self, message: bytes) -> bytes:
        """With the device's key."""
        return self._key.sign(message)

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Any request, with this device's session."""
        session = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = {**session, **options.pop("headers", {})}
        return self.centre.http.request(
            method, (self.base_url or self.centre.base_url) + path, headers=headers, **options
        )

    def post(self, path: str, message: Any) -> httpx2.Response:
        """A message."""
        return self.ask("POST", path, content=encode(message), headers={"Content-Type": MEDIA_TYPE})

    def enrol_request(self, code: str, tag: str | None = None) -> EnrolRequest:
        """What asks for a certificate."""
        tag = tag or self.tag
        proof = self.sign(ENROL_DOMAIN + code.encode() + self.box_public + tag.encode())
        return EnrolRequest(code, self.sign_public, self.box_public, tag, proof)

    def enrol(self, code: str) -> EnrolReply:
        """Enrol with a code."""
        reply = read(self.post("/v1/enrol", self.enrol_request(code)), EnrolReply)
        self.epoch = reply.epoch
        return reply

    def challenge(self) -> Challenge:
        """A nonce."""
        return read(self.post("/v1/session/challenge", ChallengeRequest(self.raw_id)), Challenge)

    def sign_in(self) -> None:
        """A session."""
        nonce = self.challenge().nonce
        request = SessionRequest(self.raw_id, nonce, self.sign(SESSION_DOMAIN + nonce))
        self.token = read(self.post("/v1/session", request), Session).token

    def seal(self, *changes: Change, n: int | None = None, previous: bytes | None = None) -> bytes:
        """The bytes of the next batch (or of another one)."""
        place = Place(
            self.raw_id, self.n + 1 if n is None else n, self.previous if previous is None else previous, self.epoch
        )
        return seal(changes, place, sign=self.sign, level=3)

    def put(self, data: bytes, *, n: int | None = None, offset: int = 0, total: int | None = None) -> httpx2.Response:
        """PUT of (the rest of) a batch; `data` is the body."""
        number = self.n + 1 if n is None else n
        length = str(offset + len(data) if total is None else total)
        return self.ask(
            "PUT", f"/v1/batches/{self.id}/{number}?offset={offset}", content=data, headers={"Naungan-Length": length}
        )

    def push_raw(self, *changes: Change) -> httpx2.Response:
        """Seal and send; the reply as it is."""
        return self.put(self.seal(*changes))

    def push(self, *changes: Change) -> list[Outcome]:
        """Seal, send, and go on in the chain."""
        data = self.seal(*changes)
        result = read(self.put(data), BatchResult)
        self.n += 1
        self.previous = digest_of(data)
        return result.outcomes

    def pull(self) -> list[FeedRow]:
        """Every new row of both scopes, applied."""
        came: list[FeedRow] = []
        for scope in (self.office, REFERENCE):
            came += self.pull_scope(scope)
        return came

    def pull_scope(self, scope: str) -> list[FeedRow]:
        """Every new row of one scope, applied."""
        came: list[FeedRow] = []
        while True:
            reply = self.ask("GET", f"/v1/feeds/{scope}", params={"cursor": self.cursors[scope]})
            if reply.status_code == 204:
                return came
            assert reply.status_code == 200, reply.content
            segment = unseal_segment(reply.content)
            for row in segment.rows:
                if row.row is RowKind.FULL:
                    self.rows[scope][row.record] = row
                else:
                    self.rows[scope].pop(row.record, None)
            came += segment.rows
            self.lines += segment.rows
            self.cursors[scope], self.seqs[scope] = segment.header.cursor, segment.header.last

    def point(self, scope: str | None = None) -> FeedPoint:
        """What this device holds in a scope, recomputed from its rows."""
        scope = scope or self.office
        digest = ScopeDigest()
        for row in self.rows[scope].values():
            digest.add(item_digest(row.kind, row.record, row.rev, row.content))
        return FeedPoint(bytes.fromhex(scope), self.cursors[scope], self.seqs[scope], digest.value(), digest.count)

    def receipt(self, scope: str | None = None, *, audit: tuple[int, bytes] | None = None) -> httpx2.Response:
        """Ask for a receipt, and for a countersignature of where the audit ends."""
        head = AuditHead(*audit, self.sign(audit_proof(self.raw_id, *audit))) if audit else None
        return self.post("/v1/receipts", ReceiptRequest(self.point(scope), head))

    def hello(self, **other: Any) -> httpx2.Response:
        """The first word."""
        message = Hello(SCHEMA, self.epoch, [self.point(), self.point(REFERENCE)], self.n + 1)
        return self.post("/v1/hello", Hello(**{**{f: getattr(message, f) for f in message.__struct_fields__}, **other}))

    def sync(self) -> None:
        """Pull, prove both scopes."""
        self.pull()
        for scope in (self.office, REFERENCE):
            read(self.receipt(scope), Signed)

    def holds(self, record: str, scope: str | None = None) -> dict[str, Any] | None:
        """The content of a record as this device has it; None if it has not."""
        row = self.rows[scope or self.office].get(bytes.fromhex(record))
        return row.content if row is not None else None

    def kinds(self) -> list[str]:
        """The kinds of the records of the own scope, sorted; that its laptops stand there goes without saying."""
        return sorted(row.kind for row in self.rows[self.office].values() if row.kind != "device")

    def make(self, kind: str, *, record: str | None = None, case: str | None = None, **changes: Any) -> Change:
        """A new record of this office."""
        record = record or new_id()
        if case is not None:
            changes["case_id"] = case
        changes.setdefault("made_office", self.office)
        whose = record if kind == "case" else case
        return self._change(kind, record, case=whose, base_rev=0, new=True, changes=changes)

    def edit(self, kind: str, record: str, *, base_rev: int, case: str | None = None, **changes: Any) -> Change:
        """A change of a record as seen at a number."""
        whose = record if kind == "case" else case
        return self._change(kind, record, case=whose, base_rev=base_rev, new=False, changes=changes)

    def _change(self, kind: str, record: str, **facts: Any) -> Change:
        case = facts["case"]
        return Change(
            kind,
            bytes.fromhex(record),
            bytes.fromhex(case) if case else None,
            facts["base_rev"],
            facts["new"],
            facts["changes"],
            bytes(16),
            f"petugas {self.tag}",
            to_ms(self.centre.clock()),
        )


def read(reply: httpx2.Response, kind: type[T]) -> T:
    """The message of a good reply."""
    assert reply.status_code == 200, (reply.status_code, reply.content)
    assert reply.headers["content-type"] == MEDIA_TYPE
    return decode(reply.content, kind)


def refusal(reply: httpx2.Response) -> tuple[int, str]:
    """(status, code) of a refusal, which is a Problem."""
    assert reply.headers["content-type"] == MEDIA_TYPE, reply.content
    return reply.status_code, decode(reply.content, Problem).code


def heads_of(reply: httpx2.Response) -> HelloReply:
    """The answer to hello."""
    message: HelloReply = read(reply, HelloReply)
    return message


def today_of(moment: datetime) -> str:
    """The day of a moment, as ISO text."""
    return moment.date().isoformat()

"""Administration: what the commands `naungan central ...` do, by the owner of the database."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app.central import schema
from app.central.bundle_key import bundle_identity
from app.central.config import Clock
from app.central.enrolment import issue_code
from app.central.incidents import FORK, Noted, noted
from app.central.keys import create_key, load_key
from app.central.laptops import announce
from app.central.ledger import Ledger, in_scopes
from app.central.pages import read_placed, read_rows
from app.central.rows import CENTRE, Author, Row
from app.central.store import Conn, Store, as_scope
from app.errors import Invalid, KnownError, NotFound
from app.i18n import _
from app.models.field import to_ms
from app.models.ids import new_id
from app.models.six_words import six_words
from app.wire import REFERENCE
from app.wire.messages import WIPE_DOMAIN, Signed, WipeOrder, decode, encode

_URL_FILE = "database-url"
_MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """One line of the list of devices."""

    id: str
    office_code: str
    tag: str
    issued: datetime
    expires: datetime
    revoked: datetime | None
    last_batch: int
    confirmed: datetime | None
    words: str  # the six that the laptop shows, too


def init(database_url: str, data_dir: Path, *, new_epoch: bool = False) -> None:
    """Make a database a centre, and the directory its home: key, app role's URL. Again: nothing changes.

    `database_url` belongs to the owner. `new_epoch` is for a database restored from a backup: every device then
    offers again what the backup had not seen.
    """
    create_key(data_dir)
    bundle_identity(data_dir)
    with psycopg.connect(database_url) as connection:
        password = _app_role(connection, known=_known_password(data_dir))
        if not schema.exists(connection):
            schema.create(connection, epoch=secrets.token_hex(8))
        else:
            schema.upgrade(connection)
            if new_epoch:
                _end_epoch(connection)
    # Written anew each time: an embedded server may listen elsewhere after a restart.
    _write_private(data_dir / _URL_FILE, make_conninfo(database_url, user=schema.APP_ROLE, password=password))


def app_url(data_dir: Path) -> str:
    """The connection string by which the centre serves. KnownError before `init`."""
    try:
        return (data_dir / _URL_FILE).read_text(encoding="utf-8")
    except OSError:
        raise KnownError(_("This directory is no centre yet. Run `naungan central init` first.")) from None


def add_office(store: Store, *, code: str, name: str, agency_type: str, region: str, now: Clock) -> str:
    """A new office with a scope of its own, its public entry and its line in the directory; returns its id."""
    office = new_id()
    try:
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO office (id, code, region, name) VALUES (%s, %s, %s, %s)", (office, code, region, name)
            )
            with as_scope(connection, office):
                connection.execute("INSERT INTO scope (scope) VALUES (%s)", (office,))
    except psycopg.errors.UniqueViolation:
        raise Invalid(_("There is an office with this code already.")) from None
    facts = {"name": name, "agency_type": agency_type, "region": region}

    def publish(ledger: Ledger) -> None:
        _publish(ledger, "office", record=office, content={**facts, "code": code}, now=now())
        _publish(ledger, "agency", record=new_id(), content={**facts, "office_id": office}, now=now())

    in_scopes(store, REFERENCE, scopes=(), work=publish)
    return office


def enrol_code(store: Store, *, office_code: str, now: Clock) -> str:
    """A one-time code for one new device of an office: ten characters, a day, five tries."""
    with store.transaction() as connection:
        return issue_code(connection, office=_office(connection, office_code), clock=now)


def devices(store: Store, data_dir: Path) -> list[EnrolledDevice]:
    """Every device that was ever enrolled, by the centre whose key lies in this folder."""
    key = load_key(data_dir).public
    with store.transaction() as connection:
        found = connection.execute(
            "SELECT d.id, o.code, d.tag, d.issued, d.expires, d.revoked, d.applied, d.confirmed,"
            " d.sign_public, d.certificate FROM device d"
            " JOIN office o ON o.id = d.office ORDER BY o.code, d.issued, d.id"
        ).fetchall()
    described = [
        (*row[:8], six_words(centre_key=key, device_key=row[8], certificate=decode(row[9], Signed).body))
        for row in found
    ]
    return [EnrolledDevice(*row) for row in described]


def forks(store: Store) -> list[Noted]:
    """Every batch that contradicted the history of its device, newest first: a copied or restored workspace.

    Two different batches under one number `n`, or on another past. The centre kept both.
    """
    return [incident for incident in incidents(store) if incident.code == FORK]


def incidents(store: Store) -> list[Noted]:
    """All that contradicts the history of a device, newest first: forks, audits from the past, laptops in doubt."""
    with store.transaction() as connection:
        return noted(connection, [(office, code) for office, code, _name in _offices(connection)])


def confirm(store: Store, device: str) -> None:
    """Somebody compared the six words: this device may go on after its first day. Again: nothing changes."""
    with store.transaction() as connection:
        found = connection.execute(
            "UPDATE device SET confirmed = coalesce(confirmed, now())"
            " WHERE replace(id::text, '-', '') = %s RETURNING id",
            (device.replace("-", ""),),
        ).fetchone()
        if found is None:
            raise NotFound(_("There is no such device."))
        note_deed(connection, "confirm", subject=found[0])


def revoke(store: Store, device: str, *, order: bytes | None = None) -> None:
    """Refuse a device from now on, and tell its office; what it sent stays. NotFound if there is no such device.

    `order` (see `wipe_order`) is told to it at its next contact, whatever it asks; it is kept for good.
    """
    with store.transaction() as connection:
        found = connection.execute(
            "UPDATE device SET revoked = coalesce(revoked, now()), wipe = coalesce(%s, wipe)"
            " WHERE replace(id::text, '-', '') = %s RETURNING id, office",
            (order, device.replace("-", "")),
        ).fetchone()
        if found is None:
            raise NotFound(_("There is no such device."))
        note_deed(connection, "wipe" if order else "revoke", subject=found[0], detail=f"office {found[1]}")
    announce(store, found[1])


def wipe_order(data_dir: Path, device: str, *, reason: str, now: Clock) -> bytes:
    """The centre's signed order to this device, and to no other, to destroy its workspace; an encoded Signed."""
    if len(reason) > _MAX_REASON or not reason.isprintable():
        raise Invalid(_("The reason is one line of at most {n} characters.").format(n=_MAX_REASON))
    try:
        order = WipeOrder(bytes.fromhex(device.replace("-", "")), to_ms(now()), reason)
    except ValueError:
        raise NotFound(_("There is no such device.")) from None
    return encode(load_key(data_dir).signed(order, domain=WIPE_DOMAIN))


def note_deed(connection: Conn, action: str, *, subject: str, detail: str = "") -> None:
    """Write into the centre's own audit what an administrator did, in the transaction of the deed."""
    connection.execute(
        "INSERT INTO deed (at, action, subject, detail) VALUES (now(), %s, %s, %s)", (action, subject, detail)
    )


def deeds(store: Store) -> list[tuple[datetime, str, str, str]]:
    """(when, action, subject, detail), in order."""
    with store.transaction() as connection:
        return connection.execute("SELECT at, action, subject, detail FROM deed ORDER BY at, id").fetchall()


def offices(store: Store) -> list[tuple[str, str, str]]:
    """(id, code, name) of every office."""
    with store.transaction() as connection:
        return _offices(connection)


def _offices(connection: Conn) -> list[tuple[str, str, str]]:
    return connection.execute("SELECT id, code, name FROM office ORDER BY code").fetchall()


def _office(connection: Conn, code: str) -> str:
    row = connection.execute("SELECT id FROM office WHERE code = %s", (code,)).fetchone()
    if row is None:
        raise NotFound(_("There is no office with this code."))
    return str(row[0])


def _publish(ledger: Ledger, kind: str, *, record: str, content: dict[str, str], now: datetime) -> None:
    book = ledger.book(REFERENCE)
    read_rows(ledger.connection, book, ids=[record])
    read_placed(ledger.connection, book, ids=[record])
    rev = book.next_number()
    whole = {**content, "made_at": to_ms(now), "made_by": "centre"}
    row = Row(kind, record, {key: value for key, value in whole.items() if value}, rev)
    row.history.note(tuple(row.content), rev=rev, author=Author(CENTRE, "centre", to_ms(now)))
    ledger.keep(book, row)


def _end_epoch(connection: Conn) -> None:
    """A new epoch; of the old one is noted how far both are the same history, scope by scope."""
    offices = connection.execute("SELECT id::text FROM office ORDER BY id").fetchall()
    for (scope,) in [*offices, (REFERENCE,)]:
        with as_scope(connection, scope):
            connection.execute(
                "INSERT INTO epoch_end (epoch, scope, head) SELECT centre.epoch, scope.scope, scope.head"
                " FROM centre, scope WHERE scope.scope = %s",
                (scope,),
            )
    connection.execute("UPDATE centre SET epoch = %s", (secrets.token_hex(8),))


def _known_password(data_dir: Path) -> str | None:
    path = data_dir / _URL_FILE
    if not path.exists():
        return None
    password = conninfo_to_dict(path.read_text(encoding="utf-8")).get("password")
    return str(password) if password else None


def _app_role(connection: psycopg.Connection, *, known: str | None) -> str:
    """The app role's password: the known one if the role is there, else a new one."""
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (schema.APP_ROLE,)).fetchone()
    if exists and known:
        return known
    password = secrets.token_urlsafe(24)
    verb = sql.SQL("ALTER ROLE" if exists else "CREATE ROLE")
    connection.execute(
        sql.SQL("{} {} LOGIN PASSWORD {}").format(verb, sql.Identifier(schema.APP_ROLE), sql.Literal(password))
    )
    return password


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)

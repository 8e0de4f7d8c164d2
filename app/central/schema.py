"""The tables of the centre, who may touch them, and the row-level security that holds when the code is wrong.

Every table with data of an office has the scope leading its key, row-level security FORCED, and a policy on the
setting `naungan.scope`. Unset raises; there is no default scope. The role naungan_app is neither owner nor superuser.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import Connection, sql

from app.central import erasing_schema
from app.wire import REFERENCE

APP_ROLE = "naungan_app"
VERSION = 7

TABLES: LiteralString = """
CREATE TABLE centre (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version integer NOT NULL,
    epoch text NOT NULL
);
CREATE TABLE office (
    id uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    region text NOT NULL,
    name text NOT NULL
);
CREATE TABLE enrol_code (
    selector text PRIMARY KEY,
    office uuid NOT NULL REFERENCES office,
    salt bytea NOT NULL,
    hash bytea NOT NULL,
    expires timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_by uuid
);
CREATE TABLE device (
    id uuid PRIMARY KEY,
    office uuid NOT NULL REFERENCES office,
    region text NOT NULL,
    tag text NOT NULL,
    sign_public bytea NOT NULL,
    certificate bytea NOT NULL,
    issued timestamptz NOT NULL,
    expires timestamptz NOT NULL,
    revoked timestamptz,
    stored bigint NOT NULL DEFAULT 0,
    stored_digest bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    applied bigint NOT NULL DEFAULT 0,
    UNIQUE (region, tag)
);
CREATE TABLE nonce (
    nonce bytea PRIMARY KEY,
    device uuid NOT NULL REFERENCES device,
    expires timestamptz NOT NULL
);
CREATE INDEX nonce_device ON nonce (device);
CREATE TABLE session (
    token bytea PRIMARY KEY,
    device uuid NOT NULL REFERENCES device,
    expires timestamptz NOT NULL
);
CREATE INDEX session_device ON session (device);

CREATE TABLE scope (
    scope uuid PRIMARY KEY,
    head bigint NOT NULL DEFAULT 0,
    digest bytea NOT NULL DEFAULT decode(repeat('00', 16), 'hex'),
    count bigint NOT NULL DEFAULT 0
);
CREATE TABLE record (
    scope uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    case_id uuid,
    person uuid,
    rev bigint NOT NULL,
    content bytea NOT NULL,
    history bytea NOT NULL,
    PRIMARY KEY (scope, id)
);
CREATE INDEX record_case ON record (scope, case_id);
CREATE INDEX record_person ON record (scope, person) WHERE person IS NOT NULL;
CREATE TABLE feed (
    scope uuid NOT NULL,
    seq bigint NOT NULL,
    row text NOT NULL CHECK (row IN ('F', 'L', 'T')),
    kind text NOT NULL,
    record uuid NOT NULL,
    rev bigint NOT NULL,
    content bytea NOT NULL,
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (scope, seq)
);
CREATE TABLE placement (
    scope uuid NOT NULL,
    record uuid NOT NULL,
    kind text NOT NULL,
    row text NOT NULL,
    rev bigint NOT NULL,
    seq bigint NOT NULL,
    item bytea NOT NULL,
    owner uuid NOT NULL,
    until text,
    PRIMARY KEY (scope, record)
);
CREATE INDEX placement_seq ON placement (scope, seq);
CREATE INDEX placement_until ON placement (scope, until) WHERE until IS NOT NULL;
CREATE TABLE via (
    scope uuid NOT NULL,
    case_id uuid NOT NULL,
    record uuid NOT NULL,
    PRIMARY KEY (scope, case_id, record)
);
CREATE INDEX via_record ON via (scope, record);
CREATE TABLE delivery (
    scope uuid NOT NULL,
    referral uuid NOT NULL,
    case_id uuid NOT NULL,
    owner uuid NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (scope, referral)
);
CREATE TABLE batch (
    scope uuid NOT NULL,
    device uuid NOT NULL,
    n bigint NOT NULL,
    digest bytea NOT NULL,
    data bytea NOT NULL,
    received timestamptz NOT NULL,
    result bytea,
    applied timestamptz,
    PRIMARY KEY (scope, device, n)
);
CREATE INDEX batch_waiting ON batch (scope, device, n) WHERE result IS NULL;
CREATE TABLE held (
    scope uuid NOT NULL,
    device uuid NOT NULL,
    n bigint NOT NULL,
    position integer NOT NULL,
    waits_for uuid NOT NULL,
    change bytea NOT NULL,
    PRIMARY KEY (scope, device, n, position)
);
CREATE INDEX held_waits ON held (scope, waits_for);
CREATE TABLE incident (
    scope uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    device uuid NOT NULL,
    n bigint NOT NULL,
    code text NOT NULL,
    digest bytea,
    data bytea,
    at timestamptz NOT NULL,
    PRIMARY KEY (scope, id)
);
CREATE INDEX incident_once ON incident (scope, device, n, digest);
CREATE TABLE receipt (
    scope uuid NOT NULL,
    device uuid NOT NULL,
    feed uuid NOT NULL,
    seq bigint NOT NULL,
    body bytea NOT NULL,
    signature bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (scope, device, feed, at)
);
"""

# What a centre of an older version lacks; every line may be run again.
UPGRADE: LiteralString = """
ALTER TABLE device ADD COLUMN IF NOT EXISTS wipe bytea;
CREATE INDEX IF NOT EXISTS nonce_expires ON nonce (expires);
CREATE INDEX IF NOT EXISTS session_expires ON session (expires);
ALTER TABLE device ADD COLUMN IF NOT EXISTS confirmed timestamptz;
ALTER TABLE device ADD COLUMN IF NOT EXISTS audit_seq bigint NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN IF NOT EXISTS audit_head bytea NOT NULL DEFAULT ''::bytea;
CREATE TABLE IF NOT EXISTS blob (
    scope uuid NOT NULL,
    record uuid NOT NULL,
    n integer NOT NULL,
    total bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (scope, record, n)
);
ALTER TABLE blob ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS piece (
    scope uuid NOT NULL,
    record uuid NOT NULL,
    device uuid NOT NULL,
    n integer NOT NULL,
    total bigint NOT NULL,
    data bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (scope, record, device, n)
);
ALTER TABLE piece ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS piece_at ON piece (scope, at);
CREATE TABLE IF NOT EXISTS deed (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
);
-- The device that alone caused a line, and can make its content from its own work. NULL: anybody else had a part.
ALTER TABLE feed ADD COLUMN IF NOT EXISTS device uuid;
CREATE INDEX IF NOT EXISTS feed_record ON feed (scope, record, seq);
-- How far an epoch that a restore ended is the same history as the present one.
CREATE TABLE IF NOT EXISTS epoch_end (
    epoch text NOT NULL,
    scope uuid NOT NULL,
    head bigint NOT NULL,
    PRIMARY KEY (scope, epoch)
);
-- What became of an operation after the result of its batch was told: news for its device, at a number of the scope.
CREATE TABLE IF NOT EXISTS verdict (
    scope uuid NOT NULL,
    device uuid NOT NULL,
    n bigint NOT NULL,
    position integer NOT NULL,
    seq bigint NOT NULL,
    outcome bytea NOT NULL,
    PRIMARY KEY (scope, seq)
);
CREATE INDEX IF NOT EXISTS verdict_device ON verdict (scope, device, seq);
ALTER TABLE held ADD COLUMN IF NOT EXISTS epoch text NOT NULL DEFAULT '';
-- Records whose making was refused: what hangs on them is refused as well until somebody makes them after all.
CREATE TABLE IF NOT EXISTS unborn (
    scope uuid NOT NULL,
    record uuid NOT NULL,
    PRIMARY KEY (scope, record)
);
"""

# What the app role may do, and nothing else: the feed and raw batches are never rewritten (but see erasing_schema).
GRANTS: dict[str, LiteralString] = {
    "centre": "SELECT",
    "office": "SELECT",
    "enrol_code": "SELECT, UPDATE (tries, used_by)",
    "device": "SELECT, INSERT, UPDATE (stored, stored_digest, applied, audit_seq, audit_head)",
    "nonce": "SELECT, INSERT, DELETE",
    "session": "SELECT, INSERT, DELETE",
    "scope": "SELECT, UPDATE (head, digest, count)",
    "record": "SELECT, INSERT, UPDATE",
    "feed": "SELECT, INSERT",
    "placement": "SELECT, INSERT, UPDATE",
    "via": "SELECT, INSERT, DELETE",
    "delivery": "SELECT, INSERT, DELETE",
    "batch": "SELECT, INSERT, UPDATE (result, applied)",
    "held": "SELECT, INSERT, DELETE",
    "incident": "SELECT, INSERT",
    "receipt": "SELECT, INSERT",
    "deed": "INSERT",
    "blob": "SELECT, INSERT, DELETE",
    "piece": "SELECT, INSERT, DELETE",
    "epoch_end": "SELECT",
    "verdict": "SELECT, INSERT",
    "unborn": "SELECT, INSERT, DELETE",
    erasing_schema.TABLE: erasing_schema.RIGHTS,
}
SCOPED = (
    "scope", "record", "feed", "placement", "via", "delivery", "batch", "held", "incident", "receipt",
    "blob", "piece", "epoch_end", "verdict", "unborn", erasing_schema.TABLE,
)  # fmt: skip

_POLICY: LiteralString = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY own_scope ON {table}
    USING (scope = current_setting('naungan.scope')::uuid)
    WITH CHECK (scope = current_setting('naungan.scope')::uuid);
"""


def create(connection: Connection, *, epoch: str) -> None:
    """Make every table, policy and grant, and the scope everybody reads. The app role must exist."""
    connection.execute(TABLES)
    connection.execute(UPGRADE)
    connection.execute(erasing_schema.TABLES)
    _protect(connection)
    _grant(connection)
    connection.execute("INSERT INTO centre (version, epoch) VALUES (%s, %s)", (VERSION, epoch))
    connection.execute("SELECT set_config('naungan.scope', %s, true)", (REFERENCE,))
    connection.execute("INSERT INTO scope (scope) VALUES (%s)", (REFERENCE,))


def upgrade(connection: Connection) -> None:
    """Bring the tables of an older version to this one."""
    connection.execute(UPGRADE)
    connection.execute(erasing_schema.TABLES)
    _protect(connection)
    # Devices from before there was anything to confirm have worked ever since.
    connection.execute("UPDATE device SET confirmed = issued FROM centre WHERE centre.version < 3")
    _grant(connection)
    connection.execute("UPDATE centre SET version = %s WHERE version < %s", (VERSION, VERSION))


def exists(connection: Connection) -> bool:
    """Whether this database is a centre already."""
    row = connection.execute("SELECT to_regclass('centre') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _protect(connection: Connection) -> None:
    """Row-level security on every table with data of an office that has none yet."""
    found = connection.execute("SELECT tablename FROM pg_policies WHERE policyname = 'own_scope'").fetchall()
    for table in SCOPED:
        if (table,) not in found:
            connection.execute(sql.SQL(_POLICY).format(table=sql.Identifier(table)))


def _grant(connection: Connection) -> None:
    for table, rights in GRANTS.items():
        grant = sql.SQL("GRANT " + rights + " ON {} TO {}")
        connection.execute(grant.format(sql.Identifier(table), sql.Identifier(APP_ROLE)))
    erasing_schema.secure(connection, role=APP_ROLE)

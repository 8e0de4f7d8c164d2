"""What the database keeps about erasing: which ids are erased in a scope, and the only ways to empty what is old.

The serving role may not rewrite the feed, raw batches or incidents, nor take a record away. Three functions of the
owner do it, each no further than this: inside the scope that is set, the content of feed lines whose record is
registered as erased there; whole raw bytes of a batch that was applied, or of an incident, in a scope where something
is registered as erased; and records that were the scope's own and of which its feed says that they left (a case moved).
Numbers, hashes, results and the register itself stay, and nothing leaves the register.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import Connection, sql

TABLE = "erased"
RIGHTS: LiteralString = "SELECT, INSERT"

TABLES: LiteralString = """
CREATE TABLE IF NOT EXISTS erased (
    scope uuid NOT NULL,
    record uuid NOT NULL,
    erasure uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (scope, record)
);
"""

_FUNCTIONS: LiteralString = """
CREATE OR REPLACE FUNCTION forget_feed() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here uuid := current_setting('naungan.scope')::uuid;
    emptied bigint;
BEGIN
    UPDATE public.feed f SET content = '\\x80' FROM public.erased e
    WHERE e.scope = here AND f.scope = here AND f.record = e.record AND f.content <> '\\x80';
    GET DIAGNOSTICS emptied = ROW_COUNT;
    RETURN emptied;
END $$;
CREATE OR REPLACE FUNCTION forget_bytes(of_device uuid, of_n bigint, of_digest bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here uuid := current_setting('naungan.scope')::uuid;
    emptied bigint;
    more bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.erased WHERE scope = here) THEN
        RETURN 0;
    END IF;
    UPDATE public.batch SET data = ''
    WHERE scope = here AND device = of_device AND n = of_n AND digest = of_digest AND result IS NOT NULL;
    GET DIAGNOSTICS emptied = ROW_COUNT;
    UPDATE public.incident SET data = ''
    WHERE scope = here AND device = of_device AND n = of_n AND digest = of_digest AND code = 'fork';
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN emptied + more;
END $$;
CREATE OR REPLACE FUNCTION let_go_of_moved() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    here uuid := current_setting('naungan.scope')::uuid;
    gone bigint;
BEGIN
    DELETE FROM public.record r USING public.placement p
    WHERE r.scope = here AND p.scope = here AND p.record = r.id AND p.row = 'L' AND p.owner = here;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;
"""
_FUNCTION_NAMES: tuple[LiteralString, ...] = (
    "forget_feed()", "forget_bytes(uuid, bigint, bytea)", "let_go_of_moved()",
)  # fmt: skip
_SECURE: LiteralString = """
ALTER TABLE erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_scope ON erased;
CREATE POLICY own_scope ON erased
    USING (scope = current_setting('naungan.scope')::uuid)
    WITH CHECK (scope = current_setting('naungan.scope')::uuid);
"""


def secure(connection: Connection, *, role: str) -> None:
    """The functions, their rights, and the register's row-level security; may be run again."""
    connection.execute(_SECURE)
    connection.execute(_FUNCTIONS)
    for name in _FUNCTION_NAMES:
        connection.execute(sql.SQL("REVOKE ALL ON FUNCTION " + name + " FROM PUBLIC"))
        grant = sql.SQL("GRANT EXECUTE ON FUNCTION " + name + " TO {}")
        connection.execute(grant.format(sql.Identifier(role)))

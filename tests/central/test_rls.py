"""Row-level security, tried with raw SQL as the role by which the centre serves."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from app.central.schema import APP_ROLE, GRANTS, SCOPED
from tests.central.scene import scene_of
from tests.centre import CentreUnderTest


@pytest.fixture
def as_app(centre: CentreUnderTest) -> Iterator[psycopg.Connection]:
    """A connection as naungan_app to a centre where every scoped table has rows."""
    scene = scene_of(centre).referred()
    scene.b.receipt()
    scene.b.push(scene.b.make("person", name="Wati"))
    scene.b.push(scene.b.edit("note", "0" * 31 + "1", base_rev=0, text="menunggu"))
    fork = scene.b.seal(scene.b.make("person", name="X"), n=1)
    scene.b.put(fork, n=1)
    centre.sql(
        "INSERT INTO delivery VALUES (%s, %s, %s, %s, 1)", scene.b.office, scene.case, scene.case, scene.a.office
    )
    centre.sql("INSERT INTO erased VALUES (%s, %s, %s, now())", scene.b.office, "e" * 32, "e" * 32)
    centre.sql("INSERT INTO blob VALUES (%s, %s, 0, 1, 'x')", scene.b.office, "f" * 32)
    centre.sql("INSERT INTO piece VALUES (%s, %s, %s, 0, 2, 'x', now())", scene.b.office, "f" * 32, scene.b.id)
    centre.sql("INSERT INTO epoch_end VALUES ('before', %s, 1)", scene.b.office)
    centre.sql("INSERT INTO verdict VALUES (%s, %s, 1, 0, 1, 'x')", scene.b.office, scene.b.id)
    centre.sql("INSERT INTO unborn VALUES (%s, %s)", scene.b.office, "e" * 32)
    with psycopg.connect(centre.url_of["naungan_app"], autocommit=True) as connection:
        yield connection


def scope_of(connection: psycopg.Connection, scope: str) -> None:
    connection.execute("SELECT set_config('naungan.scope', %s, false)", (scope,))


def test_the_role_is_neither_owner_nor_above_the_rules(centre: CentreUnderTest, as_app: psycopg.Connection) -> None:
    assert as_app.execute("SELECT current_user").fetchone() == (APP_ROLE,)
    assert centre.sql("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = %s", APP_ROLE) == [(False, False)]
    assert centre.sql("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = %s", APP_ROLE) == []
    forced = centre.sql("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname")
    assert [name for (name,) in forced] == sorted(SCOPED)


def test_every_table_with_a_scope_leads_its_key_with_it(centre: CentreUnderTest) -> None:
    found = centre.sql(
        "SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
        " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE i.indisprimary AND n.nspname = 'public'"
    )
    assert {table for table, column in found if column == "scope"} == set(SCOPED)
    assert {table for table, _column in found} == set(GRANTS)


def test_an_unset_scope_raises_and_another_scope_is_empty(centre: CentreUnderTest, as_app: psycopg.Connection) -> None:
    office = centre.office("B")
    for table in SCOPED:
        with pytest.raises(psycopg.errors.UndefinedObject):
            as_app.execute(f"SELECT * FROM {table}")
    scope_of(as_app, office)
    for table in SCOPED:
        assert as_app.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,), table
        assert as_app.execute(f"SELECT count(*) FROM {table} WHERE scope <> %s", (office,)).fetchone() == (0,), table
    scope_of(as_app, "0" * 31 + "9")
    for table in SCOPED:
        assert as_app.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    scope_of(as_app, "")
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        as_app.execute("SELECT * FROM record")


def test_nothing_is_written_into_another_scope(centre: CentreUnderTest, as_app: psycopg.Connection) -> None:
    mine, other = centre.office("B"), centre.office("A")
    scope_of(as_app, mine)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        as_app.execute(
            "INSERT INTO record (scope, id, kind, rev, content, history) VALUES (%s, %s, 'case', 1, '', '')",
            (other, mine),
        )
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        as_app.execute("UPDATE record SET scope = %s", (other,))
    before = centre.sql("SELECT count(*), max(rev) FROM record WHERE scope = %s", other)
    assert as_app.execute("UPDATE record SET rev = 0 WHERE scope = %s", (other,)).rowcount == 0
    assert centre.sql("SELECT count(*), max(rev) FROM record WHERE scope = %s", other) == before


OUT_OF_REACH = [
    "UPDATE feed SET reason = ''", "DELETE FROM feed", "DELETE FROM record", "DELETE FROM batch",
    "UPDATE batch SET data = ''", "DELETE FROM incident", "DELETE FROM receipt", "DELETE FROM scope",
    "UPDATE device SET revoked = NULL", "UPDATE device SET office = id", "INSERT INTO office VALUES (NULL)",
    "UPDATE centre SET epoch = ''", "INSERT INTO enrol_code (selector) VALUES ('X')", "TRUNCATE feed",
    "DELETE FROM erased", "UPDATE erased SET at = now()", "DELETE FROM verdict", "UPDATE epoch_end SET head = 9",
    "ALTER TABLE record DISABLE ROW LEVEL SECURITY", "CREATE TABLE public.x (i int)", "SET ROLE naungan_owner",

]  # fmt: skip


def test_history_and_rights_are_out_of_reach(centre: CentreUnderTest, as_app: psycopg.Connection) -> None:
    scope_of(as_app, centre.office("B"))
    for statement in OUT_OF_REACH:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            as_app.execute(statement)  # type: ignore[call-overload]

"""A connection works in the scope of its block and in no other, however little PostgreSQL is told of it."""

from __future__ import annotations

import psycopg
import pytest

from app.central.store import Conn, Store, as_scope
from tests.centre import CentreUnderTest


@pytest.fixture
def store(centre: CentreUnderTest) -> Store:
    """The centre's own role."""
    return Store(centre.url_of["naungan_app"])


def test_every_statement_runs_in_the_scope_of_its_block(centre: CentreUnderTest, store: Store) -> None:
    one, other = centre.office("A"), centre.office("B")
    seen = []
    with store.transaction() as connection:
        for scope in (one, one, other, one):
            with as_scope(connection, scope):
                seen.append(connection.execute("SELECT scope FROM scope").fetchall())
        with as_scope(connection, other), connection.cursor() as cursor:
            cursor.executemany("UPDATE scope SET count = %s", [(1,), (2,)])
    assert seen == [[(one,)], [(one,)], [(other,)], [(one,)]]
    counts = dict(centre.sql("SELECT replace(scope::text, '-', ''), count FROM scope"))
    assert (counts[one], counts[other]) == (0, 2)
    store.close()


def test_a_statement_outside_any_block_raises_in_this_transaction_and_in_the_next(
    centre: CentreUnderTest, store: Store
) -> None:
    office = centre.office("A")
    for _transaction in range(2):  # the same connection both times
        with pytest.raises(psycopg.errors.InvalidTextRepresentation), store.transaction() as connection:
            _look_and_look_again(connection, office)
    with pytest.raises(psycopg.errors.InvalidTextRepresentation), store.transaction() as connection:
        connection.execute("SELECT scope FROM scope")
    for _transaction in range(2):  # what was set went with the first
        with store.transaction() as connection, as_scope(connection, office):
            assert connection.execute("SELECT scope FROM scope").fetchall() == [(office,)]
    store.close()


def _look_and_look_again(connection: Conn, office: str) -> None:
    with as_scope(connection, office):
        assert connection.execute("SELECT scope FROM scope").fetchall() == [(office,)]
    connection.execute("SELECT scope FROM scope")

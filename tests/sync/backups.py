"""The centre's database as it was: kept beside itself, and put back, as after a disk that broke."""

from __future__ import annotations

import psycopg

from app.central import admin
from tests.centre import CentreUnderTest

_NAMES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def back_up_centre(centre: CentreUnderTest) -> None:
    """Every row of one moment."""
    with psycopg.connect(centre.url_of["superuser"]) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute("DROP SCHEMA IF EXISTS kept CASCADE")
        connection.execute("CREATE SCHEMA kept")
        for (name,) in connection.execute(_NAMES).fetchall():
            connection.execute(f"CREATE TABLE kept.{name} AS TABLE public.{name}")


def put_centre_back(centre: CentreUnderTest, *, new_epoch: bool = True) -> None:
    """The rows of that moment and no others; then what the manual asks for after a restore: a new epoch."""
    centre.stop()
    with psycopg.connect(centre.url_of["superuser"]) as connection:
        names = [name for (name,) in connection.execute(_NAMES).fetchall()]
        connection.execute("SET session_replication_role = replica")  # no trigger takes this for work
        connection.execute("TRUNCATE " + ", ".join(names))
        for name in names:
            connection.execute(f"INSERT INTO public.{name} SELECT * FROM kept.{name}")
    admin.init(centre.url_of["owner"], centre.data_dir, new_epoch=new_epoch)
    if not new_epoch:  # on a machine that never knew how far it had come
        (centre.data_dir / "mark").unlink(missing_ok=True)
    centre.start()

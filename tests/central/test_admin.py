"""Making a database a centre: once, again without harm, and anew after a restore."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from app.central import admin, embedded, schema
from app.central.keys import KEY_FILE, load_key
from app.central.store import Store, epoch_of
from app.errors import KnownError
from tests.centre import CentreUnderTest, heads_of


def test_init_again_keeps_key_password_and_epoch(centre: CentreUnderTest) -> None:
    owner, data_dir = centre.url_of["owner"], centre.data_dir
    key, url, epoch = load_key(data_dir).public, admin.app_url(data_dir), epoch_of(centre.owner)
    admin.init(owner, data_dir)
    assert (load_key(data_dir).public, admin.app_url(data_dir), epoch_of(centre.owner)) == (key, url, epoch)
    assert conninfo_to_dict(url)["user"] == "naungan_app"
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT epoch FROM centre").fetchone() == (epoch,)
    for path in data_dir.iterdir():
        if os.name == "posix" and path.is_file():
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_new_epoch_makes_old_cursors_worthless_and_is_told(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    laptop.sync()
    assert laptop.hello().status_code == 204
    admin.init(centre.url_of["owner"], centre.data_dir, new_epoch=True)
    centre.stop()
    centre.start()
    reply = heads_of(laptop.hello())
    assert reply.epoch != laptop.epoch
    assert reply.heads[0].rows == 2, "the laptop and Siti"
    cursor = laptop.cursors[laptop.office]
    assert laptop.ask("GET", f"/v1/feeds/{laptop.office}", params={"cursor": cursor}).status_code == 404
    laptop.epoch, laptop.cursors[laptop.office] = reply.epoch, ""
    assert [row.content.get("name") for row in laptop.pull_scope(laptop.office)] == [None, "Siti"]


def test_what_is_missing_or_open_is_said(tmp_path: Path) -> None:
    with pytest.raises(KnownError):
        admin.app_url(tmp_path)
    with pytest.raises(KnownError):
        load_key(tmp_path)
    path = tmp_path / KEY_FILE
    path.write_bytes(b"pendek")
    with pytest.raises(KnownError):
        load_key(tmp_path)
    path.write_bytes(bytes(range(32)))
    path.chmod(0o644)
    if os.name == "posix":
        with pytest.raises(KnownError):
            load_key(tmp_path)
    path.chmod(0o600)
    assert str(load_key(tmp_path)).startswith("CentreKey(")
    assert bytes(range(32)).hex() not in repr(load_key(tmp_path))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own directory: that one is closed to the account under which root runs PostgreSQL."""
    path = Path(tempfile.mkdtemp(prefix="naungan-pg-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def test_an_embedded_server_stops_and_starts_with_its_data(folder: Path) -> None:
    epochs = []
    for _start in range(2):
        server = embedded.start(folder / "db")
        admin.init(server.url("owner"), folder / "centre")
        store = Store(admin.app_url(folder / "centre"))
        epochs.append(epoch_of(store))
        store.close()
        server.stop()
    assert epochs[0] == epochs[1]


def test_a_centre_of_the_version_before_is_brought_here_with_its_data(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    centre.stop()
    for statement in (
        "DROP TABLE verdict, unborn, epoch_end",
        "DROP INDEX feed_record",
        "ALTER TABLE feed DROP COLUMN device",
        "ALTER TABLE held DROP COLUMN epoch",
        "UPDATE centre SET version = 5",
    ):
        centre.sql(statement)
    with pytest.raises(KnownError):
        centre.start()
    admin.init(centre.url_of["owner"], centre.data_dir, new_epoch=True)
    admin.init(centre.url_of["owner"], centre.data_dir)
    centre.start()
    laptop.push(laptop.make("person", name="Rina"))
    laptop.pull()
    assert laptop.receipt().status_code == 200
    assert centre.sql("SELECT version FROM centre") == [(schema.VERSION,)]
    ended = centre.sql("SELECT head FROM epoch_end WHERE epoch = %s AND scope = %s", laptop.epoch, laptop.office)
    assert ended == [(2,)], "the laptop's own line and Siti"
    with psycopg.connect(centre.url_of["naungan_app"]) as app, pytest.raises(psycopg.Error, match="naungan"):
        app.execute("SELECT * FROM verdict")

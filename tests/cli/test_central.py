"""The centre from the command line: its own PostgreSQL, offices, codes, devices, and a server that ends on a signal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from app.central import embedded
from tests.cli.conftest import Terminal


@pytest.fixture
def place(postgres: embedded.Embedded, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """An empty database, by its owner, and a data folder, as options."""
    name = f"cli_{os.getpid()}"
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {embedded.OWNER}")
    address = tmp_path / "owner.url"
    address.touch(mode=0o600)
    address.write_text(postgres.url("owner", database=name) + "\n", encoding="utf-8")
    yield ("--database-file", str(address), "--data", str(tmp_path / "data"))
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_centre_is_set_up_and_serves_a_laptop(naungan: Terminal, place: tuple[str, ...], tmp_path: Path) -> None:
    naungan.clock.moment = datetime.now(UTC)  # the server is a program of its own and has the real time
    assert "naungan central init" in naungan("central", "office", "list", *place).err
    assert naungan("central", "init", *place).code == 0
    assert naungan("central", "init", *place).code == 0
    office = ["--code", "3273-UPTD", "--name", "UPTD PPA", "--type", "UPTD_PPA", "--region", "3273"]
    assert naungan("central", "office", "add", *office, *place).code == 0
    assert naungan("central", "office", "add", *office, *place).code == 2
    assert "3273-UPTD" in naungan("central", "office", "list", *place).out
    serving_role = tmp_path / "data" / "database-url"
    refused = naungan("central", "enrol", "--office", "3273-UPTD", "--database-file", str(serving_role), *place[2:])
    assert (refused.code, "owner's connection string" in refused.err) == (3, True)
    code = naungan("central", "enrol", "--office", "3273-UPTD", *place).out.strip()
    assert naungan("central", "enrol", "--office", "NOWHERE", *place).code == 2
    with serving(place) as url:
        enrolled = naungan("enrol", "--centre", url, "--code", code, "--json").json
        assert naungan("sync").code == 0
        [line] = naungan("central", "devices", *place, "--json").json["devices"]
        device = line["id"]
        assert (line["words"], line["confirmed"]) == (enrolled["words"], None)
        assert enrolled["words"] in naungan("central", "devices", "--words", *place).out
        assert enrolled["words"] not in naungan("central", "devices", *place).out
        assert naungan("central", "confirm", device, *place).code == 0
        tried = naungan("central", "reprocess", "--code", "unknown_office", "--dry-run", *place)
        assert (tried.code, "dry run" in tried.out) == (0, True)
        assert naungan("central", "confirm", "00" * 16, *place).code == 2
        assert naungan("central", "forks", *place, "--json").json == {"forks": []}
        assert naungan("central", "doubts", *place, "--json").json == {"doubts": []}
        [ours] = naungan("office", "laptops", "--json").json["laptops"]
        assert (ours["device"], ours["words"], ours["approved"]) == (device, enrolled["words"], True)
        [key] = naungan("office", "keys", "--json").json["keys"]
        assert len(key["words"].split()) == 6
        assert naungan("office", "approve", "NOBODY").code == 2
        assert naungan("office", "rotate", "--json").json["words"] != key["words"]
        assert naungan("central", "devices", *place, "--json").json["devices"][0]["confirmed"]
        assert naungan("central", "revoke", device, *place).code == 0
        naungan.enter()
        refused = naungan("sync")
        assert (refused.code, "revoked" in refused.err) == (3, True)
        assert naungan("central", "revoke", device, "--reason", "hilang", *place).code == 2
        assert naungan("central", "revoke", device, "--wipe", "--reason", "hilang", *place).code == 0
        assert naungan("central", "revoke", "zz", "--wipe", *place).code == 2
        wiped = naungan("sync")
    assert (wiped.code, "was destroyed: hilang" in wiped.err) == (3, True)
    assert list(naungan.workspace.rglob("*")) == []
    assert "no workspace" in naungan("case", "list").err
    assert naungan("central", "revoke", "00" * 16, *place).code == 2


def test_a_laptop_is_enrolled_over_tls_by_the_text_it_is_told(naungan: Terminal, place: tuple[str, ...]) -> None:
    naungan.clock.moment = datetime.now(UTC)
    data = place[2:]
    assert naungan("central", "init", *place).code == 0
    assert naungan("central", "ca", "show", *data).code == 2
    assert naungan("central", "ca", "issue", "--host", "localhost", *data).code == 3
    made = naungan("central", "ca", "init", *data, "--json").json
    assert naungan("central", "ca", "init", *data, "--json").json == made
    assert naungan("central", "serve", *place, "--host", "0.0.0.0", "--port", "0").code == 2, "no certificate yet"
    assert naungan("central", "ca", "issue", "--host", "localhost,127.0.0.1", *data).code == 0
    assert made["pin"] in naungan("central", "ca", "show", *data).out
    office = ["--code", "3273-UPTD", "--name", "UPTD PPA", "--type", "UPTD_PPA", "--region", "3273"]
    assert naungan("central", "office", "add", *office, *place).code == 0
    files = ("--tls-cert", f"{data[1]}/tls.crt", "--tls-key", f"{data[1]}/tls.key")
    assert naungan("central", "serve", *place, *files[:2]).code == 2
    with serving(place, *files) as url:
        assert url.startswith("https://")
        told = naungan("central", "enrol", "--office", "3273-UPTD", "--address", url, *place).out
        code, second = told.strip().splitlines()
        assert second == f"{url} {made['pin']}"
        assert naungan("enrol", "--centre", url, "--code", code).code == 2, "without the pin nobody is believed"
        wrong = naungan("enrol", "--centre", url, "--pin", made["pin"][::-1], "--code", code)
        assert (wrong.code, "cannot prove" in wrong.err) == (3, True)
        assert naungan("enrol", "--centre", second, "--code", code).code == 0
        assert naungan("sync").code == 0
    assert "https://localhost:8080 " in naungan("central", "enrol", "--office", "3273-UPTD", *place).out


def test_a_database_that_does_not_answer_is_said(naungan: Terminal, tmp_path: Path) -> None:
    said = naungan("central", "init", "--database", "host=127.0.0.1 port=9 dbname=x", "--data", str(tmp_path))
    assert (said.code, "does not answer" in said.err) == (3, True)
    assert naungan("central", "init").code == 2
    assert naungan("central", "office", "add", "--code", "x", "--embedded", str(tmp_path)).code == 2


def test_a_password_comes_from_a_file_that_nobody_else_reads(naungan: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "owner.url"
    file.write_text("host=127.0.0.1 port=9 dbname=x password=secret", encoding="utf-8")
    file.chmod(0o644)
    init = ("central", "init", "--data", str(tmp_path))
    assert "chmod 600" in naungan(*init, "--database-file", str(file)).err
    file.chmod(0o600)
    assert "does not answer" in naungan(*init, "--database-file", str(file)).err  # read, and tried
    assert "Cannot read" in naungan(*init, "--database-file", str(tmp_path / "none")).err
    for told in ("postgresql://owner:secret@127.0.0.1/x", "host=127.0.0.1 dbname=x password=secret"):
        said = naungan(*init, "--database", told)
        assert (said.code, "--database-file" in said.err) == (2, True)
        assert "secret" not in said.out + said.err
    assert "does not answer" in naungan(*init, "--database", "postgresql://owner@127.0.0.1:9/x").err


def test_a_centre_of_its_own_stops_its_postgresql_with_itself() -> None:
    folder = Path(tempfile.mkdtemp(prefix="naungan-centre-"))  # PostgreSQL, which is never root, has to get in
    with serving(("--embedded", str(folder))) as url:
        assert url.startswith("http://127.0.0.1:")
        assert postgres_in(folder)
    assert not postgres_in(folder)
    shutil.rmtree(folder)


def postgres_in(folder: Path) -> list[int]:
    """PostgreSQL servers that run on data in this folder."""
    return [
        process.pid
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and any(str(folder) in word for word in process.info["cmdline"] or ())
    ]


class serving:  # noqa: N801 - used as a verb
    """`naungan central serve` as a program of its own; it has to end by itself on SIGTERM."""

    def __init__(self, place: tuple[str, ...], *more: str) -> None:
        words = ["central", "serve", *place, *more, "--port", "0", "--language", "en"]
        self._process = subprocess.Popen([sys.executable, "-m", "app", *words], stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.readline().rpartition(" ")[2].strip()

    def __exit__(self, *_error: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        _out, err = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, err
        assert "has stopped" in err

"""The authority of the centre: made once, readable by its owner alone, and what it issues."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from app.central import authority, serve
from app.central.config import Config, TlsFiles
from app.errors import Invalid, KnownError
from app.wire.pin import read_pin
from tests.centre import CentreUnderTest
from tests.conftest import Clock


def test_it_is_made_once_and_nobody_else_reads_its_keys(tmp_path: Path, clock: Clock) -> None:
    first = authority.create(tmp_path / "c", now=clock)
    key = (tmp_path / "c" / "ca.key").read_bytes()
    assert authority.create(tmp_path / "c", now=clock) == first
    assert (tmp_path / "c" / "ca.key").read_bytes() == key
    authority.issue(tmp_path / "c", hosts=["centre.example"], now=clock)
    for name in ("ca.key", "tls.key"):
        assert (tmp_path / "c" / name).stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_renewed_for_the_same_key(tmp_path: Path, clock: Clock) -> None:
    authority.create(tmp_path, now=clock)
    first = authority.issue(tmp_path, hosts=["centre.example", "192.0.2.7"], now=clock)
    key, before = (tmp_path / "tls.key").read_bytes(), (tmp_path / "tls.crt").read_bytes()
    clock.forward(days=300)
    again = authority.issue(tmp_path, hosts=["centre.example"], now=clock)
    assert (tmp_path / "tls.key").read_bytes() == key
    assert (tmp_path / "tls.crt").read_bytes() != before
    assert (first.hosts, again.hosts) == (("centre.example", "192.0.2.7"), ("centre.example",))
    assert again.expires - first.expires == timedelta(days=300)
    assert authority.issued(tmp_path) == again


def test_a_pin_survives_how_people_write_it(tmp_path: Path, clock: Clock) -> None:
    pin = authority.create(tmp_path, now=clock).pin
    assert len(pin) == 64
    assert read_pin(pin.lower().replace("-", " ")) == pin
    assert read_pin(pin[:-1]) is None
    assert read_pin(pin + "A") is None


def test_what_is_missing_damaged_or_open_is_said(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(KnownError, match="ca init"):
        authority.issue(tmp_path, hosts=["centre.example"], now=clock)
    authority.create(tmp_path, now=clock)
    for hosts in ([], [" "], ["pusat.örtlich"]):
        with pytest.raises(Invalid):
            authority.issue(tmp_path, hosts=hosts, now=clock)
    (tmp_path / "ca.key").chmod(0o644)
    with pytest.raises(KnownError, match="600"):
        authority.issue(tmp_path, hosts=["centre.example"], now=clock)
    (tmp_path / "ca.key").unlink()
    with pytest.raises(KnownError):
        authority.issue(tmp_path, hosts=["centre.example"], now=clock)
    assert not (tmp_path / "ca.key").exists(), "a lost key is put back from its copy, never made anew"
    (tmp_path / "ca.crt").write_text("x")
    with pytest.raises(KnownError):
        authority.show(tmp_path)


def test_a_certificate_of_another_key_serves_nothing(tmp_path: Path, clock: Clock) -> None:
    for name in ("one", "two"):
        authority.create(tmp_path / name, now=clock)
        authority.issue(tmp_path / name, hosts=["centre.example"], now=clock)
    good = authority.issued_files(tmp_path / "one")
    assert good is not None
    assert authority.server_context(good).minimum_version is ssl.TLSVersion.TLSv1_3
    with pytest.raises(KnownError):
        authority.server_context(TlsFiles(good.certificate, tmp_path / "two" / "tls.key"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "centre.example"])
def test_outside_this_machine_nothing_is_served_without_tls(centre: CentreUnderTest, host: str) -> None:
    config = Config(centre.url_of["naungan_app"], centre.data_dir, centre.clock)
    with pytest.raises(Invalid, match="TLS"):
        serve.start(config, host=host)

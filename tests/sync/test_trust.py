"""A laptop believes one authority: real TLS servers that are the centre, or only look like it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.central import authority, serve
from app.central.config import Config, TlsFiles
from app.context import system_clock
from app.errors import Invalid, NotTheCentre
from app.models import settings
from app.sync.enrol import enrol
from app.sync.http import HttpTransport
from app.sync.loop import run
from app.sync.meeting import meet, read_address
from app.sync.report import SyncReport
from app.sync.transport import Unreachable
from app.wire import MEDIA_TYPE
from app.wire.messages import Authority, encode
from tests.centre import CentreUnderTest
from tests.conftest import Clock
from tests.sync.laptops import Laptop

HOSTS = ["localhost", "127.0.0.1"]


def files_of(folder: Path, clock: Callable[[], Any], *, hosts: list[str] = HOSTS) -> TlsFiles:
    """A certificate of the authority in this folder, both made here if they are missing."""
    authority.create(folder, now=clock)
    authority.issue(folder, hosts=hosts, now=clock)
    files = authority.issued_files(folder)
    assert files is not None
    return files


@pytest.fixture
def today() -> Clock:
    """The real time, by which OpenSSL judges certificates."""
    return Clock(system_clock())


@contextmanager
def over_tls(centre: CentreUnderTest, files: TlsFiles) -> Iterator[str]:
    """The centre of a test, over TLS too; its other server goes on."""
    config = Config(centre.url_of["naungan_app"], centre.data_dir, centre.clock, tls=files)
    with serve.start(config) as running:
        yield running.base_url


@contextmanager
def somebody(files: TlsFiles | None, reply: bytes, *, tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Iterator[str]:
    """Somebody who answers every request with the same bytes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = tls
    if files:
        context.load_cert_chain(files.certificate, files.key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        stop = threading.Event()

        def answer() -> None:
            while not stop.is_set():
                try:
                    plain, _address = listener.accept()
                except TimeoutError:
                    continue
                try:
                    plain.settimeout(5)
                    speaking = context.wrap_socket(plain, server_side=True) if files else plain
                    speaking.recv(65536)
                    speaking.sendall(reply)
                    speaking.close()
                except OSError:
                    plain.close()

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def page(body: bytes, kind: str) -> bytes:
    """An HTTP reply."""
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        kind.encode(), len(body), body,
    )  # fmt: skip


@pytest.fixture
def pinned(centre: CentreUnderTest, today: Clock) -> Iterator[tuple[str, str]]:
    """A centre over TLS: its URL and pin."""
    files = files_of(centre.data_dir, today)
    own = authority.show(centre.data_dir)
    assert own is not None
    with over_tls(centre, files) as url:
        yield url, own.pin


def enrolled(laptop: Laptop, centre: CentreUnderTest, place: tuple[str, str]) -> bytes:
    """Enrol with the enrolment text; the authority that was kept."""
    with meet(" ".join(place), laptop.workspace.device) as transport:
        enrol(laptop.setup, transport, code=centre.code("A"), tag="A1")
    with laptop.session() as session:
        assert settings.get(session, "centre_url") == place[0]
        kept: bytes = settings.get(session, "centre_ca")
    return kept


def sync(laptop: Laptop, url: str, trusted: bytes) -> SyncReport:
    """One sync with this pinned authority."""
    with HttpTransport(url, laptop.workspace.device, trusted=trusted) as transport:
        return run(laptop.setup, transport)


def test_a_pinned_centre_is_enrolled_at_and_synchronised_with(
    laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # a proxy of the environment would see who speaks to whom
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    trusted = enrolled(laptop, centre, pinned)
    own = authority.show(centre.data_dir)
    assert own is not None
    assert trusted == own.certificate
    assert sync(laptop, pinned[0], trusted).green
    assert sync(laptop, pinned[0].replace("127.0.0.1", "localhost"), trusted).green


def test_only_tls_1_3_is_spoken(pinned: tuple[str, str]) -> None:
    host, port = pinned[0].removeprefix("https://").split(":")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port))) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain)


def test_a_wrong_pin_enrols_nobody(laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str]) -> None:
    other = ("A" if pinned[1][0] != "A" else "B") + pinned[1][1:]
    with pytest.raises(NotTheCentre, match="cannot prove"):
        meet(f"{pinned[0]} {other}", laptop.workspace.device)


def test_the_right_authority_shown_by_somebody_else_enrols_nobody(
    laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str], today: Clock, tmp_path: Path
) -> None:
    """The certificate of the authority is no secret: whoever shows it must also have been certified by it."""
    own = authority.show(centre.data_dir)
    assert own is not None
    reply = page(encode(Authority(own.certificate)), MEDIA_TYPE)
    with somebody(files_of(tmp_path / "other", today), reply) as url:
        way = meet(f"{url} {pinned[1]}", laptop.workspace.device)
        with way as transport, pytest.raises(NotTheCentre, match="cannot prove"):
            enrol(laptop.setup, transport, code=centre.code("A"), tag="A1")


@pytest.mark.parametrize("body", [b"", b"x", b"\x81\xabcertificate\xc4\x01x", encode(Authority(b""))])
def test_rubbish_is_no_authority(
    laptop: Laptop, pinned: tuple[str, str], today: Clock, tmp_path: Path, body: bytes
) -> None:
    with somebody(files_of(tmp_path / "other", today), page(body, MEDIA_TYPE)) as url, pytest.raises(NotTheCentre):
        meet(f"{url} {pinned[1]}", laptop.workspace.device)


def test_impostors_are_refused_after_enrolment(
    laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str], today: Clock, tmp_path: Path
) -> None:
    trusted = enrolled(laptop, centre, pinned)
    ok = page(b"<html>WiFi</html>", "text/html")
    another = files_of(tmp_path / "other", today)
    wrong_host = files_of(centre.data_dir, today, hosts=["centre.example"])
    for files, said in ((another, "cannot prove"), (wrong_host, "another address")):
        with somebody(files, ok) as url:
            problem = sync(laptop, url, trusted).problem
        assert isinstance(problem, NotTheCentre), problem
        assert said in str(problem)
    today.forward(days=-400)
    with somebody(files_of(centre.data_dir, today), ok) as url:
        expired = sync(laptop, url, trusted).problem
    today.forward(days=800)
    with somebody(files_of(centre.data_dir, today), ok) as url:
        early = sync(laptop, url, trusted).problem
    assert "ran out" in str(expired)
    assert "not valid yet" in str(early)
    assert isinstance(expired, NotTheCentre)
    assert isinstance(early, NotTheCentre)


def test_older_tls_plain_http_and_redirects_are_refused(
    laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str], today: Clock
) -> None:
    trusted, files = enrolled(laptop, centre, pinned), files_of(centre.data_dir, today)
    moved = f"HTTP/1.1 302 Found\r\nLocation: {pinned[0]}\r\nContent-Length: 0\r\n\r\n".encode()
    with somebody(files, moved) as url:
        assert isinstance(sync(laptop, url, trusted).problem, NotTheCentre)
    with somebody(files, b"", tls=ssl.TLSVersion.TLSv1_2) as url:
        assert isinstance(sync(laptop, url, trusted).problem, NotTheCentre)
    with somebody(None, page(b"hello", "text/html")) as url:
        assert isinstance(sync(laptop, url, trusted).problem, NotTheCentre)
    with pytest.raises(NotTheCentre, match="cannot prove"):
        sync(laptop, centre.base_url, trusted)  # plain, though it is the real one on this very machine
    with pytest.raises(NotTheCentre, match="No pin"):
        sync(laptop, pinned[0], b"")


def test_a_link_that_breaks_is_no_impostor(laptop: Laptop, centre: CentreUnderTest, pinned: tuple[str, str]) -> None:
    trusted = enrolled(laptop, centre, pinned)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        report = sync(laptop, f"https://127.0.0.1:{nobody.getsockname()[1]}", trusted)
    assert isinstance(report.problem, Unreachable)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://centre.example", "pin"),
        ("https://centre.example ABCD-EFGH", "not complete"),
        ("http://centre.example " + "A" * 52, "https://"),
        ("", "address"),
    ],
)
def test_an_address_that_cannot_be_trusted_is_said_before_anything_is_sent(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        read_address(text)
    assert read_address("http://127.0.0.1:8080").pin == ""

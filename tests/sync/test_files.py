"""The sealed bytes of attachments: after the records, in pieces, to who may have them, and never in the clear."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace

import httpx2
import pytest

from app.errors import CentreRefused, NotFound
from app.services import attachments, consents
from app.services.case_page import open_page
from app.services.sealed_files import SealedFiles
from app.sync.blobs import fetch_file
from app.sync.http_files import HttpFiles
from app.sync.link import METERED
from app.sync.loop import preview, run
from app.sync.report import Cancelled, FilesWaiting, SyncProgress
from app.vault import attachments as files
from app.vault.attachments import FileMissing
from app.vault.partial_files import PartialFile
from app.wire import PIECE
from app.wire.pieces import PIECE_HASH, piece_hash
from tests.centre import Laptop, refusal
from tests.sync.country import Country, refer
from tests.sync.proxy import link_to
from tests.sync.test_sealed import TIERS, Place, offices, place, sealed_case

__all__ = ["offices"]

PAPER = b"%PDF-1.4\n" + b"Surat keterangan lahir Sitti Aminah. " * 40 + secrets.token_bytes(3 * PIECE)


def shared(a: Place, *tiers: str) -> tuple[str, str]:
    """(case, attachment) of a paper in a case that office B is referred."""
    case_id = sealed_case(a)
    paper = attachments.add(a.desk, case_id, "akta.pdf", PAPER).id
    refer(a, case_id, "Kantor B", *(tiers or TIERS))
    return case_id, paper


def blob_of(a: Place, case_id: str) -> str:
    [entry] = attachments.of_case_entries(a.desk, case_id)
    return str(entry["blob"])


def without_files(place: Place) -> None:
    """One whole sync that leaves files for later."""
    with place.country.transport(place.laptop) as transport:
        report = run(replace(place.context.sync_setup(), with_files=False), transport)
    assert report.green
    assert report.files_later


def waiting(place: Place) -> FilesWaiting:
    """What its next sync would move."""
    return preview(place.context.sync_setup()).files


def test_a_paper_goes_to_who_is_sent_sealed_values_and_goes_again_with_them(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    case_id, paper = shared(a)
    assert a.sync().files_left == 0
    assert b.sync().files_left == 0
    assert attachments.open_file(b.desk, paper) == PAPER
    held = b"".join(bytes(data) for (data,) in country.centre.sql("SELECT data FROM blob ORDER BY record, n"))
    assert hashlib.sha256(held).hexdigest() == blob_of(a, case_id)
    assert b"Sitti Aminah" not in held
    again = a.sync()
    assert "files" not in again.seconds, "nothing moves twice"
    consents.withdraw(a.desk, open_page(a.desk, case_id).consents[0].id)
    a.sync()
    b.sync()
    assert list((b.laptop.workspace.directory / files.ATTACHMENTS).iterdir()) == []


def test_without_sensitive_neither_the_record_nor_the_bytes_come(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    case_id, paper = shared(a, "OPEN", "CASE", "IDENTIFYING")
    a.sync()
    b.sync()
    with pytest.raises(NotFound):
        attachments.open_file(b.desk, paper)
    with country.transport(b.laptop) as transport, pytest.raises(CentreRefused) as refused:
        HttpFiles(transport).get_piece(blob_of(a, case_id), paper, start=0, into=bytearray(), moved=lambda _n: None)
    assert refused.value.code == "not_found"


def test_a_link_that_breaks_every_few_kilobytes_carries_it_all_the_same(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    _case, paper = shared(a)
    with link_to(country.centre.base_url) as link:
        link.cut_every = 20_000  # less than a piece: both ways go on inside it
        for each in (a, b):
            link.up = link.down = 0
            with country.transport(each.laptop, url=link.url) as transport:
                report = run(each.context.sync_setup(), transport)
            assert report.problem is None
            assert report.files_left == 0
            assert link.cuts
            assert link.up + link.down < 2 * len(PAPER), "what came before a cut does not come again"
    assert attachments.open_file(b.desk, paper) == PAPER


def test_a_second_laptop_fetches_what_the_first_sent_and_what_was_not_sent_waits(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, _b = offices
    _case, paper = shared(a)
    sealed = a.laptop.workspace.directory / files.ATTACHMENTS
    [lying] = list(sealed.iterdir())
    aside = lying.rename(lying.parent.parent / "aside")
    assert a.sync().files_left == 1, "neither here nor there"
    second = place(country, "a2")
    assert second.sync().files_left == 1
    with pytest.raises(FileMissing):
        attachments.open_file(a.desk, paper)
    aside.rename(lying)
    assert a.sync().files_left == 0
    assert second.sync().files_left == 0
    assert [path.name for path in (second.laptop.workspace.directory / files.ATTACHMENTS).iterdir()] == [lying.name]


def test_a_piece_is_taken_in_its_place_and_the_whole_by_its_hash(country: Country) -> None:
    centre = country.centre
    one, other = centre.device("A"), centre.device("B")
    data = secrets.token_bytes(2 * PIECE + 10)
    name = hashlib.sha256(data).hexdigest()
    case = one.make("case", channel="WALK_IN")
    paper = one.make("attachment", case=case.record.hex(), media_type="image/png", blob=name)
    one.push(case, paper)
    record = paper.record.hex()

    def put(laptop: Laptop, start: int, piece: bytes, *, total: int = len(data), at: str = name) -> httpx2.Response:
        told = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{total}"}
        return laptop.ask("PUT", f"/v1/blobs/{at}?record={record}", content=piece, headers=told)

    assert refusal(put(other, 0, data[:PIECE])) == (404, "not_found"), "not shown to it"
    assert refusal(put(one, 0, data[:PIECE], at="0" * 64)) == (404, "not_found"), "not the file of this record"
    assert refusal(put(one, PIECE, data[PIECE:])) == (413, "size"), "more than a piece"
    assert refusal(put(one, PIECE, data[PIECE : 2 * PIECE])) == (409, "offset")
    assert refusal(put(one, 0, data[:10])) == (400, "format"), "only the last piece is short"
    assert refusal(put(one, 0, data[:PIECE], total=2**27)) == (413, "size")
    assert put(one, 0, data[:PIECE]).headers["naungan-offset"] == str(PIECE)
    assert refusal(one.ask("GET", f"/v1/blobs/{name}?record={record}")) == (404, "not_found"), "not whole yet"
    assert refusal(put(one, PIECE, data[PIECE : 2 * PIECE], total=3 * PIECE)) == (409, "offset")
    put(one, PIECE, data[PIECE : 2 * PIECE])
    assert refusal(put(one, 2 * PIECE, b"x" * 10)) == (422, "hash")
    assert one.ask("HEAD", f"/v1/blobs/{name}?record={record}").headers["naungan-offset"] == "0", "all of it went"
    for start in range(0, len(data), PIECE):
        assert put(one, start, data[start : start + PIECE]).status_code == 200
    whole = b"".join(
        one.ask("GET", f"/v1/blobs/{name}?record={record}", headers={"Range": f"bytes={start}-"}).content
        for start in range(0, len(data), PIECE)
    )
    assert whole == data
    assert refusal(other.ask("GET", f"/v1/blobs/{name}?record={record}")) == (404, "not_found")


def test_half_a_file_outlives_the_program_and_a_disk_that_lies(offices: tuple[Place, Place], country: Country) -> None:
    a, b = offices
    case_id, paper = shared(a)
    a.sync()
    without_files(b)
    name = blob_of(a, case_id)
    folder = b.laptop.workspace.directory / files.ATTACHMENTS

    def begun() -> PartialFile:
        return SealedFiles(b.laptop.workspace.directory).begun(name, digest=piece_hash, size=PIECE)

    with country.transport(b.laptop) as transport, pytest.raises(Cancelled):
        fetch_file(b.context.sync_setup(), transport, paper, cancelled=lambda: begun().length() >= 2 * PIECE)
    assert begun().length() == 2 * PIECE
    half = folder / (name + files.PART)
    assert b"Sitti Aminah" not in half.read_bytes()
    with half.open("r+b") as sector:  # a sector of the second piece changes
        sector.seek(PIECE + 1000)
        sector.write(b"\0" * 16)
    assert begun().length() == PIECE
    with half.open("ab") as disk:  # and a write that was torn
        disk.write(b"torn")
    with country.transport(b.laptop) as transport:
        fetch_file(b.context.sync_setup(), transport, paper)
        assert transport.traffic.down < len(PAPER) - PIECE + 5_000, "the first piece did not come again"
    assert attachments.open_file(b.desk, paper) == PAPER
    assert [each.name for each in folder.iterdir()] == [name]


def test_on_a_metered_link_files_wait_and_one_can_be_fetched(offices: tuple[Place, Place], country: Country) -> None:
    a, b = offices
    _case, paper = shared(a)
    assert waiting(a).up == 1
    a.sync()
    b.context.put_setting(METERED, True)
    report = b.sync()
    assert (report.files_later, report.files_left, report.green) == (1, 0, True)
    assert (waiting(b).down, waiting(b).bytes_down) == (1, len(PAPER))
    told: list[SyncProgress] = []
    with country.transport(b.laptop) as transport:
        fetch_file(b.context.sync_setup(), transport, paper, progress=told.append)
    assert told[-1].done >= len(PAPER)
    assert attachments.open_file(b.desk, paper) == PAPER
    assert not waiting(b).count


def test_who_asks_for_a_file_that_nobody_sent_is_told_so(offices: tuple[Place, Place], country: Country) -> None:
    a, b = offices
    _case, paper = shared(a)
    without_files(a)
    b.sync()
    with country.transport(b.laptop) as transport, pytest.raises(NotFound):
        fetch_file(b.context.sync_setup(), transport, paper)


def test_a_piece_that_changed_on_the_way_is_refused_and_nothing_else_is_lost(country: Country) -> None:
    one = country.centre.device("A")
    data = secrets.token_bytes(PIECE + 10)
    name = hashlib.sha256(data).hexdigest()
    case = one.make("case", channel="WALK_IN")
    paper = one.make("attachment", case=case.record.hex(), media_type="image/png", blob=name)
    one.push(case, paper)
    path = f"/v1/blobs/{name}?record={paper.record.hex()}"

    def put(start: int, piece: bytes, said: bytes) -> httpx2.Response:
        told = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(data)}"}
        return one.ask("PUT", path, content=piece, headers=told | {PIECE_HASH: piece_hash(said).hex()})

    assert put(0, data[:PIECE], data[:PIECE]).status_code == 200
    assert refusal(put(PIECE, b"x" * 10, data[PIECE:])) == (422, "piece")
    assert one.ask("HEAD", path).headers["naungan-offset"] == str(PIECE), "what was here stays"
    assert put(PIECE, data[PIECE:], data[PIECE:]).status_code == 200
    reply = one.ask("GET", path, headers={"Range": "bytes=100-"})
    assert reply.content == data[100:PIECE]
    assert reply.headers[PIECE_HASH] == piece_hash(data[:PIECE]).hex()

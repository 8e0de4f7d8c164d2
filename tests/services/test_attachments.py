"""Attachments: what is taken, what lies on the disk, and what happens when it is not what was put there."""

from __future__ import annotations

import io
import random
import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from app import context as contexts
from app.errors import Forbidden, Invalid, NotFound
from app.i18n import _
from app.models.all import Attachment
from app.models.field import field_map, said_fields
from app.models.local import AuditEntry
from app.models.sealed import HIDDEN, is_token
from app.services import attachments
from app.services.attachments import LIMIT, add, file_name, of_case_entries, open_file, tidy
from app.services.audit_words import field_labels
from app.services.desk import Desk
from app.services.intake import take
from app.services.thumbnail import BYTES, SIDE, picture_of
from app.vault import attachments as files
from app.vault.attachments import CHUNK, FileAltered, FileMissing
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.worlds import PASSWORD, intake

NEEDLE = b"NADEL-IM-FOTO"
PDF = b"%PDF-1.7\n" + NEEDLE * 20_000  # several chunks


def picture(kind: str, *, size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, kind)
    return made.getvalue()


def record(desk: Desk, attachment_id: str) -> Attachment:
    with desk.read() as session:
        return session.scalars(select(Attachment).where(Attachment.id == attachment_id)).one()


def sealed_file(desk: Desk, attachment_id: str) -> Path:
    return desk.directory / files.ATTACHMENTS / record(desk, attachment_id).blob


@pytest.mark.parametrize("data", [PDF, picture("JPEG"), picture("PNG")], ids=["pdf", "jpeg", "png"])
def test_a_file_comes_back_whole_and_lies_sealed(desk, case_id, data):
    added = add(desk, case_id, "visum dokter.pdf", data)
    assert open_file(desk, added.id) == data
    (entry,) = of_case_entries(desk, case_id)
    assert (entry["title"], entry["size"], attachments.is_here(desk, entry)) == ("visum dokter.pdf", len(data), True)
    lying = b"".join(path.read_bytes() for path in desk.directory.rglob("*") if path.is_file())
    assert NEEDLE not in lying and b"visum dokter" not in lying
    assert is_token(record(desk, added.id).title)
    with desk.read() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
        assert (last.action, last.kind, last.record) == ("open", "attachment", added.id)


def test_who_is_not_cleared_attaches_and_opens_nothing_and_sees_that_something_is_there(desk, case_id):
    added, colleague = add(desk, case_id, "foto", PDF), replace(desk, keyring=None)
    for act in (lambda: add(colleague, case_id, "foto", PDF), lambda: open_file(colleague, added.id)):
        with pytest.raises(Forbidden):
            act()
    assert [entry["title"] for entry in of_case_entries(colleague, case_id)] == [HIDDEN]
    assert len(list((desk.directory / files.ATTACHMENTS).iterdir())) == 1


def test_twenty_mebibytes_and_no_byte_more(desk, case_id, tmp_path):
    most = b"%PDF-" + bytes(LIMIT - 5)
    assert len(open_file(desk, add(desk, case_id, "besar", most).id)) == LIMIT
    for source in (most + b"x", tmp_path / "huge"):
        if isinstance(source, Path):
            with source.open("wb") as out:
                out.write(b"%PDF-")
                out.truncate(50 * LIMIT)  # a hole: nothing of it is on the disk
        with pytest.raises(Invalid, match="20 MiB"):
            add(desk, case_id, "terlalu besar", source)


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 50,000 by 50,000."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


REFUSED = {
    "empty": b"", "words": b"halo", "program": b"MZ" + bytes(500), "archive": b"PK\x03\x04" + bytes(100),
    "gif": picture("GIF"), "page": b"<html><script>alert(1)</script>", "no picture": b"\x89PNG\r\n\x1a\n" + bytes(60),
    "only a start": b"\xff\xd8\xff", "bomb": bomb(), "pdf after words": b"x" * 20 + PDF,
}  # fmt: skip


def test_what_is_no_photograph_and_no_scan_is_refused(desk, case_id, survived):
    for name, data in REFUSED.items():
        with pytest.raises(Invalid) as said:
            add(desk, case_id, "foto.png", data)
        assert said.value.problems[0][0] == "media_type", name
    assert not (desk.directory / files.ATTACHMENTS).exists()
    for kind in ("JPEG", "PNG"):
        add(desk, case_id, "foto.png", picture(kind))
    survived(len(REFUSED), of=len(REFUSED), control="a photograph under the same name is taken")


def test_a_file_that_is_not_what_was_put_there_is_told(desk, case_id, survived):
    added = add(desk, case_id, "foto", PDF)
    other = add(desk, take(desk, intake()).id, "lain", PDF + b"x")
    path = sealed_file(desk, added.id)
    told, one = path.read_bytes(), CHUNK + 16
    swapped = told[:15] + told[15 + one : 15 + 2 * one] + told[15 : 15 + one] + told[15 + 2 * one :]
    wrong = [told[:-one], told + told[-one:], bytes(len(told)), swapped, sealed_file(desk, other.id).read_bytes(), b""]
    for bytes_there in wrong:
        path.write_bytes(bytes_there)
        with pytest.raises(FileAltered):
            open_file(desk, added.id)
    path.unlink()
    with pytest.raises(FileMissing):
        open_file(desk, added.id)
    path.write_bytes(told)
    assert open_file(desk, added.id) == PDF
    survived(len(wrong) + 1, of=len(wrong) + 1, control="with its own bytes put back it opens")


def test_no_altered_file_opens_under_its_own_key(tries, survived):
    """Also where the name would be made to fit: the chunks seal themselves, and their order and number."""
    key, dice = bytes(32), random.Random(5)
    plain = bytes(dice.randbytes(3 * CHUNK))
    told = files.sealed_bytes(plain, key=key)
    assert files.opened_bytes(told, key=key) == plain
    count = tries(ci=60, full=3_000)
    for _each in range(count):
        bits = bytearray(told)
        bits[dice.randrange(len(bits))] ^= 1 << dice.randrange(8)
        for altered in (bytes(bits), told[: dice.randrange(len(told))]):
            with pytest.raises(FileAltered):
                files.opened_bytes(altered, key=key)
    for n in (0, 1, CHUNK, CHUNK + 1, 2 * CHUNK):
        assert files.opened_bytes(files.sealed_bytes(bytes(n), key=key), key=key) == bytes(n)
    survived(2 * count, of=2 * count, control="unaltered, and at five lengths around the seams of its pieces, it opens")


def test_a_record_of_another_case_does_not_open_it(desk, case_id):
    added, second = add(desk, case_id, "foto", PDF), take(desk, intake()).id
    here = record(desk, added.id)
    with desk.write(attachments.Permission.WRITE_CASE) as session:
        copy = Attachment(case_id=second, media_type=here.media_type, size=1, blob=here.blob, kid=here.kid)
        session.add(copy)
    with pytest.raises(NotFound):
        open_file(desk, copy.id)
    with desk.write(attachments.Permission.WRITE_CASE) as session:
        again = Attachment(case_id=case_id, media_type=here.media_type, size=1, blob=here.blob, kid=here.kid)
        session.add(again)
    with pytest.raises(FileAltered):  # the right key, another attachment
        open_file(desk, again.id)


@pytest.mark.parametrize("name", ["../../naungan.keys", "/etc/passwd", "..\\..\\workspace.db", "", "A" * 64, "a" * 63])
def test_a_name_never_walks_out_of_the_folder(desk, name):
    with pytest.raises(FileMissing):
        files.read_sealed(desk.directory, name)
    files.forget(desk.directory, [name])
    assert (desk.directory / "naungan.keys").exists()


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\Users\\siti\\foto korban.jpg", "foto korban.jpg"), ("CON", "(CON)"),
        ("nul.pdf", "(nul.pdf)"), ("foto\u202egpj.exe", "fotogpj.exe"), ("a\x00b\n c", "ab c"),
        ("  .hidden. ", "hidden"),
        ("x" * 500, "x" * 200),
    ],
)  # fmt: skip
def test_a_title_has_no_folders_and_no_signs_that_mislead(typed, title):
    assert tidy(typed) == title


def test_a_name_outside_is_safe_on_every_system():
    assert file_name('a<b>:"|?*', "image/png") == "a_b______.png"
    assert file_name("foto.JPG", "image/jpeg") == "foto.JPG" and file_name("../..", "application/pdf") == "file.pdf"


def test_what_a_kill_left_is_swept_and_a_save_that_fails_leaves_nothing(desk, case_id):
    folder = desk.directory / files.ATTACHMENTS
    with pytest.raises(NotFound):
        add(desk, "0" * 32, "foto", PDF)
    with pytest.raises(Invalid):
        add(desk, case_id, "...", PDF)
    assert not folder.exists() or not list(folder.iterdir())
    added = add(desk, case_id, "foto", PDF)
    (folder / "0123.new").write_bytes(b"half")
    files.sweep(desk.directory)
    assert [path.name for path in folder.iterdir()] == [record(desk, added.id).blob]


@pytest.mark.parametrize("data", [b"<svg xmlns=''/>", bomb(), picture("JPEG")], ids=["svg", "bomb", "other"])
def test_what_another_program_attached_that_ours_refuses_is_not_opened(desk, case_id, data, monkeypatch):
    with monkeypatch.context() as theirs:
        theirs.setattr(attachments, "kind_of", lambda _data: "image/png")
        added = add(desk, case_id, "foto", data)
    with pytest.raises(FileAltered):
        open_file(desk, added.id)


def test_an_unlock_sweeps_what_a_kill_left_and_nothing_that_has_a_record(workspace, desk, case_id, clock):
    folder, added = desk.directory / files.ATTACHMENTS, add(desk, case_id, "foto", PDF)
    named = record(desk, added.id).blob
    (folder / "0123.new").write_bytes(b"half")
    workspace.close()
    vault = Vault(cost=CHEAPEST)
    opened = contexts.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault)
    assert [path.name for path in folder.iterdir()] == [named]
    assert open_file(opened.desk, added.id) == PDF
    opened.close()


def test_a_photograph_travels_small_with_its_record_and_tells_nothing_of_the_camera(desk, case_id):
    noise = random.Random(7)
    large = Image.frombytes("RGB", (900, 600), noise.randbytes(900 * 600 * 3))  # the least kind a JPEG can have
    exif = Image.Exif()
    exif[0x0110], exif[0x0112] = "NADEL-KAMERA", 6  # its camera, and that it lies on its side
    made = io.BytesIO()
    large.save(made, "JPEG", exif=exif)
    add(desk, case_id, "Foto", made.getvalue())
    [entry] = of_case_entries(desk, case_id)
    small = picture_of(entry["thumbnail"])
    assert 0 < len(small) <= BYTES
    assert b"NADEL" not in small
    with Image.open(io.BytesIO(small)) as shown:
        assert max(shown.size) <= SIDE
        assert shown.height > shown.width, "the right way up"
        assert not shown.getexif()
    with desk.read() as session:
        assert is_token(session.scalars(select(Attachment)).one().thumbnail)
    assert of_case_entries(replace(desk, keyring=None), case_id)[0]["thumbnail"] is HIDDEN


def test_what_is_clear_in_a_drawing_is_white_and_a_scan_has_no_small_picture(desk, case_id):
    made = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(made, "PNG")
    add(desk, case_id, "Gambar", made.getvalue())
    add(desk, case_id, "Pindaian", PDF)
    drawing, scan = of_case_entries(desk, case_id)
    with Image.open(io.BytesIO(picture_of(drawing["thumbnail"]))) as shown:
        assert min(shown.getpixel((5, 5))) > 250
    assert scan["thumbnail"] is None


@pytest.mark.parametrize("told", [None, HIDDEN, "kein base64!", "AAAA", "/9j/" + "A" * 20_000])
def test_a_thumbnail_that_is_none_of_ours_shows_nothing(told):
    assert picture_of(told) == b""


def test_no_list_of_fields_says_the_thumbnail():
    assert "thumbnail" in field_map(Attachment)
    assert "thumbnail" not in {field.key for field in said_fields(Attachment)}
    assert field_labels("create", kind="attachment", fields=("title", "thumbnail")) == (_("Title"),)

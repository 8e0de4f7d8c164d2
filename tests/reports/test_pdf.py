"""The file: pages, bookmarks, fonts, metadata, password, preview."""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from app.i18n import _, speaking
from app.reports.api import case_summary_document, case_summary_pdf
from app.reports.document import Document, Entry, Paragraph, Section, Timeline, texts
from app.reports.pdf import to_pdf
from app.reports.preview import LONGEST_SIDE, MOST_PIXELS, page_count, page_png, pages_png
from app.reports.protect import WORDS, passphrase, protect, word_list
from app.reports.redaction import Profile, Release
from tests.reports.pdf_reading import read
from tests.reports.sample import NOW, case_input, occasion, release

INTERNAL = Release(profile=Profile.INTERNAL)


def made(language: str = "id", password: str | None = None, to: Release = INTERNAL) -> bytes:
    return case_summary_pdf(case_input(), release=to, occasion=occasion(), language=language, password=password).pdf


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("profile", list(Profile))
def test_a_typical_case_takes_two_pages(profile: Profile, language: str) -> None:
    assert page_count(made(language, to=release(profile))) == 2


def test_the_same_case_gives_the_same_document_and_the_same_bytes() -> None:
    documents = {case_summary_document(case_input(), release=INTERNAL, occasion=occasion(), language="id")
                 for _n in range(2)}  # fmt: skip
    assert len(documents) == 1
    assert made() == made()


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_language_is_that_of_the_report_not_of_the_screen(language: str) -> None:
    shown, _fields = case_summary_document(case_input(), release=INTERNAL, occasion=occasion(), language=language)
    words = "\n".join(texts(shown))
    assert shown.language == language
    assert ("Tinggi" in words, "Perempuan" in words) == ((True, True) if language == "id" else (False, False))
    with pikepdf.open(io.BytesIO(made(language))) as file:
        assert str(file.Root.Lang) == language


def _long(pages: int) -> Document:
    entries = tuple(Entry(str(n), "x", "y", "kata " * 40) for n in range(pages * 26))
    shown, _fields = case_summary_document(case_input(), release=INTERNAL, occasion=occasion(), language="en")
    return replace(shown, sections=(Section("Awal", (Paragraph("a"),)), Section("Garis", (Timeline(entries),)),
                                    Section("Akhir & <b>", (Paragraph("z"),))))  # fmt: skip


@pytest.mark.parametrize("pages", [1, 9, 11])
def test_every_page_says_which_it_is_and_of_how_many(pages: int) -> None:
    pdf, count = to_pdf(_long(pages), now=NOW)
    found = read(pdf).pages
    assert len(found) == count >= pages
    with speaking("en"):
        for n, page in enumerate(found, start=1):
            footer = " ".join(page.split())
            assert _("Page {page}").format(page=n) + " " + _("of {pages}").format(pages=count) in footer
            assert "7K2M-9QXD" in footer
            assert "Unit PPA Polrestabes Bandung" in footer
            assert "Penyelidikan" in footer


def test_a_bookmark_leads_to_the_page_of_its_section() -> None:
    file = read(to_pdf(_long(5), now=NOW)[0])
    assert [title for title, _page in file.outline] == ["Awal", "Garis", "Akhir & <b>"]
    assert all(title in file.pages[page] for title, page in file.outline)
    assert file.outline[-1][1] == len(file.pages) - 1


def test_headers_of_a_table_are_repeated_on_the_next_page() -> None:
    services = tuple((f"{n:032x}", {"service_type": "P.COUNSEL", "goal": f"Sasaran {n}"}) for n in range(120))
    many = case_summary_pdf(
        case_input(service=services), release=INTERNAL, occasion=occasion(), language="en", password=None
    )
    pages = [page for page in read(many.pdf).pages if "Sasaran" in page]
    assert len(pages) > 2
    assert all("Details" in page for page in pages)


def test_only_open_sans_is_used_and_it_is_embedded() -> None:
    fonts = read(made()).fonts
    assert fonts
    assert all(embedded for embedded in fonts.values())
    assert all("OpenSans" in name for name in fonts)


def test_the_file_does_not_talk_about_people() -> None:
    file = read(made(to=release(Profile.POLICE)))
    assert "7K2M-9QXD" in file.metadata
    for word in ("Ani", "Nurhayati", "Siti", "Rahma", "Polres", "3273", "Penyelidikan"):
        assert word not in file.metadata
    finished = case_summary_pdf(case_input(), release=INTERNAL, occasion=occasion(), language="id")
    assert finished.file_name == "naungan-7K2M-9QXD.pdf"


def test_the_date_in_the_file_is_the_moment_it_was_asked_for() -> None:
    assert "D:20261124031500" in read(made()).metadata


def test_a_protected_file_is_aes_256_and_opens_with_its_words_only() -> None:
    finished = case_summary_pdf(case_input(), release=INTERNAL, occasion=occasion(), language="id")
    assert finished.sha256 == hashlib.sha256(finished.pdf).hexdigest()
    for wrong in ("", "wrong", finished.password + "x", finished.password.upper()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(finished.pdf), password=wrong)
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(finished.pdf, password=wrong or None)
    with pikepdf.open(io.BytesIO(finished.pdf), password=finished.password) as file:
        assert (file.encryption.R, file.encryption.V, file.encryption.bits) == (6, 5, 256)
        assert str(file.encryption.stream_method).endswith("aesv3")
        assert not file.allow.extract
        assert not file.allow.modify_other
        assert file.allow.print_highres
        assert file.user_password_matched
        assert not file.owner_password_matched
    assert b"7K2M-9QXD" not in finished.pdf
    assert "Ani Nurhayati" in read(finished.pdf, password=finished.password).everything


def test_two_files_have_two_passphrases() -> None:
    assert len({passphrase() for _n in range(200)}) == 200


def test_a_passphrase_has_six_words_worth_64_bits() -> None:
    words = word_list()
    assert len(set(words)) == len(words) >= 2048
    assert all(word.isascii() and word.isalpha() and word.islower() and 3 <= len(word) <= 8 for word in words)
    assert list(words) == sorted(words)
    assert WORDS * math.log2(len(words)) >= 64
    drawn = passphrase().split("-")
    assert len(drawn) == WORDS
    assert set(drawn) <= set(words)


def test_a_chosen_password_is_used_and_an_empty_one_refused() -> None:
    finished = case_summary_pdf(
        case_input(), release=INTERNAL, occasion=occasion(), language="id", password="kata sandi \u00e9"
    )
    assert page_count(finished.pdf, password="kata sandi \u00e9") == 2
    with pytest.raises(ValueError, match="password"):
        protect(finished.pdf, "")


def test_the_preview_shows_each_page_from_memory() -> None:
    finished = case_summary_pdf(case_input(), release=INTERNAL, occasion=occasion(), language="id")
    pictures = [Image.open(io.BytesIO(png)) for png in pages_png(finished.pdf, password=finished.password, dpi=72)]
    assert [picture.size for picture in pictures] == [(596, 842), (596, 842)]
    assert all(len(picture.convert("L").getcolors(256) or []) > 20 for picture in pictures), "something is drawn"
    assert page_png(finished.pdf, 1, password=finished.password, dpi=72)[:4] == b"\x89PNG"
    with pytest.raises(IndexError):
        page_png(finished.pdf, 2, password=finished.password)


def test_the_mark_across_the_page_names_the_recipient_outside_the_office_only() -> None:
    outside = case_summary_document(case_input(), release=release(Profile.POLICE), occasion=occasion(), language="id")[
        0
    ]
    inside = case_summary_document(case_input(), release=INTERNAL, occasion=occasion(), language="id")[0]
    assert "Unit PPA Polrestabes Bandung" in outside.marks.watermark
    assert inside.marks.watermark == ""
    pages = read(to_pdf(outside, now=NOW)[0]).pages
    assert all(page.count("Unit PPA Polrestabes Bandung") >= 2 for page in pages)


@pytest.mark.parametrize("size", [(14_400, 30), (30, 14_400), (14_400, 14_400), (0.5, 9_000)])
def test_a_page_of_any_size_is_drawn_within_bounds(size: tuple[float, float]) -> None:
    sheet = io.BytesIO()
    paper = Canvas(sheet, pagesize=size)
    paper.showPage()
    paper.save()
    drawn = Image.open(io.BytesIO(page_png(sheet.getvalue(), 0, dpi=600)))
    assert drawn.width * drawn.height <= 1.01 * MOST_PIXELS
    assert max(drawn.size) <= LONGEST_SIDE + 1

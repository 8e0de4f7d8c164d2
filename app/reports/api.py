"""The door of the package: a case goes in, a finished file and what the audit needs to know come out.

Whatever the format, the case is reduced once and read once: PDF, sheets and data hold the same fields.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.i18n import N_, _, format_datetime, speaking
from app.lazy import lazy
from app.models.codelist import label
from app.reports import interchange
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion, case_summary
from app.reports.document import Document
from app.reports.reading import Reading
from app.reports.redaction import Profile, Release, reduce_case
from app.reports.sheet import Book, Check, book, no_check, to_csv, to_xlsx

if TYPE_CHECKING:
    from app.reports import pdf as drawing
    from app.reports import protect as protection
else:
    drawing = lazy("app.reports.pdf")
    protection = lazy("app.reports.protect")

GENERATE = "generate"
ENCLOSED = ".age"


class Format(StrEnum):
    """In which form a report leaves."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


FORMATS: dict[Format, str] = {
    Format.PDF: N_("PDF, to read and print"),
    Format.XLSX: N_("Sheet (XLSX)"),
    Format.CSV: N_("Table as text (CSV)"),
    Format.JSON: N_("Data for another program (JSON)"),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file ready to be handed over. `password` is '' if it has none; `fields` lists what it holds: 'person.name'.

    `sha256` is that of the bytes as they are handed over. `pages` is 0 for what has none.
    """

    data: bytes
    password: str
    sha256: str
    pages: int
    fields: tuple[str, ...]
    file_name: str

    @property
    def pdf(self) -> bytes:
        """The bytes of a PDF."""
        return self.data


def case_summary_document(
    case: CaseInput, *, release: Release, occasion: Occasion, language: str
) -> tuple[Document, tuple[str, ...]]:
    """The summary before it is drawn, and the fields it holds. Invalid if consent is needed and there is none."""
    with speaking(language):
        reading = Reading(reduce_case(case, release))
        document = case_summary(reading, release=release, occasion=occasion)
        return document, reading.said


def case_summary_pdf(
    case: CaseInput, *, release: Release, occasion: Occasion, language: str, password: str | None = GENERATE
) -> Rendered:
    """The summary of a case as a PDF, by default under a generated passphrase; `password=None` leaves it open.

    Raises Invalid if the profile needs a consent and `release.may_leave` gives none.
    """
    document, fields = case_summary_document(case, release=release, occasion=occasion, language=language)
    return paper_pdf(document, fields, occasion=occasion, password=password)


def paper_pdf(document: Document, fields: tuple[str, ...], *, occasion: Occasion, password: str | None) -> Rendered:
    """Any other paper as a PDF, locked in the same way."""
    pdf, pages = drawing.to_pdf(document, now=occasion.now)
    words = _words(password)
    finished = protection.protect(pdf, words) if words else pdf
    name = f"naungan-{occasion.export_id}.pdf"
    return Rendered(finished, words, hashlib.sha256(finished).hexdigest(), pages, fields, name)


def case_summary_file(
    case: CaseInput, form: Format, *, release: Release, occasion: Occasion, language: str,
    password: str | None = GENERATE,
) -> Rendered:  # fmt: skip
    """The same in any format; what is no PDF is enclosed in an age file unless `password` is None."""
    if form is Format.PDF:
        return case_summary_pdf(case, release=release, occasion=occasion, language=language, password=password)
    document, fields = case_summary_document(case, release=release, occasion=occasion, language=language)
    with speaking(language):
        cover = tuple(cover_lines(release.profile, occasion))
        if form is Format.JSON:
            head = {
                "id": occasion.export_id, "recipient": occasion.recipient, "purpose": occasion.purpose,
                "made": occasion.now.isoformat(), "profile": release.profile.value,
            }  # fmt: skip
            data = interchange.to_json(reduce_case(case, release), said=fields, head=head, left_out=occasion.left_out)
        else:
            data = written(book(document, cover), form, occasion=occasion)
    return enclosed(data, form, password=password, fields=fields, export_id=occasion.export_id)


def cover_lines(profile: Profile, occasion: Occasion) -> Iterator[tuple[str, str]]:
    """What a sheet says about itself."""
    yield _("Recipient"), occasion.recipient
    yield _("What for"), occasion.purpose
    yield _("Made on"), format_datetime(occasion.now, with_zone=True)
    yield _("Prepared by"), occasion.worker
    yield _("How much it says"), label("redaction_profile", profile)
    yield _("Number of the export"), occasion.export_id


def written(made: Book, form: Format, *, occasion: Occasion, check: Check = no_check) -> bytes:
    """The sheets as bytes, in XLSX or CSV."""
    return to_xlsx(made, now=occasion.now, check=check) if form is Format.XLSX else to_csv(made, check=check)


def enclosed(
    data: bytes, form: Format, *, password: str | None, fields: tuple[str, ...], export_id: str
) -> Rendered:  # fmt: skip
    """The bytes under a passphrase, or as they are when `password` is None."""
    words = _words(password)
    finished = protection.enclose(data, words) if words else data
    name = f"naungan-{export_id}.{form}{ENCLOSED if words else ''}"
    return Rendered(finished, words, hashlib.sha256(finished).hexdigest(), 0, fields, name)


def _words(password: str | None) -> str:
    return protection.passphrase() if password == GENERATE else password or ""

"""The door of the package: a case goes in, a finished file and what the audit needs to know come out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.i18n import speaking
from app.lazy import lazy
from app.reports.case_input import CaseInput
from app.reports.case_summary import Occasion, case_summary
from app.reports.document import Document
from app.reports.reading import Reading
from app.reports.redaction import Release, reduce_case

if TYPE_CHECKING:
    from app.reports import pdf as drawing
    from app.reports import protect as protection
else:
    drawing = lazy("app.reports.pdf")
    protection = lazy("app.reports.protect")

GENERATE = "generate"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file ready to be handed over. `password` is '' if it has none; `fields` lists what it holds: 'person.name'.

    `sha256` is that of the bytes as they are handed over.
    """

    pdf: bytes
    password: str
    sha256: str
    pages: int
    fields: tuple[str, ...]
    file_name: str


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
    pdf, pages = drawing.to_pdf(document, now=occasion.now)
    words = protection.passphrase() if password == GENERATE else password or ""
    finished = protection.protect(pdf, words) if words else pdf
    digest = hashlib.sha256(finished).hexdigest()
    return Rendered(finished, words, digest, pages, fields, f"naungan-{occasion.export_id}.pdf")

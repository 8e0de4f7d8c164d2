"""The certificate of an erasure: that it was done, on which basis, by whom, and what remains. It names nobody erased.

Made from the record of the erasure alone, as often as it is wanted: what was erased is not needed for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from app.i18n import _, format_date, format_datetime, format_number, language, speaking
from app.lazy import lazy
from app.models.codelist import label
from app.models.erasure import OF_CASE, Erasure
from app.models.field import field_map
from app.reports.document import (
    Badge,
    Block,
    Document,
    Fields,
    Marks,
    Notice,
    Paragraph,
    Section,
    Signatures,
    Tone,
    table,
)

if TYPE_CHECKING:
    from app.reports import pdf as drawing
else:
    drawing = lazy("app.reports.pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureFacts:
    """What the record of an executed erasure says, with the names of colleagues. Ids are 32 hexadecimal digits."""

    erasure: str
    subject_kind: str
    subject: str
    basis: str
    asked_by: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    executed_at: datetime
    no_proceedings: bool
    counts: tuple[tuple[str, int], ...]  # (field of the record, how many)
    exports: int  # papers that were handed out before
    last_backup: date  # after this day no backup from before is left
    office: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A finished certificate and the SHA-256 of its bytes."""

    pdf: bytes
    sha256: str
    pages: int
    file_name: str


def certificate_pdf(facts: ErasureFacts, *, now: datetime, language: str) -> Certificate:
    """The certificate as a PDF in this language; open, because it holds nobody's data."""
    with speaking(language):
        document = certificate(facts, now=now)
    pdf, pages = drawing.to_pdf(document, now=now)
    return Certificate(pdf, hashlib.sha256(pdf).hexdigest(), pages, f"naungan-erasure-{facts.erasure[-12:]}.pdf")


def certificate(facts: ErasureFacts, *, now: datetime) -> Document:
    """The document, in the language of the running code."""
    sections = (
        Section(_("What was erased"), tuple(_what(facts))),
        Section(_("Who decided"), tuple(_who(facts))),
        Section(_("What was removed"), tuple(_removed(facts))),
        Section(_("What remains"), tuple(_remains(facts))),
        Section(_("Signatures"), (_signatures(facts, now=now),)),
    )
    return Document(
        language=language(),
        kind=_("Certificate of erasure"),
        title=facts.erasure,
        badges=(Badge(_("Erased on {date}").format(date=format_date(facts.executed_at.date())), Tone.GOOD),),
        strip=Fields(((_("Legal basis"), label("erasure_basis", facts.basis)), (_("Office"), facts.office)), columns=2),
        sections=sections,
        marks=_marks(facts, now=now),
    )


def _what(facts: ErasureFacts) -> Iterator[Block]:
    whole, person = _("A case with everything in it"), _("A person and their parts in cases")
    kind = whole if facts.subject_kind == OF_CASE else person
    yield Fields(((_("What"), kind), (_("Id"), facts.subject)), columns=2)
    yield Notice(_("The id says nothing about anybody; whoever meets it again can see that it was erased."))


def _who(facts: ErasureFacts) -> Iterator[Block]:
    yield Fields(
        (
            (_("Asked for by"), label("erasure_asker", facts.asked_by)),
            (_("Requested by"), facts.requested_by),
            (_("Requested at"), format_datetime(facts.requested_at, with_zone=True)),
            (_("Approved by"), facts.decided_by),
            (_("Erased at"), format_datetime(facts.executed_at, with_zone=True)),
            (_("Proceedings"), _("None are known") if facts.no_proceedings else _("The basis reaches past them")),
        )
    )


def _removed(facts: ErasureFacts) -> Iterator[Block]:
    labels = field_map(Erasure)
    rows = [(_(labels[key].label), format_number(count)) for key, count in facts.counts]
    yield table((_("On the laptop that erased"), _("Number")), rows, widths=(0.7, 0.3))
    yield Paragraph(
        _(
            "At its next contact the centre empties its copies and its history of them, and every other laptop that "
            "held them removes them too. What arrives later about them is refused."
        )
    )


def _remains(facts: ErasureFacts) -> Iterator[Block]:
    yield Paragraph(
        _("Backups made before hold it still. The last of them is gone after {date}.").format(
            date=format_date(facts.last_backup)
        )
    )
    yield Paragraph(
        _("The audit keeps ids, names of fields, who and when; statistics that were counted before keep their numbers.")
    )
    yield Paragraph(
        _(
            "Not reached: paper, PDFs and sheets that were exported, copies that were carried away. "
            "Papers handed out before, by the register: {n}."
        ).format(n=format_number(facts.exports))
    )


def _signatures(facts: ErasureFacts, *, now: datetime) -> Signatures:
    place = facts.place or "." * 30
    who = ((_("Requested by"), facts.requested_by), (_("Case supervisor"), facts.decided_by))
    return Signatures(f"{place}, {format_date(now.date())}", who)


def _marks(facts: ErasureFacts, *, now: datetime) -> Marks:
    made = format_datetime(now, with_zone=True)
    lines = (facts.office, _("Erasure {id} \u00b7 printed {date}").format(id=facts.erasure, date=made))
    return Marks(facts.erasure, lines)

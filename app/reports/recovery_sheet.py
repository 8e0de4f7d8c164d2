"""The recovery sheet: one page of paper with a recovery key, what it is for, and whom to keep it with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.i18n import N_, _, format_datetime, speaking
from app.lazy import lazy
from app.reports.document import Document, Fields, Marks, Notice, Paragraph, Section, Table

if TYPE_CHECKING:
    from app.reports import pdf as drawing
else:
    drawing = lazy("app.reports.pdf")

DISTRICT, CENTRE = "district", "centre"
HOLDERS = {DISTRICT: N_("Recovery key of the district"), CENTRE: N_("Recovery key of the centre")}
KEPT_BY = {
    DISTRICT: N_("Keep this sheet with the head of the office, in a sealed envelope in a locked cupboard. It must not "
                 "lie beside the laptop, and the person who keeps the centre's sheet must not keep this one."),
    CENTRE: N_("Keep this sheet at the centre, in a sealed envelope in a safe. The person who keeps the district's "
               "sheet must not keep this one."),
}  # fmt: skip
PURPOSE = N_(
    "With both recovery keys, the district's and the centre's, somebody can be let into the workspace again when every "
    "password or the key file is lost. One of the two alone opens nothing. Whoever has both reads everything."
)
BARE = N_("For any other age program write AGE-SECRET-KEY-1 before it, without spaces and without the check groups.")
STEPS = (
    N_("The centre opens the outer lock on a computer of its own: naungan recovery open-outer escrow.age --out "
       "escrow.opened"),
    N_("The district opens the inner lock at the laptop: naungan recover FOLDER --opened escrow.opened ..."),
    N_("Type the groups as they stand here, line by line with the check group. Capital and small letters and spaces do "
       "not matter. Nothing shows while you type."),
    N_("Afterwards make two new keys, set them with naungan recovery set, and destroy this sheet."),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is printed. `lines` are (groups of four, check group)."""

    holder: str
    office: str
    public: str
    lines: tuple[tuple[str, str], ...]
    made: datetime


def sheet_pdf(sheet: Sheet, *, language: str) -> bytes:
    """The sheet as a PDF. It is to be printed at once and not to be kept as a file."""
    with speaking(language):
        document = recovery_sheet(sheet, language=language)
    return drawing.to_pdf(document, now=sheet.made)[0]


def recovery_sheet(sheet: Sheet, *, language: str) -> Document:
    """The sheet before it is drawn, in the language of the running code."""
    made = format_datetime(sheet.made, with_zone=True)
    rows = tuple((str(n), groups, check) for n, (groups, check) in enumerate(sheet.lines, 1))
    key = Table((_("Line"), _("Key"), _("Check group")), rows, (0.1, 0.6, 0.3))
    return Document(
        language=language,
        kind=_("Recovery sheet"),
        title=_(HOLDERS[sheet.holder]),
        strip=Fields(((_("Office"), sheet.office), (_("Made"), made)), columns=2),
        sections=(
            Section(_("The key"), (key, Notice(_(BARE)))),
            Section(_("Its public half"), (Paragraph(sheet.public),)),
            Section(_("What it is for"), (Paragraph(_(PURPOSE)),)),
            Section(_("Whom to keep it with"), (Paragraph(_(KEPT_BY[sheet.holder])),)),
            Section(_("What to do when it is needed"), tuple(_steps())),
        ),
        marks=Marks(sheet.public[:12], (_("Recovery sheet \u00b7 {date} \u00b7 Secret").format(date=made),)),
    )


def _steps() -> Iterator[Paragraph]:
    for n, step in enumerate(STEPS, 1):
        yield Paragraph(f"{n}. {_(step)}")

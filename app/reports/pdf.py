"""A Document as PDF bytes: A4, Open Sans embedded, page x of y, recipient on every page, a bookmark per section.

The file's own title is neutral and its metadata hold no name: they are read without opening the file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageBreak, PageTemplate, Spacer

from app.i18n import _, speaking
from app.reports.blocks import HAIRLINE, MUTED, WIDTH, SectionTitle, flowables, say, tone_colours
from app.reports.document import Badge, Document, Marks, Notice, texts
from app.reports.fonts import REGULAR, STRONG, register
from app.reports.markup import lacks_glyphs, line

_LEFT, _TOP, _BOTTOM = (A4[0] - WIDTH) / 2, 46, 60
_TOTAL = "total-pages"


def to_pdf(document: Document, *, now: datetime) -> tuple[bytes, int]:
    """(the file, its number of pages). The same document at the same moment gives the same bytes."""
    register()
    target = io.BytesIO()
    with speaking(document.language):
        template = _Template(target, document=document, now=now)
        template.build(list(_story(document)))
        return target.getvalue(), template.page


class _Template(BaseDocTemplate):
    """One frame per page, marks around it, bookmarks as the sections come."""

    def __init__(self, target: io.BytesIO, *, document: Document, now: datetime) -> None:
        title = f"Naungan \u2013 {line(document.marks.export_id)}"
        super().__init__(
            target, pagesize=A4, title=title, author="Naungan", subject="", creator="Naungan", producer="Naungan",
            lang=document.language, invariant=1, initialFontName=REGULAR, displayDocTitle=True,
        )  # fmt: skip
        frame = Frame(
            _LEFT, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM,
            leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
        )  # fmt: skip
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._draw_marks))
        self._marks, self._moment = document.marks, now.astimezone(UTC)

    def beforeDocument(self) -> None:  # noqa: N802 - reportlab's name
        """The moment of making is the caller's, not the machine's."""
        stamp = self._moment.strftime("D:%Y%m%d%H%M%S+00'00'")
        self.canv.setDateFormatter(lambda *_parts: stamp)

    def _draw_marks(self, canvas: Canvas, _template: BaseDocTemplate) -> None:
        canvas.saveState()
        _draw_watermark(canvas, self._marks)
        _draw_footer(canvas, self._marks)
        canvas.restoreState()

    def _endBuild(self) -> None:  # noqa: N802 - reportlab's name
        """The number of pages is known only now: every footer refers to this one form."""
        self._doSave = 0
        super()._endBuild()
        self.canv.beginForm(_TOTAL)
        self.canv.setFont(REGULAR, 7)
        self.canv.setFillColor(MUTED)
        self.canv.drawString(0, 3, _("of {pages}").format(pages=self.page))
        self.canv.endForm()
        self.canv.save()


def _draw_watermark(canvas: Canvas, marks: Marks) -> None:
    """Faint, along the diagonal, behind everything: whose copy this is."""
    words = line(marks.watermark)[:90]
    if not words:
        return
    canvas.saveState()
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(52)
    size = min(34.0, 34.0 * 700 / max(1.0, stringWidth(words, REGULAR, 34)))
    canvas.setFont(REGULAR, size)
    canvas.setFillColor(HexColor("#eff4f2"))
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()


def _draw_footer(canvas: Canvas, marks: Marks) -> None:
    """The lines of the marks on the left, page x of y on the right."""
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, _BOTTOM - 14, _LEFT + WIDTH, _BOTTOM - 14)
    canvas.setFillColor(MUTED)
    total = stringWidth(_("of {pages}").format(pages=88), REGULAR, 7) + 1
    for n, words in enumerate(marks.lines):
        canvas.setFont(STRONG if n == 0 else REGULAR, 7)
        canvas.drawString(_LEFT, _BOTTOM - 25 - 10 * n, _cut(line(words), STRONG, width=WIDTH - 90))
    right, y = _LEFT + WIDTH, _BOTTOM - 25
    canvas.setFont(REGULAR, 7)
    canvas.drawRightString(right - total, y, _("Page {page}").format(page=canvas.getPageNumber()) + " ")
    canvas.saveState()
    canvas.translate(right - total, y - 3)
    canvas.doForm(_TOTAL)
    canvas.restoreState()


def _cut(words: str, font: str, *, width: float) -> str:
    """The beginning that fits, with three dots if something is missing."""
    if stringWidth(words[:400], font, 7) <= width and len(words) <= 400:
        return words
    kept = words[:400]
    while kept and stringWidth(kept + "\u2026", font, 7) > width:
        kept = kept[:-1]
    return kept + "\u2026"


# points: a title, a table's head and a first row of three lines; with less left, the section begins on a new page
_ROOM_FOR_A_SECTION = 112


def _story(document: Document) -> Iterator[Flowable]:
    if document.letterhead is not None:
        yield from flowables(document.letterhead)
    yield _Head(document.kind, document.title, badges=document.badges)
    yield from flowables(document.strip)
    for n, section in enumerate(document.sections):
        yield PageBreak() if section.on_new_page else CondPageBreak(_ROOM_FOR_A_SECTION)
        yield SectionTitle(section.title, f"section-{n}")
        for block in section.blocks:
            yield from flowables(block)
    if any(lacks_glyphs(text) for text in texts(document)):
        yield Spacer(0, 6)
        yield from flowables(Notice(_(
            "Characters that the printed font lacks, and marks that turn or hide text, are written as [U+0000]."
        )))  # fmt: skip


class _Head(Flowable):
    """What kind of document, its title in large, and the badges beside it."""

    def __init__(self, kind: str, title: str, *, badges: tuple[Badge, ...]) -> None:
        super().__init__()
        self._kind, self._title = say("kind", (kind.upper(), "")), say("title", (title, ""))
        self._badges = [(_cut(line(badge.text), STRONG, width=150), tone_colours(badge.tone)) for badge in badges]

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size."""
        self._room = available_width - sum(self._badge_widths()) - 6 * len(self._badges)
        heights = [words.wrap(self._room, available_height)[1] for words in (self._kind, self._title)]
        self.width, self.height = available_width, sum(heights) + 8
        return self.width, self.height

    def draw(self) -> None:
        """Onto the canvas that reportlab has set."""
        self._kind.drawOn(self.canv, 0, self.height - self._kind.height)
        self._title.drawOn(self.canv, 0, 8)
        x, y = self.width, self.height - self._kind.height - 20
        for (words, (ground, ink)), width in zip(self._badges, self._badge_widths(), strict=True):
            x -= width
            self.canv.setFillColor(ground)
            self.canv.roundRect(x, y, width, 16, 8, stroke=0, fill=1)
            self.canv.setFillColor(ink)
            self.canv.setFont(STRONG, 7.8)
            self.canv.drawString(x + 8, y + 5, words)
            x -= 6

    def _badge_widths(self) -> list[float]:
        return [stringWidth(words, STRONG, 7.8) + 16 for words, _colours in self._badges]

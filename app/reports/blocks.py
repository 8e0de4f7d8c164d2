"""Blocks of a document as reportlab flowables: quiet, typographic, one accent colour, hairlines.

Every text passes through app/reports/markup.py on its way into a Paragraph; nothing else here makes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, singledispatch
from itertools import zip_longest

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer, Table

from app.reports import document as doc
from app.reports.fonts import REGULAR, STRONG
from app.reports.markup import line, markup

WIDTH = 491.0  # points between the margins of an A4 page
ACCENT, INK, MUTED, HAIRLINE = HexColor("#0f6b5a"), HexColor("#1c2624"), HexColor("#5f6d69"), HexColor("#d3dcd9")
_TONES = {
    doc.Tone.PLAIN: (HexColor("#eef3f2"), HexColor("#3d4a47")),
    doc.Tone.GOOD: (HexColor("#e3f1ed"), ACCENT),
    doc.Tone.WARNING: (HexColor("#fcf0dd"), HexColor("#8a5300")),
    doc.Tone.DANGER: (HexColor("#fbe6e4"), HexColor("#a32117")),
}
_WHOLE = ((0, 0), (-1, -1))
DOT = " \u00b7 "
# A cell higher than this much of a page is cut at a line, also when the rest of its row is short.
_SPLIT_IN_ROW = 12
_LETTERS_PER_POINT, _TOWER = 5, 300  # of a column's width, in a piece of a cell; in a column of fields


@lru_cache
def style(name: str) -> ParagraphStyle:
    """One of the few type styles of a report."""
    size, leading, colour, font = {
        "body": (8.6, 12.2, INK, REGULAR),
        "large": (11, 16, INK, REGULAR),
        "office": (12.5, 16, INK, STRONG),
        "cell": (8.1, 10.8, INK, REGULAR),
        "strong": (8.6, 12.2, INK, STRONG),
        "label": (6.9, 9.2, MUTED, REGULAR),
        "head": (6.9, 9.2, MUTED, STRONG),
        "section": (10.2, 13.5, ACCENT, STRONG),
        "name": (9.6, 13, INK, STRONG),
        "title": (19, 24, INK, STRONG),
        "kind": (8.2, 11, ACCENT, STRONG),
        "notice": (7.4, 10.2, MUTED, REGULAR),
    }[name]
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=leading, textColor=colour, alignment=TA_LEFT,
        splitLongWords=1, allowWidows=0, allowOrphans=0,
    )  # fmt: skip


def say(name: str, *parts: tuple[str, str]) -> Paragraph:
    """A paragraph of (text, look) parts; a look is '' or the name of another style whose face and colour it takes."""
    pieces = []
    for text, look in parts:
        if look:
            of = style(look)
            start = f'<font name="{of.fontName}" color="#{of.textColor.hexval()[2:]}">'
            pieces.append(f"{start}{markup(text)}</font>")
        else:
            pieces.append(markup(text))
    return Paragraph("".join(pieces), style(name))


class SectionTitle(Flowable):
    """The title of a section over a hairline; drawing it sets the bookmark where it lands."""

    def __init__(self, title: str, key: str) -> None:
        super().__init__()
        self._title, self._key = title, key
        self._words = say("section", (title, ""))

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size."""
        _width, height = self._words.wrap(available_width, available_height)
        self.width, self.height = available_width, height + 14
        return self.width, self.height

    def draw(self) -> None:
        """Onto the canvas that reportlab has set."""
        self.canv.bookmarkHorizontal(self._key, 0, self.height)
        self.canv.addOutlineEntry(line(self._title), self._key, level=0)
        self.canv.setStrokeColor(HAIRLINE)
        self.canv.setLineWidth(0.6)
        self.canv.line(0, 3, self.width, 3)
        self._words.drawOn(self.canv, 0, 5)


class RouteStrip(Flowable):
    """Places joined by a line, each with its label: drawn, for the font has no arrows."""

    def __init__(self, stops: tuple[doc.Stop, ...]) -> None:
        super().__init__()
        self._texts = [(say("label", (stop.label, "")), say("strong", (stop.place, ""))) for stop in stops]

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size: as high as the longest place name needs."""
        self.width, self._step = available_width, available_width / max(1, len(self._texts))
        room = self._step - 14
        sizes = [sum(words.wrap(room, available_height)[1] for words in pair) for pair in self._texts]
        self.height = max(sizes, default=0.0) + 14
        return self.width, self.height

    def draw(self) -> None:
        """Dots on a line, an arrow head before each place but the first."""
        y, canvas = self.height - 5, self.canv
        canvas.setStrokeColor(ACCENT)
        canvas.setFillColor(ACCENT)
        canvas.setLineWidth(1)
        for n, (label, place) in enumerate(self._texts):
            x = n * self._step
            if n:
                canvas.line(x - self._step + 7, y, x - 6, y)
                head = canvas.beginPath()
                head.moveTo(x - 3, y)
                head.lineTo(x - 8, y + 2.4)
                head.lineTo(x - 8, y - 2.4)
                head.close()
                canvas.drawPath(head, stroke=0, fill=1)
            canvas.circle(x + 3, y, 3, stroke=int(n == 0), fill=int(n > 0))
            top = y - 6 - label.height
            label.drawOn(canvas, x, top)
            place.drawOn(canvas, x, top - place.height)


class Dot(Flowable):
    """A point of the timeline, on its rail."""

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size."""
        return 6, 9

    def draw(self) -> None:
        """Onto the canvas that reportlab has set."""
        self.canv.setFillColor(ACCENT)
        self.canv.circle(0, 4, 2, stroke=0, fill=1)


class Box(Flowable):
    """A box to tick: drawn, for the font has none."""

    def __init__(self, ticked: bool) -> None:
        super().__init__()
        self._ticked = ticked

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size."""
        return 12, 12

    def draw(self) -> None:
        """Onto the canvas that reportlab has set."""
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(0.8)
        self.canv.rect(1, 1.5, 8.5, 8.5, stroke=1, fill=0)
        if self._ticked:
            self.canv.setStrokeColor(ACCENT)
            self.canv.setLineWidth(1.5)
            self.canv.lines([(2.6, 5.6, 4.6, 3.4), (4.6, 3.4, 8.4, 8.6)])


class Rule(Flowable):
    """A line across: to write on, to part, to cut along."""

    def __init__(self, *, dashed: bool = False, weight: float = 0.6) -> None:
        super().__init__()
        self._dashed, self._weight = dashed, weight

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:  # signature: reportlab
        """Its size."""
        self.width, self.height = available_width, 4
        return self.width, self.height

    def draw(self) -> None:
        """Onto the canvas that reportlab has set."""
        self.canv.setStrokeColor(MUTED if self._weight < 1 else ACCENT)
        self.canv.setLineWidth(self._weight)
        self.canv.setDash((3, 3) if self._dashed else ())
        self.canv.line(0, 2, self.width, 2)
        self.canv.setDash(())


def grid(rows: list[list[Flowable]], *, widths: Iterable[float], look: list[tuple], head: int = 0) -> Table:  # type: ignore[type-arg]
    """A table whose rows may break over pages, also in the middle of a long cell."""
    return Table(
        rows, colWidths=list(widths), repeatRows=head, splitByRow=1, splitInRow=_SPLIT_IN_ROW, hAlign="LEFT",
        style=[
            ("VALIGN", *_WHOLE, "TOP"), ("LEFTPADDING", *_WHOLE, 0),
            ("FONTNAME", *_WHOLE, REGULAR),  # an empty cell would bring Helvetica into the file
            *look,
        ],
    )  # fmt: skip


def _padding(*, top: float, bottom: float, right: float) -> list[tuple[object, ...]]:
    return [("TOPPADDING", *_WHOLE, top), ("BOTTOMPADDING", *_WHOLE, bottom), ("RIGHTPADDING", *_WHOLE, right)]


@singledispatch
def flowables(block: object) -> Iterator[Flowable]:
    """What draws a block."""
    raise TypeError(f"no drawing for {type(block).__name__}")


@flowables.register
def _heading(block: doc.Heading) -> Iterator[Flowable]:
    yield CondPageBreak(48)
    yield Spacer(0, 4)
    yield say("name", (block.text, ""), (f"{DOT}{block.detail}" if block.detail else "", "label"))


@flowables.register
def _fields(block: doc.Fields) -> Iterator[Flowable]:
    """In columns; a value that would make a tower of its column takes the whole width below."""
    cells = [
        [say("label", (name, "")), say("cell", (value, ""))] for name, value in block.items if len(value) <= _TOWER
    ]
    if cells:
        columns = min(block.columns, max(len(cells), 2))
        rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
        rows[-1] += [[]] * (columns - len(rows[-1]))
        yield grid(rows, widths=[WIDTH / block.columns] * columns, look=_padding(top=1.5, bottom=2, right=9))
    for name, value in block.items:
        if len(value) > _TOWER:
            yield from _paragraph(doc.Paragraph(value, name))


@flowables.register
def _columns(block: doc.Columns) -> Iterator[Flowable]:
    share = WIDTH / max(1, len(block.items))
    row = [
        [say("label", (name, "")), *(say("cell", (entry, "")) for entry in entries)] for name, entries in block.items
    ]
    rules = [("LINEBEFORE", (1, 0), (-1, -1), 0.5, HAIRLINE), ("LEFTPADDING", (1, 0), (-1, -1), 9)]
    yield grid([row], widths=[share] * len(row), look=[*_padding(top=2, bottom=3, right=9), *rules])


@flowables.register
def _table(block: doc.Table) -> Iterator[Flowable]:
    widths = [share * WIDTH for share in block.widths]
    rows = [[say("head", (text, "")) for text in block.headers]]
    rules: list[tuple[object, ...]] = [("LINEBELOW", (0, 0), (-1, 0), 0.8, ACCENT)]
    for row in block.rows:
        for part in zip_longest(
            *(_pieces(text, width=width) for text, width in zip(row, widths, strict=True)), fillvalue=""
        ):
            rows.append([say("strong" if n == 0 else "cell", (text, "")) for n, text in enumerate(part)])
        rules.append(("LINEBELOW", (0, len(rows) - 1), (-1, len(rows) - 1), 0.4, HAIRLINE))
    yield grid(rows, widths=widths, look=[*_padding(top=2.2, bottom=3.2, right=8), *rules], head=1)


def _pieces(text: str, *, width: float) -> list[str]:
    """A text cut where a row of this width gets as high as half a page, at a blank if there is one near.

    reportlab breaks all lines of a cell anew for every page it reaches into: 10,000 letters took it half a minute.
    """
    limit, found = int(width * _LETTERS_PER_POINT), []
    while len(text) > limit:
        blank = max(text.rfind(" ", limit // 2, limit), text.rfind("\n", limit // 2, limit))
        end = blank + 1 if blank > 0 else limit
        found.append(text[:end])
        text = text[end:]
    return [*found, text]


@flowables.register
def _paragraph(block: doc.Paragraph) -> Iterator[Flowable]:
    yield Spacer(0, 3)
    if block.label:
        yield say("label", (block.label, ""))
    look = "large" if block.large else "body"
    yield from (say(look, (piece, "")) for piece in _pieces(block.text, width=WIDTH))
    yield Spacer(0, 3)


@flowables.register
def _choices(block: doc.Choices) -> Iterator[Flowable]:
    if block.label:
        yield say("label", (block.label, ""))
    rows = [[Box(ticked), say("body", (words, ""))] for words, ticked in block.items]
    if rows:
        yield grid(rows, widths=(18, WIDTH - 18), look=_padding(top=1.6, bottom=1.6, right=4))


@flowables.register
def _blanks(block: doc.Blanks) -> Iterator[Flowable]:
    """A label and a rule to write on, with the room a hand needs."""
    cells = [[say("label", (label, "")), Spacer(0, 13), Rule()] for label in block.labels]
    rows = [cells[start : start + block.columns] for start in range(0, len(cells), block.columns)]
    for row in rows:
        row += [[] for _missing in range(block.columns - len(row))]
    if rows:
        yield grid(rows, widths=[WIDTH / block.columns] * block.columns, look=_padding(top=3, bottom=4, right=16))


@flowables.register
def _cut_line(block: doc.CutLine) -> Iterator[Flowable]:
    yield Spacer(0, 10)
    yield Rule(dashed=True)
    yield say("label", (block.text, ""))
    yield Spacer(0, 4)


@flowables.register
def _letterhead(block: doc.Letterhead) -> Iterator[Flowable]:
    yield say("office", (block.name, ""))
    for words in block.lines:
        yield say("label", (words, ""))
    yield Spacer(0, 3)
    yield Rule(weight=1.4)
    yield Spacer(0, 10)


@flowables.register
def _route(block: doc.Route) -> Iterator[Flowable]:
    yield Spacer(0, 2)
    yield RouteStrip(block.stops)
    if block.by:
        yield say("label", (block.by, ""))
    yield Spacer(0, 2)


@flowables.register
def _timeline(block: doc.Timeline) -> Iterator[Flowable]:
    rows: list[list[object]] = []
    for entry in block.entries:
        first, *rest = _pieces(entry.text, width=WIDTH - 94)
        words = [(entry.what, "kind"), (f"{DOT}{first}" if first else "", "")]
        more = [[[], [], say("cell", (piece, ""))] for piece in rest]
        who = say("cell", (entry.who, "label")) if rest and entry.who else None
        if entry.who and not rest:
            words.append((f"{DOT}{entry.who}", "label"))
        rows.append([say("label", (entry.when, "")), Dot(), say("cell", *words)])
        rows += [*more, [[], [], who]] if who else more
    rail = [
        ("LINEBEFORE", (1, 0), (1, -1), 0.4, ACCENT),  # drawn over the dots: it has their colour
        ("TOPPADDING", (0, 0), (0, -1), 3),
    ]
    yield grid(rows, widths=(84, 10, WIDTH - 94), look=[*_padding(top=1.6, bottom=2.6, right=4), *rail])


@flowables.register
def _signatures(block: doc.Signatures) -> Iterator[Flowable]:
    cells: list[list[Flowable]] = []
    for role, name in block.signers:
        cells += [[say("label", (role, "")), Spacer(0, 40), say("strong", (name or "\u00a0", ""))], []]
    rules = [("LINEBELOW", (n, 0), (n, 0), 0.6, MUTED) for n in range(0, len(cells), 2)]
    room = WIDTH / max(1, len(block.signers))
    yield KeepTogether([
        say("cell", (block.place_and_date, "")),
        Spacer(0, 5),
        grid([cells], widths=[room - 40, 40] * len(block.signers), look=[*_padding(top=0, bottom=4, right=0), *rules]),
    ])  # fmt: skip


@flowables.register
def _notice(block: doc.Notice) -> Iterator[Flowable]:
    yield say("notice", (block.text, ""))


def tone_colours(tone: doc.Tone) -> tuple[Color, Color]:
    """(background, text) of a badge."""
    return _TONES[tone]

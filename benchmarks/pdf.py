"""The case summary as a PDF, beside reportlab writing the same words as plain lines."""

from __future__ import annotations

import io
from collections.abc import Callable
from statistics import median
from time import perf_counter

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.reports.api import case_summary_document, case_summary_pdf
from app.reports.document import Document, texts
from app.reports.fonts import REGULAR, register
from app.reports.preview import page_png
from app.reports.protect import passphrase, protect
from app.reports.redaction import Profile
from tests.reports.sample import case_input, occasion, release

RUNS = 15
LETTERS = 100  # on a line of the plain peer


def rows() -> list[tuple[str, str, str, str]]:
    """(what, ours, peer, ratio) of the measurements of this file."""
    to = release(Profile.POLICE)
    document, _fields = case_summary_document(case_input(), release=to, occasion=occasion(), language="id")
    made = case_summary_pdf(case_input(), release=to, occasion=occasion(), language="id", password=None)
    ours = _milliseconds(
        lambda: case_summary_pdf(case_input(), release=to, occasion=occasion(), language="id", password=None)
    )
    plain = _milliseconds(lambda: plain_lines(document))
    words = passphrase()
    lock = _milliseconds(lambda: protect(made.pdf, words))
    locked = len(protect(made.pdf, words))
    look = _milliseconds(lambda: page_png(made.pdf, 0))
    return [
        (f"PDF of {made.pages} pages from the case, warm (target 100 ms)", f"{ours:.0f} ms",
         f"{plain:.0f} ms, reportlab writing the same words as lines", f"{ours / plain:.1f}"),
        ("the same, size", f"{len(made.pdf) / 1000:.0f} KB", f"{len(plain_lines(document)) / 1000:.0f} KB",
         f"{len(made.pdf) / len(plain_lines(document)):.1f}"),
        ("AES-256 on it", f"{lock:.0f} ms, {locked / 1000:.0f} KB", "-", "-"),
        ("preview of a page at 96 dpi", f"{look:.0f} ms", "-", "-"),
    ]  # fmt: skip


def plain_lines(document: Document) -> bytes:
    """The words of a document one below the other: no layout, no escaping, no bookmarks."""
    register()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    y = 0.0
    for words in texts(document):
        for start in range(0, len(words), LETTERS):
            if y < 50:
                if y:
                    canvas.showPage()
                canvas.setFont(REGULAR, 8.6)
                y = A4[1] - 50
            canvas.drawString(50, y, words[start : start + LETTERS].replace("\n", " "))
            y -= 12
    canvas.save()
    return target.getvalue()


def _milliseconds(work: Callable[[], object]) -> float:
    """The median of some runs after one that warms up."""
    work()
    taken = []
    for _run in range(RUNS):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return 1000 * median(taken)


if __name__ == "__main__":
    for row in rows():
        print(*row, sep="  |  ")

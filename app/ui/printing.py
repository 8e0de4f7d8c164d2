"""The system's printer: its own dialog for paper and copies, the pages of a PDF as pictures, nothing left as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from app.errors import KnownError
from app.i18n import _
from app.lazy import lazy

if TYPE_CHECKING:
    from PySide6 import QtPrintSupport
else:
    QtPrintSupport = lazy("PySide6.QtPrintSupport")

DPI = 200  # sharp enough to read small type, small enough for the spooler of an old printer


class NoPrinter(KnownError):
    """There is no printer to print on, or it refused."""


def ask(owner: QWidget, took: Callable[[QtPrintSupport.QPrinter], object]) -> QtPrintSupport.QPrintDialog:
    """Ask which printer, paper and copies. A file is no choice: it would lie open. NoPrinter if there is none."""
    if not QtPrintSupport.QPrinterInfo.availablePrinterNames():
        raise NoPrinter(_("No printer is set up on this laptop. Set one up in the system's settings, or save the PDF."))
    printer = QtPrintSupport.QPrinter(QtPrintSupport.QPrinter.PrinterMode.HighResolution)
    printer.setDocName("Naungan")
    dialog = QtPrintSupport.QPrintDialog(printer, owner)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QtPrintSupport.QPrintDialog.PrintDialogOption.PrintToFile, False)
    dialog.setWindowTitle(_("Print"))
    dialog.finished.connect(lambda result: took(printer) if result else None)
    QDialog.open(dialog)  # its own wants a receiver; it holds up nothing, not even a lock
    return dialog


def paint(pages: Sequence[bytes], printer: QtPrintSupport.QPrinter) -> int:
    """Put pictures of pages on paper of any size, each as large as fits; the number of sheets. NoPrinter if refused."""
    first, last = printer.fromPage() or 1, printer.toPage() or len(pages)
    wanted = pages[first - 1 : last]
    printer.setFullPage(True)
    painter = QPainter()
    if not painter.begin(printer):
        raise NoPrinter(_("The printer did not take the pages. Look whether it is on, and try again."))
    try:
        for number, data in enumerate(wanted):
            if number:
                printer.newPage()
            picture = QImage.fromData(data)
            painter.drawImage(_fitted(picture, painter.viewport()), picture)
    finally:
        painter.end()
    return len(wanted)


def _fitted(picture: QImage, paper: QRect) -> QRect:
    """As large as the paper allows, in its middle, nothing stretched."""
    size = picture.size().scaled(paper.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(paper.topLeft(), size)
    place.moveCenter(paper.center())
    return place

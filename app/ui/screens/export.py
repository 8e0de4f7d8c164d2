"""A case as a file: looked at before it leaves, under a password, and entered in the register of exports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import _, ngettext
from app.reports.api import Rendered
from app.reports.papers import Paper
from app.reports.preview import pages_png
from app.services import exports
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.exports import Order
from app.ui import icons, printing, problems, theme
from app.ui.jobs import Job
from app.ui.screens import export_file
from app.ui.screens.export_form import ExportForm
from app.ui.screens.export_frame import ExportFrame
from app.ui.screens.export_parts import ReleaseChoice, SectionChoice
from app.ui.screens.pages_view import PagesView
from app.ui.screens.refer import beside_card
from app.ui.widgets.basics import button, text
from app.ui.workplace import Workplace

LOOK_MS = 350
DPI = 96


class ExportDialog(ExportFrame):
    """The pages are drawn in memory; a file is written only when somebody says so. `chosen` is the key of an Offer."""

    def __init__(self, place: Workplace, case_id: str, *, chosen: str = "", parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Export"), sign=icons.icon("export", colour="on_accent"), parent=parent)
        self.case_id = case_id
        self._job: Job | None = None
        self._asking: Job | None = None
        page = open_page(place.desk, case_id)
        self.form: ExportForm = ExportForm(place, page, chosen=chosen)
        self.print_button = button(_("Print…"), keys="Ctrl+P", clicked=self.choose_printer)
        self.print_button.setAutoDefault(False)
        self.sections, self.releases = SectionChoice(), ReleaseChoice()
        self.protect = self.protection.protect
        self.pages = PagesView()
        self._counted = text("", role="muted")
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(16))
        middle.addWidget(self.choices(self.form, self.sections, self.releases, self.protection), 9)
        middle.addWidget(beside_card(_("This is how it looks"), self.pages, counted=self._counted), 11)
        self.lay_out(page.row.number, middle, size=(1080, 700), more=(self.print_button,))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._drawable = False
        self.form.changed.connect(self._follow)
        self.sections.changed.connect(self._timer.start)
        self.releases.changed.connect(self._unseen)
        self.protection.changed.connect(self._allow)
        self._suit_paper()
        self._look()

    def write(self, path: Path) -> None:
        """Make the document, enter it in the register and the audit, and write it there."""
        desk, case_id, order = self.place.desk, self.case_id, self._order(protected=self.protection.is_on)
        self.save_button.setEnabled(False)
        self.place.save(
            lambda: _export(desk, case_id, order, path), owner=self, failed=self.refused,
            then=lambda rendered: self.written(rendered, path),
        )  # fmt: skip

    def choose_printer(self) -> None:
        """Ask the system which printer; what is printed stands in the register like a file."""
        self.say("")
        self.form.values()
        if self.form.validate():
            try:
                printing.ask(self, self.print_on)
            except printing.NoPrinter as error:
                self.refused(error)

    def print_on(self, printer: Any) -> None:
        """Print the paper as it is shown."""
        desk, case_id, order = self.place.desk, self.case_id, self._order(protected=True)
        self.print_button.setEnabled(False)
        self.place.save(
            lambda: list(pages_png(exports.print_case(desk, case_id, order).pdf, dpi=printing.DPI)), owner=self,
            failed=self.refused, then=lambda pages: self._print_pages(pages, printer),
        )  # fmt: skip

    def _print_pages(self, pages: list[bytes], printer: Any) -> None:
        self._allow()
        try:
            count = printing.paint(pages, printer)
        except printing.NoPrinter as error:
            self.refused(error)
            return
        words = ngettext("{n} page is at the printer: fetch it.", "{n} pages are at the printer: fetch them.", count)
        self.place.say(words.format(n=count))
        self.accept()

    def refused(self, error: Exception) -> None:
        """Say why no file was made; the first field in question is shown."""
        self._allow()
        super().refused(error)
        if isinstance(error, Invalid):
            self.form.next_problem()

    # inside

    def _order(self, *, protected: bool) -> Order:
        order = self.form.order(protected=protected)
        left_out = self.sections.left_out() if order.paper == Paper.SUMMARY else ()
        return replace(order, left_out=left_out, released=self.releases.released())

    def _follow(self, key: str) -> None:
        if key in ("profile", "format", "paper"):
            self.protection.suit(self.form.profile(), self.form.form())
            self._suit_paper()
        if key in ("profile", "agency", "consent_id", "paper"):
            self._ask_releases()
            self._unseen()
        self._timer.start()

    def _suit_paper(self) -> None:
        """Only a summary has sections to leave out."""
        self.sections.setVisible(self.form.offer().paper is Paper.SUMMARY)

    def _ask_releases(self) -> None:
        """Other grounds: nothing is ticked, and what can be is read anew."""
        if self._asking is not None:
            self._asking.cancel()
        desk, case_id, cleared = self.place.desk, self.case_id, self.place.desk.keyring is not None
        self.releases.offer((), cleared=cleared)
        if not self.form.leaves_the_office():
            return
        order = self._order(protected=True)
        self._asking = self.place.load(
            lambda: exports.releasable(desk, case_id, order), owner=self,
            then=lambda found: self.releases.offer(found, cleared=cleared),
        )  # fmt: skip

    def _unseen(self) -> None:
        """Who it is for, on which grounds and what is released by hand is looked at before it is saved."""
        self._drawable = False
        self._allow()
        self._timer.start()

    def _allow(self) -> None:
        self.save_button.setEnabled(self._drawable and self.protection.is_settled)
        self.print_button.setEnabled(self._drawable)

    def _look(self) -> None:
        """Draw the pages as things stand."""
        if self._job is not None:
            self._job.cancel()
        desk, case_id, order = self.place.desk, self.case_id, self._order(protected=True)
        self._job = self.place.load(
            lambda: _drawn(desk, case_id, order), owner=self, then=self._show_pages, failed=self._no_pages
        )

    def _show_pages(self, pages: list[bytes]) -> None:
        self.pages.show_pages(pages)
        self._counted.setText(ngettext("{n} page", "{n} pages", len(pages)).format(n=len(pages)))
        self._drawable = True
        self._allow()

    def _no_pages(self, error: Exception) -> None:
        self._counted.setText("")
        self._drawable = False
        self._allow()
        problems.tell(self, error, at=self.pages.say)


def _drawn(desk: Desk, case_id: str, order: Order) -> list[bytes]:
    return list(pages_png(exports.preview(desk, case_id, order).pdf, dpi=DPI))


def _export(desk: Desk, case_id: str, order: Order, path: Path) -> Rendered:
    """Registered before it is written: a file that is not in the register must not exist."""
    rendered = exports.export_case(desk, case_id, order)
    export_file.write(rendered, path)
    return rendered

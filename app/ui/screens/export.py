"""A case as a file: looked at before it leaves, under a password, and entered in the register of exports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import Invalid, KnownError, UserError
from app.i18n import _, ngettext
from app.reports.api import ENCLOSED, Rendered
from app.reports.preview import pages_png
from app.services import exports
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.exports import Order
from app.ui import files, icons, problems, theme
from app.ui.jobs import Job
from app.ui.screens import export_file
from app.ui.screens.export_done import Done
from app.ui.screens.export_form import ExportForm
from app.ui.screens.export_parts import Protection, ReleaseChoice, SectionChoice
from app.ui.screens.pages_view import PagesView
from app.ui.screens.refer import beside_card, fit, scrolled
from app.ui.widgets.basics import button, row, text
from app.ui.workplace import Workplace

LOOK_MS = 350
DPI = 96


class ExportDialog(QDialog):
    """Open it with `open()`. The pages are drawn in memory; a file is written only when the person says so."""

    def __init__(self, place: Workplace, case_id: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.case_id = place, case_id
        self._job: Job | None = None
        self._asking: Job | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Export"))
        self.form = ExportForm(place, case_id)
        self.sections, self.releases, self.protection = SectionChoice(), ReleaseChoice(), Protection()
        self.protect = self.protection.protect
        self.pages = PagesView()
        self._counted, self._said = text("", role="muted"), text("", tone="danger", wrap=True)
        self.done_page = Done(self)
        self.done_page.finished.connect(self.accept)
        self._lay_out(open_page(place.desk, case_id).row.number)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._drawable = False
        self.form.changed.connect(self._follow)
        self.sections.changed.connect(self._timer.start)
        self.releases.changed.connect(self._unseen)
        self.protection.changed.connect(self._allow)
        self._look()

    def choose_file(self) -> None:
        """Ask where to; the name suggested says nothing about anybody."""
        self._say("")
        self.form.values()
        if not self.form.validate():
            return
        name = export_file.neutral_name(self.place.desk, self.form.form(), protected=self.protection.is_on)
        files.ask_where_to(self, self.write, title=_("Save as"), name=name, kind=export_file.kind_of(name))

    def write(self, path: Path) -> None:
        """Make the document, enter it in the register and the audit, and write it there."""
        desk, case_id, order = self.place.desk, self.case_id, self._order(protected=self.protection.is_on)
        self.save_button.setEnabled(False)
        self.place.save(
            lambda: _export(desk, case_id, order, path), owner=self, failed=self._refused,
            then=lambda rendered: self._written(rendered, path),
        )  # fmt: skip

    # inside

    def _order(self, *, protected: bool) -> Order:
        order = self.form.order(protected=protected)
        return replace(order, left_out=self.sections.left_out(), released=self.releases.released())

    def _follow(self, key: str) -> None:
        if key in ("profile", "format"):
            self.protection.suit(self.form.profile(), self.form.form())
        if key in ("profile", "agency", "consent_id"):
            self._ask_releases()
            self._unseen()
        self._timer.start()

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
        if isinstance(error, UserError | KnownError):
            self.pages.say(problems.sentence(error))
        else:
            problems.show(self, error)

    def _written(self, rendered: Rendered, path: Path) -> None:
        self.done_page.tell(path.name, password=rendered.password, enclosed=rendered.file_name.endswith(ENCLOSED))
        self._stack.setCurrentIndex(1)
        self.done_page.setFocus()

    def _refused(self, error: Exception) -> None:
        self._allow()
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
            self.form.next_problem()
        if isinstance(error, UserError | KnownError):
            self._say(problems.sentence(error))
        else:
            problems.show(self, error)

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def _lay_out(self, number: str) -> None:
        left = QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(12))
        inside.addWidget(self.form)
        inside.addWidget(self.sections)
        inside.addWidget(self.releases)
        inside.addWidget(self.protection)
        note = _("Every export stands in the register of this laptop: who, when, for whom, and which fields.")
        inside.addWidget(text(note, role="small", wrap=True))
        inside.addStretch(1)
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(16))
        middle.addWidget(scrolled(left), 9)
        middle.addWidget(beside_card(_("This is how it looks"), self.pages, counted=self._counted), 11)
        sign = icons.icon("export", colour="on_accent")
        self.save_button = button(_("Save as…"), kind="primary", keys="Ctrl+S", icon=sign, clicked=self.choose_file)
        cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.save_button, cancel):
            one.setAutoDefault(False)
        self._said.hide()
        making = QWidget()
        layout = QVBoxLayout(making)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Export"), role="title"), text(number, role="muted"), None))
        layout.addLayout(middle, 1)
        layout.addWidget(self._said)
        layout.addLayout(row(None, cancel, self.save_button))
        self._stack = QStackedWidget()
        self._stack.addWidget(making)
        self._stack.addWidget(self.done_page)
        outer = QVBoxLayout(self)
        pad = theme.px(20)
        outer.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        outer.addWidget(self._stack)
        fit(self, width=1080, height=700)


def _drawn(desk: Desk, case_id: str, order: Order) -> list[bytes]:
    return list(pages_png(exports.preview(desk, case_id, order).pdf, dpi=DPI))


def _export(desk: Desk, case_id: str, order: Order, path: Path) -> Rendered:
    """Registered before it is written: a file that is not in the register must not exist."""
    rendered = exports.export_case(desk, case_id, order)
    export_file.write(rendered, path)
    return rendered

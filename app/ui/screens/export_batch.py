"""Many cases as locked PDFs in a folder: one job for each, so that a save never waits behind all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QProgressBar, QWidget

from app.errors import KnownError, NaunganError
from app.i18n import LANGUAGES, _, format_duration, format_number, language, ngettext
from app.models.case import Case
from app.reports.api import Format
from app.services import export_batch
from app.services.case_list import CaseQuery
from app.services.desk import Desk
from app.services.directory import recipients
from app.services.export_batch import Item, Outcome
from app.services.export_order import Order
from app.ui import files, problems
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.screens import export_file
from app.ui.screens.export_form import FIELDS
from app.ui.screens.export_frame import ExportFrame
from app.ui.screens.refer_editors import RecipientEditor, recipient_search
from app.ui.widgets.basics import text
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

_KEYS = ("profile", "language", "agency", "recipient", "purpose")


class BatchDialog(ExportFrame):
    """`count` is how many cases the list shows. Cancel stops after the case at hand; what is made stays and is said."""

    def __init__(self, place: Workplace, query: CaseQuery, *, count: int, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Each case as a PDF"), parent=parent)
        self.query, self._words = query, ""
        self.waiting: list[Item] = []
        self.outcomes: list[Outcome] = []
        self._began: datetime | None = None
        fields = tuple(field for field in FIELDS if field.key in _KEYS)
        editors: dict[str, Any] = {
            "agency": lambda _f: RecipientEditor(recipient_search(place.desk)),
            "language": lambda _f: CodeEditor(list(LANGUAGES.items())),
        }
        tools = tools_for(place.desk, Case, more=fields)
        self.form = Form(fields, tools=tools, layout=(("profile",),), editors=editors)
        self.form.set_values({"profile": "INTERNAL", "language": language()})
        self.form.changed.connect(self._name_agency)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        self.told = QPlainTextEdit()
        self.told.setReadOnly(True)
        self.told.setAccessibleName(_("Which file is which case"))
        self.told.setTabChangesFocus(True)
        self.told.hide()
        note = _("Every file opens with the same words, shown once at the end. The names of the files name nobody.")
        middle = QHBoxLayout()
        middle.addWidget(self.choices(self.form, text(note, role="small", wrap=True)))
        cases = ngettext("{n} case", "{n} cases", count).format(n=format_number(count))
        self.lay_out(cases, middle, self.bar, self.told, size=(640, 620))
        self.save_button.setText(_("Choose a folder…"))

    def choose_file(self) -> None:
        """Ask for the folder."""
        self.say("")
        self.form.values()
        if self.form.validate():
            files.ask_folder(self, self.write, title=_("Where the files go"))

    def write(self, path: Path) -> None:
        """Make them there, one after the other; a file that is there is never written over."""
        desk, query, order = self.place.desk, self.query, self._order()
        self._words = order.password or ""
        self.save_button.setEnabled(False)
        self.place.load(
            lambda: export_batch.items(desk, query, order), owner=self, failed=self._no,
            then=lambda found: self._begin(list(found), order, path),
        )  # fmt: skip

    def reject(self) -> None:
        """The first Cancel stops the batch, the next one leaves."""
        if self.waiting:
            self.waiting = []
        else:
            super().reject()

    def _order(self) -> Order:
        said = {key: value for key, value in self.form.committed.items() if value}
        return replace(Order(**said), format=Format.PDF.value, password=export_batch.words())

    def _name_agency(self, key: str) -> None:
        if key == "agency":
            names = {agency.id: agency["name"] for agency in recipients(self.place.desk)}
            if name := names.get(self.form.committed["agency"]):
                self.form.put("recipient", name)

    def _begin(self, found: list[Item], order: Order, folder: Path) -> None:
        self.waiting, self.outcomes, self._began = found, [], self.place.now()
        self.bar.setRange(0, len(found))
        self.bar.show()
        self.told.show()
        self._next(order, folder)

    def _next(self, order: Order, folder: Path) -> None:
        """The next case, or the end; between two of them whatever else was asked for has its turn."""
        self._show_progress()
        if not self.waiting:
            self._end(folder)
            return
        desk, item = self.place.desk, self.waiting.pop(0)

        def done(outcome: Outcome) -> None:
            self.outcomes.append(outcome)
            self._next(order, folder)

        def failed(error: Exception) -> None:
            if isinstance(error, KnownError):  # the disk is full, the folder gone: the next one would fare no better
                self.waiting = []
            why = str(error) if isinstance(error, NaunganError) else _("An unexpected error.")
            done(Outcome(item, None, why))

        self.place.save(lambda: _made(desk, item, order, folder), owner=self, then=done, failed=failed)

    def _show_progress(self) -> None:
        done = len(self.outcomes)
        total = done + len(self.waiting)
        self.bar.setValue(done)
        self.told.setPlainText(export_batch.listing(self.outcomes))
        spent = self.place.now() - self._began if self._began else None
        rest = export_batch.left(done, total, spent) if spent is not None else None
        self.bar.setFormat(f"%v / %m \u00b7 {format_duration(rest)}" if rest else "%v / %m")

    def _end(self, folder: Path) -> None:
        made = sum(one.made is not None for one in self.outcomes)
        self.save_button.setEnabled(True)
        if made:
            words = ngettext("{n} file in {folder}", "{n} files in {folder}", made)
            missing = len(self.outcomes) - made
            lines = [words.format(n=format_number(made), folder=folder.name)]
            if missing:
                lines.append(_("Not made: {n}").format(n=format_number(missing)))
            self.done_page.tell("\n".join((*lines, export_batch.listing(self.outcomes)[:2_000])), password=self._words)
            self._stack.setCurrentIndex(1)
            self.done_page.setFocus()
        else:
            self.say(_("No file was made. The reasons stand above."))

    def _no(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        problems.tell(self, error, at=self.say)


def _made(desk: Desk, item: Item, order: Order, folder: Path) -> Outcome:
    """In the register first, then in the folder; the bytes are not kept."""
    outcome = export_batch.one(desk, item, order)
    if outcome.made is None:
        return outcome
    export_file.write(outcome.made, folder / outcome.made.file_name)
    return replace(outcome, made=replace(outcome.made, data=b""))

"""Which file comes in, which of its sheets, which row names the columns; and what came in before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import N_, _, format_datetime, format_number
from app.services import imports
from app.services.import_plan import letter
from app.services.import_values import said
from app.services.imports import Taken
from app.services.spreadsheet import KNOWN, Row
from app.ui import files, icons, theme
from app.ui.screens.deed_dialog import Confirm
from app.ui.screens.import_work import ImportWork, Listed
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, only_if, row, text
from app.ui.widgets.drops import TakesFiles
from app.ui.workplace import Workplace

_ROWS, _WIDE = 12, 10  # of the preview


class FilePage(TakesFiles, QWidget):
    """`wanted(Path, sheet name or "")` asks for a file to be read; `changed()` when another row holds the headings."""

    wanted = Signal(object, str)
    changed = Signal()

    def __init__(self, place: Workplace, work: ImportWork) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.place, self.work = place, work
        self.pick = button(_("Choose a file…"), icon=icons.icon("import"), clicked=self.ask)
        self.file = text(_("or drop one here: XLSX, ODS or CSV"), role="muted", wrap=True)
        self.sheets = QComboBox()
        self.sheets.setAccessibleName(_("Sheet"))
        self.sheets.activated.connect(lambda _at: self.wanted.emit(self.work.path, self.sheets.currentText()))
        self.history = History(place)
        self.said = text("", tone="danger", wrap=True)
        self._preview: TableView | None = None
        self._lay_out()

    def ask(self) -> None:
        """Ask for a file."""
        kinds = " ".join(f"*{one}" for one in KNOWN)
        files.ask_which(self, lambda path: self.wanted.emit(path, ""), title=_("Choose a file…"),
                        kind=f"{_('Spreadsheets')} ({kinds})")  # fmt: skip

    def say(self, words: str) -> None:
        """Why the file cannot be read; '' takes it away."""
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def show_work(self) -> None:
        """Show the first rows of what was read, or what came in before when nothing was."""
        work = self.work
        self.say("")
        self.file.setText(work.path.name if work.path else _("or drop one here: XLSX, ODS or CSV"))
        self.sheets.clear()
        self.sheets.addItems(list(work.book.sheets) if work.book else [])
        self.sheets.setVisible(self.sheets.count() > 1)
        if work.sheet is None:
            self.below.setCurrentIndex(0)
            self.history.reload()
            return
        self.sheets.setCurrentText(work.sheet.name)
        self._put(work.sheet.rows[:_ROWS])
        self.below.setCurrentIndex(1)

    def take_files(self, files: Sequence[Path]) -> None:
        """One file at a time is read."""
        self.wanted.emit(files[0], "")

    # inside

    def _put(self, rows: Sequence[Row]) -> None:
        if self._preview is not None:
            self._preview.setParent(None)
            self._preview.deleteLater()
        source = Listed()
        source.put(rows)
        width = min(_WIDE, max(len(one.cells) for one in rows))
        table = TableView(PagedModel(source, columns=_preview_columns(width)), name=_("The first rows"))
        table.model().refresh()  # type: ignore[attr-defined]
        table.choose(min(self.work.heading, len(rows) - 1))
        table.chosen.connect(self._headed)
        layout = self.shown.layout()
        assert layout is not None
        layout.addWidget(table)
        self._preview = table

    def _headed(self, at: Any) -> None:
        if at is not None and at != self.work.heading:
            self.work.heading = at
            self.changed.emit()

    def _lay_out(self) -> None:
        line = row(self.pick, self.file, self.sheets)
        line.setStretch(1, 1)
        self.shown = QWidget()
        inside = QVBoxLayout(self.shown)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(8))
        words = _("Choose the row that names the columns; what stands above it is left out.")
        inside.addWidget(text(words, role="muted", wrap=True))
        self.below = QStackedWidget()
        self.below.addWidget(self.history)
        self.below.addWidget(self.shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(line)
        layout.addWidget(self.said)
        layout.addWidget(self.below, 1)
        self.said.hide()
        self.sheets.hide()
        self.landing: QWidget = self.pick


class History(QWidget):
    """The imports of this laptop, each with its undo or why there is none."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place, self.source = place, Listed()
        self.table = TableView(
            PagedModel(self.source, columns=_history_columns()), name=_("Earlier imports"),
            empty=_("Nothing was imported on this laptop yet."),
        )  # fmt: skip
        self.table.chosen.connect(lambda _at: self._allow())
        self.why = text("", role="muted", wrap=True)
        self.undo_button = button(_("Undo this import…"), clicked=self.ask_undo)
        line = row(self.why, self.undo_button)
        line.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(text(_("Earlier imports"), role="heading"))
        layout.addWidget(self.table, 1)
        layout.addLayout(line)
        self._allow()

    def reload(self) -> None:
        """Read what came in."""
        desk = self.place.desk
        self.place.load(lambda: imports.taken(desk), owner=self, then=self._take)

    def ask_undo(self) -> None:
        """Ask before a whole import goes."""
        if (chosen := self._chosen()) is not None:
            ask_undo(self.place, chosen.id, cases=chosen.cases, owner=self, then=self.reload)

    def _chosen(self) -> Taken | None:
        at = self.table.current_id()
        return self.source.items[at] if at is not None and at < len(self.source.items) else None

    def _take(self, found: Sequence[Taken]) -> None:
        self.source.put(found)
        self.table.model().refresh()  # type: ignore[attr-defined]
        if found and self.table.current_id() is None:
            self.table.choose(0)
        self._allow()

    def _allow(self) -> None:
        chosen = self._chosen()
        self.why.setText(chosen.why_not if chosen else "")
        self.undo_button.setEnabled(chosen is not None and not chosen.why_not)
        only_if(bool(self.source.items), self.undo_button)
        if self.source.items:
            self.undo_button.show()


def ask_undo(place: Workplace, batch: str, *, cases: int, owner: QWidget, then: Callable[[], object]) -> None:
    """Ask, then take an import back; `then()` when it is gone."""
    words = _("{n} cases and what came in with them are removed, as if the import had never been.")
    dialog = Confirm(
        place, [words.format(n=format_number(cases))], title=_("Undo this import"), action=_("Undo the import"),
        deed=lambda: imports.undo(place.desk, batch), said=_("The import is undone."), grave=True,
        parent=owner.window(),
    )  # fmt: skip
    dialog.done_well.connect(then)
    dialog.open()


def _preview_columns(width: int) -> tuple[Column, ...]:
    cells = [
        Column(f"cell{at}", letter(at), 110, text=_cell(at), sortable=False, whole_row=True, stretch=True)
        for at in range(width)
    ]
    return (Column("number", N_("Row"), 56, text=format_number, sortable=False, right=True, style="muted"), *cells)


def _cell(at: int) -> Callable[[Row], str]:
    return lambda line: said(line[at])[:80]


def _history_columns() -> tuple[Column, ...]:
    return (
        Column("at", N_("When"), 150, text=lambda at: format_datetime(at), sortable=False),
        Column("by", N_("Who"), 120, sortable=False),
        Column("file", N_("File"), 200, text=lambda one: f"{one.file} \u00b7 {one.sheet}", sortable=False,
               whole_row=True, stretch=True),
        Column("cases", N_("Cases"), 80, text=format_number, sortable=False, right=True),
        Column("why_not", N_("State"), 140, text=_state_of, sortable=False, whole_row=True, stretch=True,
               mark=lambda one: "cross" if one.undone_at else "dot" if one.why_not else "check",
               tone=lambda one: Tone.NEUTRAL if one.why_not else Tone.GOOD),
    )  # fmt: skip


def _state_of(one: Taken) -> str:
    if one.undone_at:
        return _("undone")
    return _("stays") if one.why_not else _("can be undone")

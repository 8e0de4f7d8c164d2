"""What every export dialog is: choices, a sentence and two buttons; after the deed the page with the password, once."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import _
from app.reports.api import ENCLOSED, Format, Rendered
from app.ui import files, problems, theme
from app.ui.form import Form
from app.ui.screens import export_file
from app.ui.screens.export_done import Done
from app.ui.screens.export_parts import Protection
from app.ui.screens.refer import fit, scrolled
from app.ui.widgets.basics import button, row, text
from app.ui.workplace import Workplace


class ExportFrame(QDialog):
    """Who inherits has a `form` with a field `format`, and writes. Open it with `open()`."""

    form: Form

    def __init__(
        self, place: Workplace, *, title: str, sign: QIcon | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.protection = Protection()
        self._said = text("", tone="danger", wrap=True)
        self._said.hide()
        self.done_page = Done(self)
        self.done_page.finished.connect(self.accept)
        self.save_button = button(_("Save as…"), kind="primary", keys="Ctrl+S", icon=sign, clicked=self.choose_file)
        self._cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.save_button, self._cancel):
            one.setAutoDefault(False)

    def choose_file(self) -> None:
        """Ask where to; the name suggested says nothing about anybody."""
        self.say("")
        self.form.values()  # commits what is being typed
        if self.form.validate():
            form = Format(self.form.committed["format"])
            name = export_file.neutral_name(self.place.desk, form, protected=self.protection.is_on)
            files.ask_where_to(self, self.write, title=_("Save as"), name=name, kind=export_file.kind_of(name))

    def write(self, path: Path) -> None:
        """Make the file there."""

    def say(self, words: str) -> None:
        """A sentence above the buttons; '' takes it away."""
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def written(self, made: Rendered, path: Path) -> None:
        """Show the password of what was made, once."""
        self.done_page.tell(path.name, password=made.password, enclosed=made.file_name.endswith(ENCLOSED))
        self._stack.setCurrentIndex(1)
        self.done_page.setFocus()

    def refused(self, error: Exception) -> None:
        """Say why no file was made, at its field too."""
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
        problems.tell(self, error, at=self.say)

    def choices(self, *parts: QWidget) -> QScrollArea:
        """The column of what can be chosen, with the note that every export is registered."""
        left = QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(12))
        for part in parts:
            inside.addWidget(part)
        note = _("Every export stands in the register of this laptop: who, when, for whom, and which fields.")
        inside.addWidget(text(note, role="small", wrap=True))
        inside.addStretch(1)
        return scrolled(left)

    def lay_out(
        self, note: str, middle: QHBoxLayout, *below: QWidget, size: tuple[int, int], more: tuple[QWidget, ...] = ()
    ) -> None:  # fmt: skip
        """The title with a note beside it, the middle, what stands below it, the sentence, the buttons."""
        making = QWidget()
        layout = QVBoxLayout(making)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(self.windowTitle(), role="title"), text(note, role="muted"), None))
        layout.addLayout(middle, 1)
        for part in (*below, self._said):
            layout.addWidget(part)
        layout.addLayout(row(None, self._cancel, *more, self.save_button))
        self._stack = QStackedWidget()
        self._stack.addWidget(making)
        self._stack.addWidget(self.done_page)
        outer = QVBoxLayout(self)
        pad = theme.px(20)
        outer.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        outer.addWidget(self._stack)
        fit(self, width=size[0], height=size[1])

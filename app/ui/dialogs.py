"""A dialog around a form: it checks, saves behind the screen, shows what is wrong at the field, and keeps a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QScrollArea, QVBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import _
from app.models.base import Record
from app.models.field import Field, field_map
from app.ui import problems, theme
from app.ui.field_editors import FieldLike
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.widgets.basics import button, only_if, row, text
from app.ui.widgets.editors import Editor, Finder
from app.ui.workplace import Workplace

EDGE, SMALL = 60, 540  # what stays free of the window around it; what the smallest screen has room for
ROOMY = 125  # with a larger font what stands beside the form stands below it
Values = dict[str, Any]
Deed = Callable[[Values], Any]


@dataclass(frozen=True)
class Asked:
    """What a dialog asks for: which fields of which record, and what to do with the answer.

    `name` is what a draft of it is filed under; "" keeps none.
    """

    record: type[Record]
    title: str
    keys: Sequence[str]
    deed: Deed
    more: Sequence[Field] = ()  # fields of another record that are asked in the same breath
    values: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    action: str = ""
    note: str = ""
    finders: Mapping[str, Finder] = field(default_factory=dict)
    editors: Mapping[str, Callable[[FieldLike], Editor]] = field(default_factory=dict)
    layout: Sequence[Sequence[str]] | None = None


class FormDialog(QDialog):
    """`saved(result)` when the deed is done; what it refuses is shown at its field. Open it with `open()`.

    `beside` stands at the right of the form.
    """

    saved = Signal(object)
    left = Signal(object)  # what stood in it when it was left unsaved, if the person had typed anything

    def __init__(
        self, place: Workplace, asked: Asked, *, beside: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.place, self.asked, self._beside = place, asked, beside
        self._touched = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(asked.title)
        declared = field_map(asked.record)
        tools = tools_for(place.desk, asked.record, more=asked.more, finders=asked.finders, others=self.current_values)
        fields = [*(declared[key] for key in asked.keys), *asked.more]
        self.form = Form(fields, tools=tools, layout=asked.layout, editors=asked.editors, parent=self)
        self.form.set_values({key: value for key, value in asked.values.items() if key in self.form.boxes})
        self.form.changed.connect(self._touch)
        self._lay_out()

    @property
    def is_touched(self) -> bool:
        """Whether the person has changed anything, also in a field they have not left yet."""
        if not self._touched:
            self.form.values()  # commits what is being typed
        return self._touched

    def current_values(self) -> Values:
        """What stands in the form now; a field that cannot be read yet is left out."""
        found = {}
        boxes = self.form.boxes if hasattr(self, "form") else {}  # the form asks for it while it is being made
        for key, box in boxes.items():
            if not box.veil:
                with suppress(ValueError):
                    found[key] = box.editor.value()
        return found

    def restore(self, values: Mapping[str, Any]) -> None:
        """Put back what stood in a draft; it counts as typed by the person."""
        self.form.set_values({key: value for key, value in values.items() if key in self.form.boxes})
        self._touched = True

    def save(self) -> None:
        """Check, then do the deed behind the screen; the dialog closes when it is done."""
        self.say("")
        if not self.form.validate():
            return
        values = self.form.values()
        self._save_button.setEnabled(False)
        self.place.save(lambda: self.asked.deed(values), owner=self, then=self._done, failed=self._refused)

    def say(self, words: str, *, tone: str = "danger") -> None:
        """A sentence above the buttons; '' takes it away."""
        self._said.setText(words)
        theme.mark(self._said, tone=tone)
        self._said.setVisible(bool(words))

    def reject(self) -> None:
        if self.is_touched:
            self.left.emit(self.current_values())
        self._touched = False
        super().reject()

    def _touch(self, _key: str) -> None:
        self._touched = True

    def _done(self, result: Any) -> None:
        self._touched = False
        self.saved.emit(result)
        self.accept()

    def _refused(self, error: Exception) -> None:
        self._save_button.setEnabled(True)
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
            self.form.next_problem()
        problems.tell(self, error, at=self.say)

    def _lay_out(self) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(self.asked.title, role="heading"))
        note = text(self.asked.note, role="muted", wrap=True)
        layout.addWidget(note)
        only_if(bool(self.asked.note), note)
        middle = row(gap=16)
        if self._beside is not None and theme.current().scale > ROOMY:
            middle.addWidget(_scrolled(self.form, self._beside))
        else:
            middle.addWidget(_scrolled(self.form), 3)
            if self._beside is not None:
                middle.addWidget(self._beside, 2)
        layout.addLayout(middle, 1)
        self._said = text("", tone="danger", wrap=True)
        self._said.hide()
        layout.addWidget(self._said)
        self._save_button = button(self.asked.action or _("Save"), kind="primary", keys="Ctrl+S", clicked=self.save)
        self._save_button.setAutoDefault(False)
        cancel = button(_("Cancel"), clicked=self.reject)
        cancel.setAutoDefault(False)
        layout.addLayout(row(None, cancel, self._save_button))
        width = min(theme.px(620 if self._beside is None else 900), 1000)
        height = self.form.sizeHint().height() + theme.px(190)
        if self.asked.note:
            height += note.heightForWidth(width - 2 * pad) + theme.px(12)
        above = self.parentWidget()
        most = above.window().height() - EDGE if above is not None else SMALL
        self.resize(width, min(height, max(most, SMALL)))


def _scrolled(*parts: QWidget) -> QScrollArea:
    """The form, scrolling when the font is large or the window small."""
    ground = QWidget()
    theme.mark(ground, role="body")
    inner = QVBoxLayout(ground)
    inner.setContentsMargins(0, 0, theme.px(8), 0)
    inner.setSpacing(theme.px(12))
    for part in parts:
        inner.addWidget(part)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(ground)
    return area

"""A form from declarations: editors, layout, checks on leaving a field, undo per form.

Values are what was committed; what cannot be read (half a date) is a problem, not a value. A draft may be incomplete:
required fields are asked for by `validate()`, not while typing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QApplication, QGridLayout, QScrollArea, QWidget

from app.i18n import _
from app.ui import presenting, theme
from app.ui.field_box import FieldBox
from app.ui.field_editors import FieldLike, FormTools, Problem, editor_for
from app.ui.widgets.editors import Editor

NARROW = 540  # below this width (at 100 %) everything stands in one column
_WIDE_KINDS = ("long", "codes")
EMPTY = (None, "", ())


class Form(QWidget):
    """Editors for `fields`. A value that is sealed to this person stays behind a veil: it is no part of `values()`.

    `layout` is a list of columns of keys ("" leaves a gap); what it does not name follows below over the full width.
    Without it two columns are filled line by line. `editors` replaces the editor of a key: a function that makes one.
    """

    changed = Signal(str)  # the value of this key is another than before
    problems_changed = Signal()

    def __init__(
        self,
        fields: Sequence[FieldLike],
        *,
        tools: FormTools,
        layout: Sequence[Sequence[str]] | None = None,
        editors: Mapping[str, Callable[[FieldLike], Editor]] | None = None,
        show_tiers: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tools = tools
        self._complete = False  # whether required fields were asked for; from then on they are watched
        self._values: dict[str, Any] = dict.fromkeys(f.key for f in fields)
        self.committed: Mapping[str, Any] = self._values  # as `values()`, without what is being typed
        self.undo_stack = QUndoStack(self)
        by_key = {f.key: f for f in fields}
        self._rows = _rows(by_key, layout)
        self.boxes: dict[str, FieldBox] = {}
        for key in (key for line in self._rows for key in line if key):
            make = (editors or {}).get(key)
            editor = make(by_key[key]) if make else editor_for(by_key[key], tools=tools)
            self._add(FieldBox(by_key[key], editor=editor, show_tier=show_tiers))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(14))
        self._grid.setVerticalSpacing(theme.px(10))
        self._one_column: bool | None = None
        self._arrange(one_column=False)
        self._show_relevant()
        jump = QShortcut(QKeySequence("Alt+J"), self)
        jump.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        jump.activated.connect(self.next_problem)

    # values

    def values(self) -> dict[str, Any]:
        """The committed values of all fields; what is being typed is committed first if it can be read."""
        for box in self.boxes.values():
            self._commit(box)
        return {key: value for key, value in self._values.items() if not self.boxes[key].veil}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values (others stay as they are) without undo, checks or `changed`."""
        for key, value in values.items():
            if key in self.boxes and presenting.is_hidden(value):
                self.boxes[key].conceal(filled=True)
            elif key in self.boxes and not self.boxes[key].veil:
                self._values[key] = value
                self.boxes[key].editor.set_value(value)
                self.boxes[key].show_problems(())
        self._complete = False
        self.undo_stack.clear()
        self._show_relevant()
        self.problems_changed.emit()

    def put(self, key: str, value: Any) -> None:
        """Change a value as if the person had: with undo, checks and `changed`; what is under a veil stays."""
        if self.boxes[key].veil:
            return
        self.boxes[key].editor.set_value(value)
        self._commit(self.boxes[key])

    def set_hint(self, key: str, words: str) -> None:
        """Say something under a field."""
        self.boxes[key].set_hint(words)

    # problems

    def problems(self) -> list[tuple[str, str]]:
        """(key, message) of every problem shown, in the order of the form."""
        return [(key, p.message) for key, box in self.boxes.items() if self._counts(box) for p in box.problems]

    def validate(self) -> bool:
        """Check everything, required fields too, and go to the first error. Warnings do not stand in the way."""
        self._complete = True
        for box in self.boxes.values():
            self._check(box)
        wrong = [b for b in self.boxes.values() if self._counts(b) and any(p.severity == "error" for p in b.problems)]
        if wrong:
            _go_to(wrong[0])
        self.problems_changed.emit()
        return not wrong

    def show_problems(self, problems: Sequence[tuple[str, str]]) -> None:
        """Show what somebody else found, e.g. `Invalid.problems`; unknown keys are left out."""
        for key, message in problems:
            if key in self.boxes:
                self.boxes[key].show_problems((Problem(key, message),))
        self.problems_changed.emit()

    def next_problem(self) -> bool:
        """Go to the next field with a problem, from the last on to the first again; False without any."""
        boxes = list(self.boxes.values())
        here = next((n for n, box in enumerate(boxes) if box.isAncestorOf(QApplication.focusWidget() or self)), -1)
        for box in (*boxes[here + 1 :], *boxes[: here + 1]):
            if box.problems and self._counts(box):
                _go_to(box)
                return True
        return False

    # what Qt calls

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Z takes back typing first, then the last committed change of the form."""
        if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            back = event.matches(QKeySequence.StandardKey.Undo)
            if not back and not event.matches(QKeySequence.StandardKey.Redo):
                return False
            if event.type() == QEvent.Type.KeyPress:
                self._undo(self._box_of(watched)) if back else self.undo_stack.redo()
            event.accept()
            return True
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(one_column=self.width() < theme.px(NARROW))

    # inside

    def _add(self, box: FieldBox) -> None:
        self.boxes[box.key] = box
        if box.declared.sealed and not self._tools.cleared:
            box.conceal(filled=False)
        box.setParent(self)
        box.left.connect(lambda: self._commit(box))
        box.editor.target.installEventFilter(self)

    def _arrange(self, *, one_column: bool) -> None:
        if one_column == self._one_column:
            return
        self._one_column = one_column
        width = 1 if one_column else max(len(line) for line in self._rows)
        for column in range(4):
            self._grid.setColumnStretch(column, (3, 2, 2, 2)[column] if column < width else 0)
        place = 0
        for line in self._rows:
            for column, key in enumerate(line):
                if key:
                    alone = len(line) == 1
                    at = (place, 0) if one_column else (place, column)
                    self._grid.addWidget(self.boxes[key], *at, 1, width if alone else 1)
                    place += one_column
            place += not one_column
        self._grid.setRowStretch(place + 1, 1)

    def _commit(self, box: FieldBox) -> None:
        if box.veil:
            return
        try:
            value = box.editor.value()
        except ValueError:
            pass
        else:
            before = self._values[box.key]
            if value != before and not (value in EMPTY and before in EMPTY):
                self.undo_stack.push(_Change(self, key=box.key, before=before, after=value))
        had = box.problems
        self._check(box)
        if had != box.problems:
            self.problems_changed.emit()

    def take(self, key: str, value: Any) -> None:
        """Make this the value (undo and redo end here)."""
        self._values[key] = value
        self._show_relevant()
        self.changed.emit(key)

    def _check(self, box: FieldBox) -> None:
        if box.veil:
            return
        try:
            value = box.editor.value()
        except ValueError as error:
            box.show_problems((Problem(box.key, str(error)),))
            return
        found = list(self._tools.check(box.key, value)) if value not in EMPTY else []
        if self._complete and box.declared.required and value in EMPTY:
            found.append(Problem(box.key, _("Please fill in: {label}.").format(label=box.name)))
        box.show_problems(found)

    def _undo(self, box: FieldBox | None) -> None:
        if box is None or not box.editor.undo_typing():
            self.undo_stack.undo()

    def _box_of(self, watched: QObject) -> FieldBox | None:
        return next((b for b in self.boxes.values() if b.editor.target is watched), None)

    def _show_relevant(self) -> None:
        for box in self.boxes.values():
            box.setVisible(self._counts(box))

    def _counts(self, box: FieldBox) -> bool:
        """Whether the field matters as things stand; what is hidden keeps its value and has no problems."""
        when = box.declared.relevant_when
        if when is None or when[0] not in self._values:
            return True
        value = self._values[when[0]]
        return bool({*when[1]} & set(value)) if isinstance(value, tuple) else value in when[1]


class _Change(QUndoCommand):
    """One committed change of one field."""

    def __init__(self, form: Form, *, key: str, before: Any, after: Any) -> None:
        super().__init__(form.boxes[key].name)
        self._form, self._key, self._before, self._after = form, key, before, after
        self._typed = True  # the editor shows it already when the command is made

    def undo(self) -> None:
        """The value before."""
        self._show(self._before)

    def redo(self) -> None:
        """The value after."""
        if self._typed:
            self._typed = False
            self._form.take(self._key, self._after)
        else:
            self._show(self._after)

    def _show(self, value: Any) -> None:
        box = self._form.boxes[self._key]
        box.editor.set_value(value)
        box.show_problems(())
        self._form.take(self._key, value)
        _go_to(box)


def _go_to(box: FieldBox) -> None:
    """Give a field the keyboard and scroll to it: Qt scrolls by itself for Tab only."""
    box.editor.target.setFocus(Qt.FocusReason.ShortcutFocusReason)
    above = box.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    if above is not None:
        above.ensureWidgetVisible(box, theme.px(20), theme.px(20))


def _rows(by_key: Mapping[str, FieldLike], layout: Sequence[Sequence[str]] | None) -> list[list[str]]:
    """The lines of the form: as many cells as columns, or one cell for a field that takes the full width."""
    if layout is not None:
        given = [list(line) for line in zip_longest(*layout, fillvalue="")]
        named = {key for line in given for key in line}
        return [*given, *([key] for key in by_key if key not in named)]
    rows: list[list[str]] = []
    line: list[str] = []
    for key, declared in by_key.items():
        if str(declared.kind) in _WIDE_KINDS:
            rows, line = [*rows, *([[*line, ""]] if line else []), [key]], []
        else:
            line = [*line, key]
            if len(line) == 2:
                rows, line = [*rows, line], []
    return [*rows, [*line, ""]] if line else rows

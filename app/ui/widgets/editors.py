"""One editor per kind of field. All speak alike: `value()`, `set_value()`, `committed()` when a person is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QSize, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit, QListView, QPlainTextEdit, QVBoxLayout, QWidget

from app.i18n import _
from app.ui import theme
from app.ui.widgets.pills import ChipPicker

Choices = Sequence[tuple[Any, str]]  # (code, label)
SEARCH_MS = 150


class Unreadable(ValueError):
    """What is typed is no value; the sentence says what to type instead."""


class Editor(QWidget):
    """The base of all editors. `target` is the control that takes the keyboard and carries the accessible name."""

    committed = Signal()  # the person left the editor, or chose; the value may be the same as before
    edited = Signal()  # a letter more or less

    def __init__(self, target: QWidget) -> None:
        super().__init__()
        self.target = target
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(target)
        self.setFocusProxy(target)

    def value(self) -> Any:
        """The value, None when empty. Unreadable when what is typed is no value."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value."""
        raise NotImplementedError

    def mark_state(self, state: str) -> None:
        """Show "error", "warning" or "" at the control."""
        theme.mark(self.target, state=state)

    def undo_typing(self) -> bool:
        """Take back what was typed since the last commit; False when there is nothing."""
        return False


class TextEditor(Editor):
    """One line of text; `read` and `show` translate between what is typed and the value."""

    def __init__(
        self, *, read: Callable[[str], Any] | None = None, show: Callable[[Any], str] | None = None, width: int = 0
    ) -> None:
        self.line = QLineEdit()
        super().__init__(self.line)
        self._read, self._show = read or (lambda words: words), show or str
        if width:
            self.line.setMaximumWidth(theme.px(width))
        self.line.editingFinished.connect(self._leave)
        self.line.textEdited.connect(lambda _words: self.edited.emit())

    def value(self) -> Any:
        words = " ".join(self.line.text().split())
        return self._read(words) if words else None

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else self._show(value))
        self.line.setCursorPosition(0)  # a text too long for its line shows how it begins
        self.line.setModified(False)

    def undo_typing(self) -> bool:
        undoable = self.line.isModified() and self.line.isUndoAvailable()
        if undoable:
            self.line.undo()
        return undoable

    def _leave(self) -> None:
        """Show what was understood: 'h' becomes the date of today."""
        try:
            value = self.value()
        except ValueError:
            pass
        else:
            self.line.setText("" if value is None else self._show(value))
        self.line.setCursorPosition(0)
        self.line.setModified(False)
        self.committed.emit()


class LongEditor(Editor):
    """Several lines of text; Tab leaves it."""

    def __init__(self, *, lines: int = 4) -> None:
        self.area = _LongText()
        super().__init__(self.area)
        self.area.setTabChangesFocus(True)
        self.area.setMinimumHeight(self.area.fontMetrics().lineSpacing() * lines + theme.px(18))
        self.area.left.connect(self.committed)
        self.area.textChanged.connect(self.edited)

    def value(self) -> str | None:
        return self.area.toPlainText().strip() or None

    def set_value(self, value: Any) -> None:
        self.area.setPlainText(value or "")
        self.area.document().setModified(False)

    def undo_typing(self) -> bool:
        document = self.area.document()
        undoable = document.isModified() and document.isUndoAvailable()
        if undoable:
            self.area.undo()
        return undoable


class _LongText(QPlainTextEdit):
    """Says when the keyboard goes elsewhere."""

    left = Signal()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.document().setModified(False)
            self.left.emit()


class CodeEditor(Editor):
    """One code of a list: type any part of its label, or open the list. A code the list does not know is kept."""

    def __init__(self, choices: Choices) -> None:
        self.combo = _Combo()
        super().__init__(self.combo)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setMaxVisibleItems(14)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(8)
        self.combo.addItem("", None)
        for code, words in choices:
            self.combo.addItem(words, code)
        completer = _completer(self.combo)
        completer.setModel(self.combo.model())
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.combo.setCompleter(completer)
        line = self.combo.lineEdit()
        assert line is not None
        self.line = line
        line.editingFinished.connect(self._settle)
        line.textEdited.connect(lambda _words: self.edited.emit())
        self.combo.activated.connect(lambda _at: self.committed.emit())

    def value(self) -> Any:
        words = self.combo.currentText().strip()
        at = self._find(words)
        if at < 0:
            raise Unreadable(
                _("“{text}” is not in the list. Type a part of an entry, or open the list.").format(text=words)
            )
        return self.combo.itemData(at)

    def set_value(self, value: Any) -> None:
        at = 0 if value is None else self.combo.findData(value)
        if at < 0:
            self.combo.addItem(str(value), value)
            at = self.combo.count() - 1
        self.combo.setCurrentIndex(at)
        self.line.setCursorPosition(0)

    def _find(self, words: str) -> int:
        """The entry that is meant: the same label, else the only one that contains the words."""
        exact = self.combo.findText(words, Qt.MatchFlag.MatchFixedString)
        if exact >= 0 or not words:
            return max(exact, 0)
        near = [n for n in range(1, self.combo.count()) if words.casefold() in self.combo.itemText(n).casefold()]
        return near[0] if len(near) == 1 else -1

    def _settle(self) -> None:
        if not shiboken6.isValid(self.line):
            return  # the form is being taken apart, and the line that loses the focus is gone already
        at = self._find(self.combo.currentText().strip())
        if at >= 0:
            self.combo.setCurrentIndex(at)
            self.combo.setEditText(self.combo.itemText(at))
            self.line.setCursorPosition(0)
        self.committed.emit()


class _Combo(QComboBox):
    """The wheel scrolls the form, not the value under the pointer; who comes by keyboard replaces the value."""

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        came_in = event.reason() in (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason)
        line = self.lineEdit()
        if line is not None and not came_in and event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            line.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Down and F4 open the list; plain Down does too, so that nothing changes unseen."""
        if event.key() == Qt.Key.Key_Down and not event.modifiers():
            self.showPopup()
            return
        super().keyPressEvent(event)


class CodesEditor(Editor):
    """Several codes of a list, as chips to tick."""

    def __init__(self, choices: Choices, *, name: str) -> None:
        self.picker = ChipPicker(choices, name=name)
        super().__init__(self.picker)
        self.picker.picked.connect(self.committed)

    def value(self) -> tuple[str, ...]:
        return self.picker.codes()

    def set_value(self, value: Any) -> None:
        self.picker.set_codes(value or ())

    def mark_state(self, state: str) -> None:
        """The problem line says it; chips have no border to colour."""


@dataclass(frozen=True)
class Finder:
    """How to find one of very many: `search(text)` gives choices, `label(code)` the words of one."""

    search: Callable[[str], Choices]
    label: Callable[[str], str]


class PickEditor(Editor):
    """One of very many (a district, an agency): type a part of it and choose from what is found."""

    def __init__(self, finder: Finder) -> None:
        self.line = QLineEdit()
        super().__init__(self.line)
        self._finder, self._code = finder, ""
        self._found: dict[str, str] = {}
        self._names = QStringListModel(self)
        completer = _completer(self.line)
        completer.setModel(self._names)
        completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        completer.activated[str].connect(self._choose)  # type: ignore[index]
        self.line.setCompleter(completer)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEARCH_MS)
        self._timer.timeout.connect(self.search_now)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._settle)

    def value(self) -> Any:
        words = self.line.text().strip()
        if words and not self._code:
            raise Unreadable(_("“{text}” was not found. Type a part of the name and choose.").format(text=words))
        return self._code or None

    def set_value(self, value: Any) -> None:
        self._code = value or ""
        self.line.setText(self._finder.label(value) if value else "")
        self.line.setCursorPosition(0)

    def search_now(self) -> None:
        """Look up what is typed and offer it."""
        self._timer.stop()
        self._find(self.line.text())
        if self._found and self.line.hasFocus():
            self.line.completer().complete()

    def _find(self, words: str) -> None:
        self._found = {label: code for code, label in self._finder.search(words.strip())} if words.strip() else {}
        self._names.setStringList(list(self._found))

    def _typed(self) -> None:
        self._code = ""
        self._timer.start()
        self.edited.emit()

    def _choose(self, label: str) -> None:
        self._code = self._found.get(label, "")
        self.line.setText(label)
        self.line.setCursorPosition(0)
        self.committed.emit()

    def _settle(self) -> None:
        """Leaving with exactly one thing found takes it, or with one whose name, or name before the comma, is typed."""
        if self._timer.isActive():
            self._timer.stop()
            self._find(self.line.text())
        words = self.line.text().strip()
        if words and not self._code:
            typed = words.casefold()
            whole = [label for label in self._found if typed in (label.casefold(), label.casefold().partition(",")[0])]
            match = whole or list(self._found)
            if len(match) == 1:
                self._choose(match[0])
                return
        self.committed.emit()


def _completer(owner: QObject) -> QCompleter:
    completer = QCompleter(owner)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setMaxVisibleItems(12)
    popup = QListView()
    popup.setAccessibleName(_("Suggestions"))
    theme.mark(popup, role="popup")
    completer.setPopup(popup)
    return completer

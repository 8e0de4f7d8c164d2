"""The keys of the program: one list, for the window and for the sheet that shows them (Ctrl+/)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.ui import theme
from app.ui.widgets.basics import Card, button, row, show_keys, text

# (name of the command, keys, what it does)
KEYS: tuple[tuple[str, str, str], ...] = (
    ("new_case", "Ctrl+N", N_("New case")),
    ("new_referral", "Ctrl+Shift+N", N_("New referral")),
    ("find", "Ctrl+F", N_("Search")),
    ("save", "Ctrl+S", N_("Save")),
    ("refresh", "F5", N_("Refresh")),
    ("sync", "F9", N_("Sync")),
    ("pdf", "Ctrl+P", N_("PDF and print")),
    ("lock", "Ctrl+L", N_("Lock")),
    ("hide", "Ctrl+Shift+H", N_("Hide at once; the same keys bring it back")),
    ("problem", "Alt+J", N_("Next problem in a form")),
    ("undo", "Ctrl+Z", N_("Undo")),
    ("settle", "Ctrl+Return", N_("Settle a conflict; Alt and an arrow take a side")),
    ("places", "Ctrl+1 … 9", N_("Go to a place in the sidebar")),
    ("help", "F1", N_("Help")),
    ("keys", "Ctrl+/", N_("This list")),
)
# Those the window itself answers; the others belong to the part that has them.
COMMANDS = ("new_case", "new_referral", "save", "refresh", "sync", "pdf", "lock", "help")


def keys_of(name: str) -> str:
    """The keys of a command. KeyError for one that is not in the list."""
    return {command: keys for command, keys, _what in KEYS}[name]


class ShortcutSheet(QDialog):
    """All keys at a glance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keyboard"))
        card = Card(_("Keyboard"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(24))
        grid.setVerticalSpacing(theme.px(8))
        for line, (_command, keys, what) in enumerate(KEYS):
            shown = keys if "…" in keys else show_keys(keys)
            grid.addWidget(text(shown, role="strong"), line, 0)
            grid.addWidget(text(_(what)), line, 1)
        card.body.addLayout(grid)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(_("Keyboard"))
        area.setWidget(card)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        layout.addLayout(row(None, button(_("Close"), kind="primary", clicked=self.accept)))
        hint = card.sizeHint()
        wide, high = max(theme.px(480), hint.width() + theme.px(60)), hint.height() + theme.px(80)
        self.resize(min(wide, 960), min(high, 560))

"""Holidays, limits and lists of the office: for the supervisor and the administrator."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.models.journal import Changes
from app.models.permission import Permission
from app.ui import icons, theme
from app.ui.screens.office_tabs import Holidays, Limits, Lists
from app.ui.widgets.basics import Card, button, row, text
from app.ui.workplace import Workplace

_CONCERNED = frozenset({"holiday", "deadline_limit", "code_entry"})


class OfficeListsScreen:
    """Reached from the settings."""

    name, title, icon, section = "office_lists", N_("Deadlines and lists"), "calendar", ""
    permission = Permission.MANAGE_LISTS

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return OfficeListsView(context)


class OfficeListsView(QWidget):
    """Three lists under tabs."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.holidays, self.limits, self.lists = Holidays(place), Limits(place), Lists(place)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(_("Deadlines and lists"))
        self.tabs.tabBar().setAccessibleName(_("Deadlines and lists"))
        for tab, title in ((self.holidays, _("Holidays")), (self.limits, _("Limits")), (self.lists, _("Lists"))):
            self.tabs.addTab(tab, title)
        back = button(_("Settings"), kind="quiet", icon=icons.icon("settings", colour="accent"))
        back.clicked.connect(lambda: place.go("settings"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(back, None))
        layout.addWidget(text(_("Deadlines and lists"), role="title"))
        layout.addWidget(self.tabs, 1)
        self.landing: QWidget = self.holidays.table
        self.on_refresh()

    def refresh(self, changes: Changes) -> None:
        """Somebody changed one of them."""
        if changes.kinds & _CONCERNED:
            self.on_refresh()

    def on_refresh(self) -> None:
        """F5."""
        for tab in (self.holidays, self.limits, self.lists):
            tab.load()


def lists_card(place: Workplace) -> Card:
    """The way there, among the settings."""
    card = Card(_("Deadlines and lists"))
    words = _("Holidays, limits of this office, and the entries of its lists.")
    card.body.addWidget(text(words, role="muted", wrap=True))
    card.body.addLayout(row(button(_("Open…"), clicked=lambda: place.go("office_lists")), None))
    return card

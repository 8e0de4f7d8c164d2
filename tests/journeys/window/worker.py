"""A worker at the window: opens a case, fills what the dialogs ask, presses their buttons. Every step is a screen's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.i18n import _
from app.services.case_page import CasePage, open_page
from app.services.desk import Desk
from app.ui.dialogs import FormDialog
from app.ui.screens.case import CaseView
from app.ui.screens.intake import IntakeView
from app.ui.screens.intake_steps import STEPS
from app.ui.screens.part_dialogs import add_words
from app.ui.screens.same_person import SamePerson
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import press, words_in

Values = Mapping[str, Any]


class Worker:
    """Works in one window. What a step should leave behind is waited for, so that the next one finds it."""

    def __init__(self, window: WorkspaceWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot

    @property
    def desk(self) -> Desk:
        """The desk behind the window."""
        found: Desk = self.window.place.context.desk
        return found

    @property
    def view(self) -> CaseView:
        """The page of the case that is open."""
        found = self.window.current()
        assert isinstance(found, CaseView), type(found)
        return found

    @property
    def page(self) -> CasePage:
        """The case as the window shows it."""
        assert self.view.page is not None
        return self.view.page

    def intake(self, **parts: Values) -> CasePage:
        """A new case from beginning to end: `report`, `victim`, `screening`, `safety`, `consent`, `referral`."""
        view = self.window.go("intake")
        assert isinstance(view, IntakeView)
        for part, values in parts.items():
            for key, value in values.items():
                view.pages.forms[part].put(key, value)
        for _step in STEPS:
            view.go_on()
        self.qtbot.waitUntil(lambda: isinstance(self.window.current(), CaseView), timeout=20_000)
        return self.page

    def open(self, case_id: str) -> CasePage:
        """Go to a case."""
        self.window.go("case", target=case_id)
        return self.page

    def tab(self, name: str) -> str:
        """Everything that can be read under a tab of the open case."""
        self.view.tabs.go(name)
        return words_in(self.view.tabs)

    def add(self, tab: str, kind: str, values: Values, *, refused: str = "") -> CasePage:
        """Press the button under a tab that adds a record of a kind, fill it in, save it."""
        before = len(self.page.parts[kind])
        self.press(tab, add_words(kind))
        self.fill(values)
        if refused:
            self.qtbot.waitUntil(lambda: refused in words_in(self.dialog))
            self.dialog.reject()
            return self.page
        return self.until(lambda page: len(page.parts[kind]) == before + 1)

    def person(self, person: Values, **part: Any) -> CasePage:
        """Give somebody a part in the case."""
        before = len(self.page.parties)
        self.view.tabs.go("people")
        self.view.deeds.add_person()
        self.fill({**person, **part})
        return self.until(lambda page: len(page.parties) == before + 1)

    def known_person(self, name: str, **part: Any) -> CasePage:
        """The same, of somebody who is shown beside the form as known already."""
        before = len(self.page.parties)
        self.view.deeds.add_person()
        dialog = self.dialog
        dialog.form.put("name", name)
        beside = dialog.findChildren(SamePerson)[0]
        beside.ask(dialog.current_values())
        self.qtbot.waitUntil(lambda: bool(beside.candidates), timeout=20_000)
        press(beside, _("Same person"))
        self.fill(part)
        return self.until(lambda page: len(page.parties) == before + 1)

    def change(self, kind: str, values: Values, *, at: int = -1) -> CasePage:
        """Change a record of the open case in its dialog."""
        entry = self.page.parts[kind][at]
        self.view.deeds.edit_part(entry, keys=tuple(values))
        self.fill(values)
        return self.until(lambda page: all(page.parts[kind][at][key] == value for key, value in values.items()))

    def press(self, tab: str, words: str) -> None:
        """Press a button under a tab."""
        self.view.tabs.go(tab)
        self.qtbot.waitUntil(lambda: self._shows(words))
        press(self.view.tabs, words)

    def _shows(self, words: str) -> bool:
        tabs = self.view.tabs
        return any(words in one.text() and one.isVisibleTo(tabs) for one in tabs.findChildren(QAbstractButton))

    def close(self, reason: str, note: str) -> CasePage:
        """Close the open case."""
        self.view.deeds.close_case()
        self.fill({"close_reason": reason, "close_note": note})
        return self.until(lambda page: page.row.status == "CLOSED")

    @property
    def dialog(self) -> FormDialog:
        """The dialog that is open."""
        assert self.view.deeds.dialog is not None
        return self.view.deeds.dialog

    def fill(self, values: Values) -> None:
        """Fill in the open dialog as a person would, and save it."""
        dialog = self.dialog
        for key, value in values.items():
            dialog.form.put(key, value)
        dialog.save()

    def until(self, holds: Any) -> CasePage:
        """The page, when this is true of it and no dialog is open."""
        self.qtbot.waitUntil(
            lambda: self.view.deeds.dialog is None and holds(open_page(self.desk, self.page.case.id)), timeout=20_000
        )
        self.qtbot.waitUntil(lambda: holds(self.page), timeout=20_000)
        return self.page

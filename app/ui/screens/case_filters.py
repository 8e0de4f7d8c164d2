"""The filters of the list of cases: the menu to choose one, and the words on its chip."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import _
from app.models.codelist import label
from app.services.case_list import ACTIVE
from app.ui import presenting
from app.ui.form_tools import choices
from app.ui.theme import Tone


def filter_menu(owner: QWidget, *, chosen: Callable[[str, str], object], reset: Callable[[], object]) -> QMenu:
    """A menu that calls `chosen(name, value)`; the last entry takes every filter away."""
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _offer(menu, _("Active"), partial(chosen, "status", ACTIVE))
    for name, title, codelist in (("status", _("Status"), "case_status"), ("risk", _("Risk"), "risk_level")):
        below = menu.addMenu(title)
        for code, words in choices(codelist):
            _offer(below, words, partial(chosen, name, code))
    menu.addSeparator()
    for name, words in (
        ("overdue", _("Overdue")), ("quiet", _("Nothing entered for 14 days")), ("shared", _("From other offices")),
    ):  # fmt: skip
        _offer(menu, words, partial(chosen, name, "1"))
    menu.addSeparator()
    _offer(menu, _("Show all cases"), reset)
    return menu


def _offer(menu: QMenu, words: str, act: Callable[[], object]) -> None:
    menu.addAction(words).triggered.connect(lambda _on=False: act())


def filter_words(name: str, value: str) -> tuple[str, Tone]:
    """The words of a filter in force and what their colour means."""
    match name:
        case "status":
            words = _("active") if value == ACTIVE else label("case_status", value).lower()
            return _("Status: {status}").format(status=words), Tone.GOOD
        case "risk":
            return _("Risk: {level}").format(level=label("risk_level", value).lower()), presenting.risk(value).tone
        case "overdue":
            return _("Overdue"), Tone.DANGER
        case "quiet":
            return _("Nothing entered for 14 days"), Tone.WARN
    return _("From other offices"), Tone.INFO

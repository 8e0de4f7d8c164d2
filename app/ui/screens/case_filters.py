"""The filters of the list of cases: the menu to choose one, and the words on its chip."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import N_, _, format_date
from app.models.codelist import label
from app.models.regions import region_path
from app.services.case_list import ACTIVE
from app.ui import presenting
from app.ui.form_tools import choices
from app.ui.screens.filter_dialogs import ask_days, ask_region
from app.ui.theme import Tone
from app.ui.workplace import Workplace

FLAGS = {
    "overdue": N_("Overdue"), "quiet": N_("Nothing entered for 14 days"), "shared": N_("From other offices"),
    "mine": N_("I am the lead worker"), "my_tasks": N_("A task waits for me"), "referred": N_("Open referrals"),
    "child": N_("A child is a victim"), "flagged": N_("Flagged"),
}  # fmt: skip
_TONES = {"overdue": Tone.DANGER, "quiet": Tone.WARN, "child": Tone.WARN, "flagged": Tone.WARN}


def filter_menu(
    place: Workplace, owner: QWidget, *, chosen: Callable[[str, str], object], reset: Callable[[], object]
) -> QMenu:
    """A menu that calls `chosen(name, value)`; the last entry takes every filter away."""
    menu = QMenu(owner)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _offer(menu, _("Active"), partial(chosen, "status", ACTIVE))
    for name, title, codelist in (("status", _("Status"), "case_status"), ("risk", _("Risk"), "risk_level")):
        below = menu.addMenu(title)
        for code, words in choices(codelist):
            _offer(below, words, partial(chosen, name, code))
    menu.addSeparator()
    for name, title, codelist in (("exploitation", _("Exploitation"), "exploitation_type"),):
        below = menu.addMenu(title)
        for code, words in choices(codelist):
            if "." not in code:  # a group finds what is narrower
                _offer(below, words, partial(chosen, name, code))
    _offer(menu, _("Reported between\u2026"), partial(ask_days, place, owner, chosen=chosen))
    _offer(menu, _("Region\u2026"), partial(ask_region, place, owner, chosen=chosen))
    menu.addSeparator()
    for name, flag in FLAGS.items():
        _offer(menu, _(flag), partial(chosen, name, "1"))
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
        case "exploitation":
            return label("exploitation_type", value), Tone.INFO
        case "region":
            return region_path(value), Tone.INFO
        case "since":
            return _("Reported from {day}").format(day=format_date(date.fromisoformat(value), "short")), Tone.INFO
        case "until":
            return _("Reported to {day}").format(day=format_date(date.fromisoformat(value), "short")), Tone.INFO
    return _(FLAGS[name]), _TONES.get(name, Tone.INFO)

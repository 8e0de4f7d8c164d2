"""Who and what a case is, in two lines and a few chips: never a full name, so that a glance gives nothing away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from app.models.codelist import label
from app.models.names import initials
from app.models.regions import region_name
from app.services.case_page import CasePage
from app.services.oversight import is_up
from app.ui import presenting, theme
from app.ui.screens.case_cards import chip
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, column, row, text
from app.ui.widgets.entry_card import ChipWords
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.workplace import Workplace

NARROW = 470


class CaseHead(QWidget):
    """Number, risk, status; who; what; next step and its due date; buttons at the right."""

    def __init__(self, place: Workplace, *, role: str, buttons: Sequence[QPushButton]) -> None:
        super().__init__()
        self.place, self._says_flags = place, role != "title"  # under a title they stand in bands of their own
        self.number = text("", role=role)
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, gap=theme.px(8))
        self._who = text("", role="muted", wrap=True)
        self._what = text("", role="muted", wrap=True)
        self._next = text("", role="strong", wrap=True)
        lines = QVBoxLayout()
        lines.setSpacing(theme.px(2))
        for part in (self._who, self._what):
            lines.addWidget(part)
        self._below = row()
        self._below.addLayout(lines, 1)
        holder = QWidget()
        holder.setLayout(row(*buttons))
        self._below.addWidget(holder, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        top = row(self.number)
        top.addLayout(column(None, self._chips, None), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addLayout(top)
        layout.addLayout(self._below)
        layout.addWidget(self._next)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons stand beside the words, or under them when the room is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < theme.px(NARROW)
        beside, under = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._below.setDirection(under if narrow else beside)

    def show_page(self, page: CasePage) -> None:
        """Say it for this case."""
        self.number.setText(page.row.number)
        empty(self._flow)
        today = self.place.desk.today()
        flags = _flag_chips(page, today.isoformat()) if self._says_flags else []
        for words, tone, sign in [*_chips(page), *flags]:
            self._flow.addWidget(Chip(words, tone=tone, mark=sign))
        victims = [f"{initials(v.person['name'])} \u00b7 {presenting.person_line(v.person.values, today)}"
                   for v in page.victims[:2]]  # fmt: skip
        more = len(page.victims) - len(victims)
        if more > 0:
            victims.append(_("+ {n} more").format(n=more))
        self._who.setText("\n".join(victims) or _("No victim entered yet"))
        self._what.setText(_facts(page))
        self._what.setVisible(bool(self._what.text()))
        self._say_next(page)

    def _say_next(self, page: CasePage) -> None:
        if not page.row.next_step:
            self._next.setText("")
            self._next.hide()
            return
        due = presenting.due(page.row.due, self.place.desk.today())
        self._next.setText(_("Next: {step} \u00b7 {due}").format(step=page.row.next_step, due=due.words))
        theme.mark(self._next, tone=due.tone if due.tone != Tone.NEUTRAL else "")
        self._next.show()


def _chips(page: CasePage) -> list[ChipWords]:
    found = [chip(presenting.risk(page.row.risk, long=True)), chip(presenting.status(page.row.status))]
    if page.row.child:
        found.append((_("Child"), Tone.INFO, ""))
    if not page.own and page.office:
        found.append((_("Case of {office}").format(office=page.office), Tone.NEUTRAL, ""))
    if page.conflicts:
        found.append((_("Conflict"), Tone.WARN, "warning"))
    return found


def _flag_chips(page: CasePage, today: str) -> list[ChipWords]:
    up = (flag for flag in page.parts["flag"] if is_up(flag, today))
    return [(label("flag_reason", flag["reason"]), Tone.DANGER, "stop") for flag in up]


def _facts(page: CasePage) -> str:
    case = page.case
    what = ", ".join(label("exploitation_type", code) for code in case["exploitation"] or ())
    how = label("recruitment_mode", case["recruitment_mode"])
    country = label("nationality", case["destination_country"])
    route = " \u2013 ".join(p for p in (region_name(case["origin"]), case["destination"] or country) if p)
    return " \u00b7 ".join(part for part in (what, how, route) if part)

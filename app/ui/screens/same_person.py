"""Who may be the same person: found while a name is being typed, never decided by the program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.models.regions import region_path
from app.services import duplicates
from app.services.duplicates import Candidate
from app.ui import theme
from app.ui.jobs import Job
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

WAIT_MS = 150


class SamePerson(Card):
    """`chosen(Candidate)` when a person says that it is the same; `ask(values)` as often as you like."""

    chosen = Signal(object)

    def __init__(self, place: Workplace, *, may_choose: bool = True) -> None:
        super().__init__(_("Maybe the same person"))
        self.place, self._may_choose = place, may_choose
        self.candidates: tuple[Candidate, ...] = ()
        self._values: Mapping[str, Any] = {}
        self._job: Job | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self._look)
        self._count = text("", role="muted", wrap=True)
        self.body.addWidget(self._count)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(10))
        self.body.addLayout(self._list)
        self.body.addStretch(1)
        self.show_candidates(())

    def ask(self, values: Mapping[str, Any]) -> None:
        """Look for people like this one, a moment after the last change."""
        self._values = dict(values)
        self._timer.start()

    def show_candidates(self, found: Sequence[Candidate]) -> None:
        """Show them, the likeliest first."""
        self.candidates = tuple(found)
        n = len(self.candidates)
        words = ngettext("{n} candidate on this laptop", "{n} candidates on this laptop", n)
        self._count.setText(words.format(n=format_number(n)) if n else _("Nobody like this on this laptop so far."))
        empty(self._list)
        for candidate in self.candidates:
            self._list.addWidget(self._line(candidate))

    def _look(self) -> None:
        if self._job is not None:
            self._job.cancel()
        desk, values = self.place.desk, self._values
        self._job = self.place.load(lambda: duplicates.candidates(desk, values), owner=self, then=self.show_candidates)

    def _line(self, candidate: Candidate) -> QWidget:
        person = candidate.person
        year = str(person["birth_date"] or "")[:4]
        head = " \u00b7 ".join(part for part in (person["name"] or "", person["sex"] or "", year) if part)
        where = _("Case {number}").format(number=candidate.case_number) if candidate.case_number else ""
        area = region_path(person["region"])
        why = " \u00b7 ".join([*candidate.reasons, *([area] if area else [])])
        box = QWidget()
        inside = QVBoxLayout(box)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(2))
        parts: list[QWidget | None] = [text(head, role="strong", wrap=True), None]
        if self._may_choose:
            same = button(_("Same person"), clicked=lambda: self.chosen.emit(candidate))
            same.setAccessibleDescription(head)
            same.setAutoDefault(False)
            parts.append(same)
        inside.addLayout(row(*parts))
        inside.addWidget(text(why, role="small", wrap=True))
        inside.addWidget(text(where, role="small", wrap=True))
        return box

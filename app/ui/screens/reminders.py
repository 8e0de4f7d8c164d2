"""On the first screen: own referrals that nobody has answered and that are due, each with the note of a reminder."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.services.referrals import ReferralItem
from app.ui import presenting, theme
from app.ui.screens.referral_steps import reminder_button
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

SHOWN = 3  # the others are counted; the list of referrals has them all


class ReminderCard(Card):
    """Whom to remind; it takes no room while nobody has to be."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_("Remind today"))
        self._place = place
        self._lines = QVBoxLayout()
        self._lines.setSpacing(theme.px(6))
        self.body.addLayout(self._lines)
        self.hide()

    def show_items(self, items: Sequence[ReferralItem]) -> None:
        """Show these, what is due first on top."""
        empty(self._lines)
        for item in items[:SHOWN]:
            due = presenting.due_moment(item.due_at, self._place.now())
            said = " \u00b7 ".join(part for part in (item.other, item.case_number, due.words) if part)
            line = row(text(said, wrap=True, tone=due.tone))
            line.setStretch(0, 1)
            if (remind := reminder_button(self._place, item, owner=self)) is not None:
                remind.setAccessibleDescription(said)
                line.addWidget(remind)
            self._add(line)
        if (more := len(items) - SHOWN) > 0:
            words = ngettext("and {n} more", "and {n} more", more).format(n=format_number(more))
            go = button(_("Show"), kind="quiet", clicked=lambda: self._place.go("referrals", target="outbox"))
            self._add(row(text(words, role="muted"), None, go))
        self.setVisible(bool(items))

    def _add(self, line: QHBoxLayout) -> None:
        holder = QWidget()
        holder.setLayout(line)
        self._lines.addWidget(holder)

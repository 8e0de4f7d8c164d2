"""A band on a case whose suspect appears in other cases: what is done here concerns others, and is known there."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.models.names import initials
from app.services.case_page import CasePage
from app.ui import presenting, theme
from app.ui.theme import Tone
from app.ui.widgets.basics import button
from app.ui.widgets.feedback import Banner
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

NAMED = 4  # cases; more are counted by the sentence


class SuspectBands(QWidget):
    """One band per suspect who is in other cases on this laptop."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place = place
        self._bands = QVBoxLayout(self)
        self._bands.setContentsMargins(0, 0, 0, 0)
        self._bands.setSpacing(theme.px(2))
        self.hide()

    def show_page(self, page: CasePage) -> None:
        """The suspects of this case."""
        empty(self._bands)
        again = {p.person.id: p for p in page.parties if p.party["role"] == "SUSPECT" and p.other_cases}
        for who, item in again.items():
            count = len(item.other_cases)
            words = ngettext(
                "The suspect {who} appears in {n} other case: {cases}",
                "The suspect {who} appears in {n} other cases: {cases}",
                count,
            )
            cases = ", ".join(sorted(item.other_cases)[:NAMED]) + ("\u2026" if count > NAMED else "")
            said = words.format(
                who=initials(item.person["name"]) or presenting.NOTHING, n=format_number(count), cases=cases
            )
            show = button(_("Network"), clicked=partial(self.place.go, "network", target=who))
            self._bands.addWidget(Banner(said, tone=Tone.WARN, action=show))
        self.setVisible(bool(again))

"""Above the consents of a case: what stands, until when, what ended, and which open referrals stand on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.codelist import label
from app.models.dates import show_date
from app.services import sharing
from app.services.sharing import ConsentItem
from app.ui import presenting, theme
from app.ui.screens.case_cards import recipients, who
from app.ui.screens.case_shown import Shown
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, row, text
from app.ui.widgets.flow import empty

_STATES = {
    "GIVEN": (N_("Stands"), Tone.GOOD, "check"), "OVER": (N_("Ran out"), Tone.DANGER, "cross"),
    "WITHDRAWN": (N_("Withdrawn"), Tone.DANGER, "cross"), "REFUSED": (N_("Refused"), Tone.DANGER, "cross"),
}  # fmt: skip


def consent_panel(shown: Shown) -> QWidget | None:
    """The ledger; None where nobody was asked yet."""
    if not shown.page.consents:
        return None
    found, desk, case_id = ConsentLedger(shown), shown.place.desk, shown.page.case.id
    shown.place.load(
        lambda: (sharing.ledger(desk, case_id), dict(recipients(desk))), owner=found,
        then=lambda read: found.show_items(*read),
    )  # fmt: skip
    return found


class ConsentLedger(QWidget):
    """One entry for each decision, the newest first."""

    def __init__(self, shown: Shown) -> None:
        super().__init__()
        self._shown = shown
        self.setAccessibleName(_("What stands"))
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, theme.px(8))
        self._body.setSpacing(theme.px(8))

    def show_items(self, items: Sequence[ConsentItem], names: Mapping[str, str]) -> None:
        """Show these; `names` of those for whom a consent is."""
        empty(self._body)
        self._body.addWidget(text(_("What stands"), role="label"))
        for item in items:
            self._body.addWidget(self._line(item, names))

    def _line(self, item: ConsentItem, names: Mapping[str, str]) -> QWidget:
        entry, holder = item.entry, QWidget()
        body = QVBoxLayout(holder)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.px(2))
        words, tone, mark = _state(item)
        ends = entry["valid_until"] if item.state not in ("WITHDRAWN", "REFUSED") else None
        until = _("Valid until: {date}").format(date=show_date(ends)) if ends else ""
        purpose = text(label("consent_purpose", entry["purpose"]), role="strong")
        body.addLayout(row(purpose, Chip(words, tone=tone, mark=mark), text(until, role="small"), None))
        about = who(self._shown.page, entry["person_id"], names=self._shown.names)
        to = names.get(entry["recipient"], "") if entry["recipient"] else ""
        for_whom = _("for {office}").format(office=to) if to else ""
        if said := " \u00b7 ".join(part for part in (about, for_whom) if part):
            body.addWidget(text(said, role="muted", wrap=True))
        if item.shares:
            on_it = (f"{i.other} ({presenting.referral_state(i.state, sent=i.sent).words})" for i in item.shares)
            body.addWidget(text(_("Open referrals on it: {list}").format(list=", ".join(on_it)), wrap=True))
        return holder


def _state(item: ConsentItem) -> tuple[str, str, str]:
    """(words, tone, mark) of where a consent stands."""
    if item.state != "SOON":
        words, tone, mark = _STATES[item.state]
        return _(words), tone, mark
    days = item.days or 0
    words = ngettext("Runs out in {n} day", "Runs out in {n} days", days).format(n=format_number(days))
    return (words if days else _("Runs out today")), Tone.WARN, "warning"

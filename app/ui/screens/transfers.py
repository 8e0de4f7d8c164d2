"""Handing a whole case over: the offer, the cards of transfers with what may be done, and what went without consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from app.i18n import N_, _, format_datetime, ngettext
from app.models.codelist import label
from app.models.permission import Permission
from app.models.transfer import Transfer, TransferEvent
from app.services import sharing, transfers
from app.services.desk import Desk
from app.services.sharing import Override
from app.services.transfers import TransferItem
from app.ui import presenting, theme
from app.ui.dialogs import Asked, FormDialog
from app.ui.screens.case_shown import Shown
from app.ui.screens.refer import fit, scrolled
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.editors import CodeEditor
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

# step -> (words on the button, whether a note is asked for, words after it was done)
_STEPS: dict[str, tuple[str, bool, str]] = {
    "ACCEPTED": (
        N_("Take the case over"),
        False,
        N_("Accepted. The centre moves the case at the next sync."),
    ),
    "DECLINED": (N_("Decline…"), True, N_("The transfer is declined.")),
    "WITHDRAWN": (N_("Withdraw the offer…"), True, N_("The offer is withdrawn. The case stays here.")),
}
_TONES = {
    "OFFERED": (Tone.WARN, "warning"), "ACCEPTED": (Tone.WARN, "warning"), "MOVED": (Tone.GOOD, "done"),
    "DECLINED": (Tone.DANGER, "warning"), "WITHDRAWN": (Tone.NEUTRAL, ""),
}  # fmt: skip


def hand_over(place: Workplace, case_id: str, *, owner: QWidget) -> FormDialog:
    """Ask to which office a case goes, and offer it."""
    desk = place.desk
    offices = [(office.id, office["name"] or presenting.NOTHING) for office in transfers.offices(desk)]
    note = _(
        "Until the other office accepts, it sees codes, dates and this message, and no name. When it accepts, the"
        " centre moves the whole case there with everything in it; this office keeps the transfer alone."
    )
    asked = Asked(
        Transfer, _("Hand over the case"), ("to_office", "reason", "message"),
        lambda values: transfers.offer(desk, case_id, values), action=_("Offer the case"), note=note,
        editors={"to_office": lambda _f: CodeEditor(offices)},
    )  # fmt: skip
    dialog = FormDialog(place, asked, parent=owner.window())
    dialog.saved.connect(lambda _saved: place.say(_("Offered. The other office reads it at its next synchronisation.")))
    dialog.open()
    return dialog


class TransferCards(QWidget):
    """Transfers as cards; `show_items([])` takes no room."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self._place = place
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(theme.px(6))
        self.hide()

    def show_items(self, items: Sequence[TransferItem], *, may_act: bool = True, most: int = 0) -> None:
        """Show these, with the buttons of what this person may do; at most so many, the others are counted."""
        empty(self._body)
        for item in items[: most or None]:
            self._body.addWidget(EntryCard(self._view(item, may_act=may_act)))
        if most and (more := len(items) - most) > 0:
            self._body.addWidget(text(ngettext("and {n} more", "and {n} more", more).format(n=more), role="muted"))
        self.setVisible(bool(items))

    def _view(self, item: TransferItem, *, may_act: bool) -> EntryView:
        tone, mark = _TONES.get(item.state, (Tone.NEUTRAL, ""))
        chips = [(label("transfer_step", item.state), tone, mark)]
        if not item.sent:
            chips.append((_("Not sent yet"), Tone.WARN, "warning"))
        if item.late:
            chips.append((_("A step came late"), Tone.WARN, "warning"))
        side = _("Case {number} to {office}") if item.outgoing else _("Case {number} from {office}")
        facts = [
            (_("Reason"), label("transfer_reason", item.entry["reason"])), (_("Message"), item.entry["message"] or ""),
            (_("Since"), format_datetime(item.since) if item.since else ""), (_("Note"), item.note),
        ]  # fmt: skip
        if item.state == "ACCEPTED":
            facts.append((_("Next"), _("The case moves as soon as its keys and files have come from the old office.")))
        title = side.format(number=item.case_number, office=item.other or presenting.NOTHING)
        return EntryView(title, chips, facts, actions=self._buttons(item) if may_act else ())

    def _buttons(self, item: TransferItem) -> Sequence[QPushButton]:
        if not self._place.desk.may(Permission.HAND_OVER):
            return ()
        made = []
        for step in (step for step in _STEPS if step in item.steps):
            one = button(_(_STEPS[step][0]), clicked=partial(self._take, item, step))
            one.setAccessibleDescription(item.other)
            made.append(one)
        return made

    def _take(self, item: TransferItem, step: str) -> None:
        desk, transfer_id, (words, asks, after) = self._place.desk, item.entry.id, _STEPS[step]

        def done(_saved: object) -> None:
            self._place.say(_(after))

        if not asks:
            self._place.save(lambda: transfers.take_step(desk, transfer_id, step), owner=self, then=done)
            return

        def deed(values: dict[str, Any]) -> Any:
            return transfers.take_step(desk, transfer_id, step, note=values["note"] or "")

        title = _(words).rstrip("…")
        dialog = FormDialog(
            self._place, Asked(TransferEvent, title, ("note",), deed, action=title), parent=self.window()
        )
        dialog.saved.connect(done)
        dialog.open()


def transfer_panel(shown: Shown) -> QWidget:
    """The transfers of a case, above its referrals."""
    cards, desk, case_id = TransferCards(shown.place), shown.place.desk, shown.page.case.id
    may_act = shown.deeds is not None
    shown.place.load(
        lambda: transfers.of_case_items(desk, case_id), owner=cards,
        then=lambda items: cards.show_items(items, may_act=may_act),
    )  # fmt: skip
    return cards


def show_overrides(place: Workplace, owner: QWidget) -> OverridesDialog:
    """Open the list of what went without consent."""
    dialog = OverridesDialog(place, parent=owner.window())
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog


class OverridesDialog(QDialog):
    """What this office shared without consent: to whom, on which ground, why, who decided it."""

    def __init__(self, place: Workplace, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self.setWindowTitle(_("Shared without consent"))
        inner = QWidget()
        self._body = QVBoxLayout(inner)
        layout = QVBoxLayout(self)
        layout.addWidget(text(_("Shared without consent"), role="title"))
        layout.addWidget(scrolled(inner, name=_("Shared without consent")), 1)
        layout.addLayout(row(None, button(_("Close"), clicked=self.accept)))
        fit(self, width=720, height=520)
        desk: Desk = place.desk
        place.load(lambda: sharing.overrides(desk), owner=self, then=self.show_overrides)

    def show_overrides(self, found: Sequence[Override]) -> None:
        """A card for each, the newest first."""
        empty(self._body)
        for one in found:
            self._body.addWidget(EntryCard(self._view(one)))
        if not found:
            self._body.addWidget(text(_("Nothing was shared without consent."), role="muted", wrap=True))
        self._body.addStretch(1)

    def _view(self, one: Override) -> EntryView:
        entry = one.item.entry
        facts = [
            (_("Ground in law"), label("override_ground", one.ground)), (_("Reason"), one.reason),
            (_("Shared"), ", ".join(label("tier", tier) for tier in entry["tiers"] or ())), (_("Decided by"), one.by),
        ]  # fmt: skip
        state = presenting.referral_state(one.item.state, sent=one.item.sent)
        meta = format_datetime(entry.made_at) if entry.made_at else ""
        title = f"{one.item.case_number} \u00b7 {one.item.other}"
        go: Callable[[], object] = partial(self._show, entry.id)
        show = button(_("Show"), clicked=go)
        return EntryView(title, [(state.words, state.tone, state.mark)], facts, meta=meta, actions=(show,))

    def _show(self, referral_id: str) -> None:
        self.accept()
        self._place.go("referrals", target=referral_id)

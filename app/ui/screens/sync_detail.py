"""The chosen entry of the sync beside the list: what happened to it, why, and what a person can do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _, format_datetime
from app.models.kind_names import kind_name
from app.services import conflicts
from app.services.conflicts import sides_of
from app.services.entries import Entry
from app.sync.report import SyncItem
from app.sync.settle import settle
from app.ui import theme
from app.ui.looked import Looked
from app.ui.screens import sync_words
from app.ui.screens.case_cards import conflict_card
from app.ui.screens.refer import scrolled
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.feedback import EmptyState
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace


class SyncDetail(QFrame):
    """Shows one SyncItem."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="card")
        self.place = place
        self._looked = Looked(place, kind="case", owner=self)
        self.item: SyncItem | None = None
        ground = QWidget()
        self._body = QVBoxLayout(ground)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(theme.px(10))
        self._stack = QStackedWidget()
        body = _("Choose an entry to see what became of it.")
        self._stack.addWidget(EmptyState(_("No entry chosen"), icon="sync", body=body))
        inner = QWidget()
        inside = QVBoxLayout(inner)
        pad = theme.px(16)
        inside.setContentsMargins(pad, theme.px(14), theme.px(8), theme.px(12))
        inside.addWidget(scrolled(ground))
        self._stack.addWidget(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def show_item(self, item: SyncItem | None) -> None:
        """Show an entry, or that none is chosen."""
        self.item = item
        self._stack.setCurrentIndex(0 if item is None else 1)
        empty(self._body)
        if item is None:
            return
        said = sync_words.state_of(item)
        self._body.addWidget(text(item.case_number or kind_name(item.kind), role="heading", wrap=True))
        self._body.addWidget(_holding(Chip(said.words, tone=said.tone, mark=said.mark), None))
        reason = sync_words.why(item)
        if reason:
            tone = said.tone if said.tone in (Tone.WARN, Tone.DANGER) else ""
            self._body.addWidget(text(reason, tone=tone, wrap=True))
        facts = [
            (_("Entry"), sync_words.change_of(item)),
            (_("Entered by"), " \u00b7 ".join((item.actor, format_datetime(item.at)))),
            (_("Number at the centre"), f"#{item.rev}" if item.rev else ""),
        ]
        self._body.addWidget(EntryCard(EntryView(_("What was written"), (), facts)))
        for conflict in self._conflicts(item):
            view = conflict_card(conflict, sides_of(conflict), now=self.place.now(), actions=self._choices(conflict))
            self._body.addWidget(EntryCard(view))
        self._body.addWidget(_holding(*self._deeds(item), None))
        self._body.addStretch(1)

    def _deeds(self, item: SyncItem) -> Sequence[QPushButton]:
        made = []
        if item.state in sync_words.STANDING and not item.settled:
            made.append(button(_("Send again"), kind="primary", clicked=lambda: self._settle(item, "again")))
            made.append(button(_("Give up"), kind="danger", clicked=lambda: self._settle(item, "discard")))
        if item.case_id and item.case_number:
            case_id = item.case_id
            made.append(button(_("Open the case"), clicked=lambda: self.place.go("case", target=case_id)))
        return made

    def _settle(self, item: SyncItem, how: str) -> None:
        setup, desk = self.place.context.sync_setup(), self.place.desk

        def deed() -> None:
            desk.tell(settle(setup, item.seq, how="again" if how == "again" else "discard"))

        words = _("It is sent at the next synchronisation.") if how == "again" else _(
            "Given up: the centre's version is shown again; what was written stays in the outbox."
        )  # fmt: skip
        self.place.save(deed, owner=self, then=lambda _result: self.place.say(words))

    def _conflicts(self, item: SyncItem) -> Sequence[Entry]:
        """Both values of the field, once they came back from the centre."""
        if item.state != "conflict":
            return ()
        if item.case_id:
            self._looked.at(item.case_id)
        return conflicts.unsettled_about(self.place.desk, item.record)

    def _choices(self, conflict: Entry) -> Sequence[QPushButton]:
        desk, conflict_id = self.place.desk, conflict.id

        def choose(choice: str) -> None:
            self.place.save(lambda: conflicts.settle(desk, conflict_id, choice), owner=self)

        return (
            button(_("Keep the centre's value"), clicked=lambda: choose(conflicts.KEPT)),
            button(_("Use the other value"), clicked=lambda: choose(conflicts.OTHER)),
        )


def _holding(*parts: QWidget | None) -> QWidget:
    holder = QWidget()
    holder.setLayout(row(*parts))
    return holder

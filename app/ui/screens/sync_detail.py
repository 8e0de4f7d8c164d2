"""The chosen entry of the sync beside the list: what happened to it, why, and what a person can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtWidgets import QFrame, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _, format_datetime, format_number, ngettext
from app.models.base import KINDS
from app.models.field import field_map
from app.models.kind_names import kind_name
from app.services import conflicts
from app.services.conflicts import sides_of
from app.services.corrections import Correctable, correct, correctable
from app.services.entries import Entry
from app.sync.report import SyncItem
from app.sync.settle import settle, settle_all
from app.sync.waits import alike, awaited
from app.ui import theme
from app.ui.dialogs import Asked, FormDialog
from app.ui.looked import Looked
from app.ui.screens import sync_words
from app.ui.screens.case_cards import conflict_card
from app.ui.screens.deed_dialog import Confirm
from app.ui.screens.refer import scrolled
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.feedback import EmptyState
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.workplace import Workplace

How = Literal["again", "discard"]


@dataclass(frozen=True, slots=True)
class _Around:
    """What has to be read beside an entry to say what can be done."""

    waits_for: str = ""
    alike: int = 0  # entries that stand for the same reason, this one included
    correctable: Correctable | None = None
    conflicts: Sequence[Entry] = ()


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
        if item is None:
            self._stack.setCurrentIndex(0)
            empty(self._body)
            return
        place = self.place
        place.load(lambda: _around(place, item), owner=self, then=lambda found: self._show(item, found))

    def _show(self, item: SyncItem, around: _Around) -> None:
        if item is not self.item:  # another was chosen meanwhile
            return
        focus: QWidget | None = self.window().focusWidget()  # Qt says None where its types do not
        had = focus is not None and self._stack.isAncestorOf(focus)
        self._stack.setCurrentIndex(1)
        empty(self._body)
        said = sync_words.state_of(item)
        self._body.addWidget(text(item.case_number or kind_name(item.kind), role="heading", wrap=True))
        self._body.addWidget(_holding(Chip(said.words, tone=said.tone, mark=said.mark), None))
        for words, how in _told(item, around):
            self._body.addWidget(text(words, wrap=True, **how))
        deeds = self._deeds(item, around)
        if deeds:
            self._body.addWidget(_flowing(deeds))
        self._body.addWidget(EntryCard(EntryView(_("What was written"), (), _facts(item))))
        for conflict in around.conflicts:
            view = conflict_card(conflict, sides_of(conflict), now=self.place.now(), actions=self._choices(conflict))
            self._body.addWidget(EntryCard(view))
        if around.alike > 1:
            self._body.addWidget(self._together(item, around.alike))
        self._body.addStretch(1)
        if item.state == "conflict" and item.case_id:
            self._looked.at(item.case_id)
        if had and deeds:
            deeds[0].setFocus()

    def _deeds(self, item: SyncItem, around: _Around) -> Sequence[QPushButton]:
        made = []
        found = around.correctable
        if found is not None:
            made.append(button(_("Correct and send again…"), kind="primary", clicked=lambda: self.correct(found)))
        if item.state in sync_words.STANDING and not item.settled:
            kind = "" if made else "primary"
            made.append(button(_("Send again as it is"), kind=kind, clicked=lambda: self._again(item)))
            made.append(button(_("Give up…"), kind="danger", clicked=lambda: self.give_up(item)))
        if around.conflicts:
            record = item.record
            made.append(button(_("Compare…"), clicked=lambda: self.place.go("conflicts", target=record)))
        if item.case_id and item.case_number:
            case_id = item.case_id
            made.append(button(_("Open the case"), clicked=lambda: self.place.go("case", target=case_id)))
        return made

    def correct(self, found: Correctable) -> FormDialog:
        """The form with what was written; saving makes it new work, and the old is settled."""
        desk, label = self.place.desk, ""
        record = KINDS[found.kind]
        if found.field:
            label = _("The centre did not take: {field}.").format(field=_(field_map(record)[found.field].label))
        asked = Asked(
            record, _("Correct and send again"), found.keys, lambda values: correct(desk, found.seq, values),
            values=found.values, action=_("Save and send again"), note=label,
        )  # fmt: skip
        dialog = FormDialog(self.place, asked, parent=self.window())
        dialog.saved.connect(lambda _saved: self.place.say(_("It is sent at the next synchronisation.")))
        dialog.open()
        if found.field in dialog.form.boxes:
            dialog.form.boxes[found.field].editor.setFocus()
        return dialog

    def give_up(self, item: SyncItem) -> None:
        """Ask first: the centre's version is shown again."""
        self._ask_to_give_up(_("Give this entry up?"), lambda: self._settle(item.seq, "discard"))

    def _again(self, item: SyncItem) -> None:
        said = _("It is sent at the next synchronisation.")
        self.place.save(lambda: self._settle(item.seq, "again"), owner=self, then=lambda _result: self.place.say(said))

    def _ask_to_give_up(self, title: str, deed: Callable[[], None]) -> None:
        words = [
            _("The record shows the centre's version again. A record the centre never took leaves the lists."),
            _("What was written stays in the outbox, and the audit says who gave it up."),
        ]
        said = _("Given up: the centre's version is shown again; what was written stays in the outbox.")
        dialog = Confirm(
            self.place, words, deed=deed, said=said, grave=True, title=title, action=_("Give up"), parent=self.window()
        )
        dialog.open()

    def _settle(self, seq: int, how: How) -> None:
        self.place.desk.tell(settle(self.place.context.sync_setup(), seq, how=how))

    def _settle_all(self, code: str, how: How) -> None:
        self.place.desk.tell(settle_all(self.place.context.sync_setup(), code, how=how))

    def _together(self, item: SyncItem, count: int) -> QWidget:
        """The same for all that stands for one reason."""
        words = ngettext("{n} entry stands for this reason", "{n} entries stand for this reason", count)
        code, said = item.code, _("They are sent at the next synchronisation.")
        again = button(_("Send all again"))
        again.clicked.connect(lambda: self.place.save(
            lambda: self._settle_all(code, "again"), owner=self, then=lambda _result: self.place.say(said)
        ))  # fmt: skip
        title = ngettext("Give {n} entry up?", "Give {n} entries up?", count).format(n=format_number(count))
        drop = button(_("Give all up…"), kind="danger")
        drop.clicked.connect(lambda: self._ask_to_give_up(title, lambda: self._settle_all(code, "discard")))
        return EntryCard(EntryView(words.format(n=format_number(count)), actions=(again, drop)))

    def _choices(self, conflict: Entry) -> Sequence[QPushButton]:
        desk, conflict_id = self.place.desk, conflict.id

        def choose(choice: str) -> None:
            self.place.save(lambda: conflicts.settle(desk, conflict_id, choice), owner=self)

        return (
            button(_("Keep the centre's value"), clicked=lambda: choose(conflicts.KEPT)),
            button(_("Use the other value"), clicked=lambda: choose(conflicts.OTHER)),
        )


def _around(place: Workplace, item: SyncItem) -> _Around:
    """Runs behind the screen."""
    if item.settled or (item.state not in sync_words.STANDING and item.state != "conflict"):
        return _Around()
    desk = place.desk
    if desk.locked():  # a lease that ran out shows nothing of a record
        return _Around()
    if item.state == "conflict":
        return _Around(conflicts=conflicts.unsettled_about(desk, item.record))
    with place.context.sync_setup().read() as session:
        found = awaited(session, item.seq) if item.state == "held" else None
        count = alike(session, item.code) if item.code else 0
    waits = sync_words.awaited_words(found) if found is not None else ""
    return _Around(waits, count, correctable(desk, item.seq) if item.state == "refused" else None)


def _told(item: SyncItem, around: _Around) -> Sequence[tuple[str, dict[str, str]]]:
    """What happened, why, what it waits for, what to do next: (sentence, how it looks)."""
    tone = sync_words.state_of(item).tone
    loud = {"tone": str(tone)} if tone in (Tone.WARN, Tone.DANGER) else {}
    why = sync_words.why(item)
    if around.waits_for:
        why = _("It waits for: {record}.").format(record=around.waits_for)
    after = sync_words.next_step(item, is_open=bool(around.conflicts))
    parts: list[tuple[str, dict[str, str]]] = [
        (sync_words.happened(item), {}), (why, loud), (after, {"role": "muted"})
    ]  # fmt: skip
    return [(words, how) for words, how in parts if words]


def _facts(item: SyncItem) -> list[tuple[str, str]]:
    return [
        (_("Entry"), sync_words.change_of(item)),
        (_("Entered by"), " \u00b7 ".join((item.actor, format_datetime(item.at)))),
        (_("Number at the centre"), f"#{item.rev}" if item.rev else ""),
    ]


def _holding(*parts: QWidget | None) -> QWidget:
    holder = QWidget()
    holder.setLayout(row(*parts))
    return holder


def _flowing(parts: Sequence[QWidget]) -> QWidget:
    holder = QWidget()
    flow = FlowLayout(holder, gap=theme.px(8))
    for part in parts:
        flow.addWidget(part)
    return holder

"""People: who may open this workspace, who may read what is sealed, and what those who left had not finished."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.codelist import label
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.drafts import LeftWork
from app.services.people import Worker, workers
from app.ui import icons, presenting, theme
from app.ui.held_source import HeldSource
from app.ui.screens.account_dialogs import NewUser
from app.ui.screens.people_deeds import HandOver, clear_dialog, remove_dialog
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, button, only_if, row, text
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.workplace import Workplace

SHOWN = 5  # pieces of unfinished work of one person; whoever left more begins with the newest
_FORMS = {
    "intake": N_("New case"), "refer": N_("Referral"), "case:facts": N_("Facts of the case"), "case:note": N_("Note"),
    "case:service": N_("Service"), "case:screening": N_("Screening"), "case:consent": N_("Consent"),
    "case:person": N_("Person"), "person:edit": N_("Person"),
}  # fmt: skip


class PeopleScreen:
    """Reached from the settings."""

    name, title, icon, section = "people", N_("People here"), "person", ""

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return PeopleView(context)


class PeopleView(QWidget):
    """The table; below it what may be done to the chosen person."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.source: HeldSource[Worker] = HeldSource()
        self.model = PagedModel(self.source, columns=_columns(place))
        self.table = TableView(self.model, name=_("People here"), empty=_("Nobody here yet."))
        self.table.chosen.connect(self._show)
        self.counted = text("", role="muted")
        self.detail = Card()
        self._lay_out()
        self.landing: QWidget = self.table
        self._load()

    def refresh(self, changes: Changes) -> None:
        """Somebody came or went."""
        if "user" in changes.kinds:
            self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def add(self) -> None:
        """One more worker."""
        dialog = NewUser(self.place, self.window())
        dialog.done_well.connect(self._load)
        dialog.open()

    def chosen(self) -> Worker | None:
        """Whom the buttons are about."""
        return self.source.items.get(self.table.current_id() or "")

    # inside

    def _load(self) -> None:
        desk, workspace = self.place.desk, self.place.workspace
        if desk.may(Permission.MANAGE_USERS):
            self.place.load(lambda: workers(desk, workspace), owner=self, then=self.show_workers)
        else:
            self.table.empty = _("Only who manages users sees this. Ask the case supervisor or the administrator.")

    def show_workers(self, found: Sequence[Worker]) -> None:
        """Show what was read."""
        self.source.put(found)
        self.model.refresh()
        may = [worker for worker in found if worker.may_sign_in]
        cleared = sum(worker.cleared for worker in may)
        said = ngettext("{n} person may sign in", "{n} people may sign in", len(may)).format(n=format_number(len(may)))
        sealed = ngettext("{n} reads sealed values", "{n} read sealed values", cleared)
        self.counted.setText(f"{said} \u00b7 {sealed.format(n=format_number(cleared))}")
        if self.table.current_id() is None and found:
            self.table.choose(found[0].id)
        self._show(self.table.current_id())

    def _show(self, user_id: str | None) -> None:
        empty(self.detail.body)
        worker = self.source.items.get(user_id or "")
        if worker is None:
            self.detail.hide()
            return
        self.detail.show()
        role = " \u00b7 ".join(part for part in (label("role", worker.role), worker.login) if part)
        head = QWidget()
        head.setLayout(row(text(worker.name or presenting.NOTHING, role="heading"), text(role, role="muted"), None))
        self.detail.body.addWidget(head)
        self.detail.body.addWidget(text(_standing(worker), role="muted", wrap=True))
        self.detail.body.addWidget(self._deeds(worker))
        for piece in worker.left[:SHOWN]:
            self.detail.body.addWidget(self._left(worker, piece))

    def _deeds(self, worker: Worker) -> QWidget:
        holder = QWidget()
        flow = FlowLayout(holder, gap=theme.px(8))
        if worker.may_sign_in and not worker.is_me:
            words = (
                _("Let them read sealed values…") if not worker.cleared else _("Let them read sealed values no more…")
            )
            flow.addWidget(button(words, icon=icons.icon("key"), clicked=lambda: self._open(clear_dialog, worker)))
            flow.addWidget(button(_("Remove…"), kind="danger", clicked=lambda: self._open(remove_dialog, worker)))
        only_if(flow.count() > 0, holder)
        return holder

    def _left(self, worker: Worker, piece: LeftWork) -> QWidget:
        """One piece of unfinished work: which form, which case, since when. Its content is shown to nobody."""
        when = presenting.when(piece.saved_at, self.place.now())
        said = [form_words(piece.form), piece.case_number, when]
        holder = QWidget()
        line = row(text(_("Not saved: {what}").format(what=" \u00b7 ".join(filter(None, said))), wrap=True))
        line.setStretch(0, 1)
        if not worker.may_sign_in:
            line.addWidget(button(_("Hand over…"), clicked=lambda: self._hand_over(piece)))
        holder.setLayout(line)
        return holder

    def _hand_over(self, piece: LeftWork) -> None:
        colleagues = [worker for worker in self.source.items.values() if worker.may_sign_in]
        dialog = HandOver(self.place, piece, to=colleagues, parent=self.window())
        dialog.done_well.connect(self._load)
        dialog.open()

    def _open(self, make: Any, worker: Worker) -> None:
        dialog = make(self.place, worker, parent=self.window())
        dialog.done_well.connect(self._load)
        dialog.open()

    def _lay_out(self) -> None:
        back = button(_("Settings"), kind="quiet", icon=icons.icon("settings", colour="accent"))
        back.clicked.connect(lambda: self.place.go("settings"))
        self.add_button = button(_("Add a worker…"), kind="primary", clicked=self.add)
        only_if(self.place.desk.may(Permission.MANAGE_USERS), self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(back, None))
        layout.addLayout(row(text(_("People here"), role="title"), self.counted, None, self.add_button))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        self.detail.hide()


def form_words(form: str) -> str:
    """What a form is called."""
    return _(_FORMS.get(form, N_("Entry")))


def _standing(worker: Worker) -> str:
    """What somebody may do here, as a sentence."""
    if not worker.may_sign_in:
        return _("Was removed: signs in no more. What they had begun stays until somebody takes it over.")
    if worker.is_me:
        return _("This is you. Your password is changed in Settings; your access somebody else takes away.")
    if worker.cleared:
        return _("Signs in here and reads sealed values: health, disability, where a shelter is.")
    return _("Signs in here. Of a sealed value they see that it is there, not what it says.")


def _columns(place: Workplace) -> tuple[Column, ...]:
    def name(worker: Worker) -> str:
        shown = worker.name or presenting.NOTHING
        return _("{name} (you)").format(name=shown) if worker.is_me else shown

    def sealed(worker: Worker) -> str:
        return _("Removed") if not worker.may_sign_in else _("Reads them") if worker.cleared else _("No")

    return (
        Column("name", N_("Name"), 170, style="strong", stretch=True, text=name, whole_row=True),
        Column("login", N_("Sign-in name"), 112),
        Column("role", N_("Role"), 136, text=lambda code: label("role", code)),
        Column(
            "cleared", N_("Sealed values"), 126, text=sealed, whole_row=True,
            tone=lambda w: Tone.GOOD if w.cleared else None, mark=lambda w: "lock" if w.cleared else "",
        ),
        Column(
            "last_sign_in", N_("Last here"), 124, style="muted",
            text=lambda at: presenting.when(at, place.now()) or presenting.NOTHING,
        ),
        Column(
            "left", N_("Not saved"), 124, text=lambda work: format_number(len(work)) if work else "",
            tone=lambda work: Tone.WARN if work else None, sortable=False,
        ),
    )  # fmt: skip

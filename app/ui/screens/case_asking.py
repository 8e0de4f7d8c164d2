"""The dialogs of a case page: one at a time, what is refused said in it, what is left open kept as a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import _
from app.models.permission import Permission
from app.services import cases, planning
from app.services.case_page import CasePage
from app.services.drafts import SavedDraft
from app.services.duplicates import Candidate
from app.services.entries import Entry
from app.services.oversight import CLOSURE
from app.ui.dialogs import Asked, FormDialog
from app.ui.screens import case_dialogs, part_dialogs
from app.ui.screens.draft_keeper import DraftKeeper
from app.ui.screens.part_dialogs import PART
from app.ui.screens.same_person import SamePerson
from app.ui.screens.weighing import Weighing
from app.ui.widgets.basics import button
from app.ui.workplace import Workplace

DRAFT = "case:"  # drafts of these dialogs are filed under case:note, case:service, ...


class CaseAsking(QObject):
    """Opens dialogs over the page of one case; `page` is the case, `dialog` what is open now."""

    def __init__(self, place: Workplace, *, widget: QWidget) -> None:
        super().__init__(widget)
        self.place, self.widget = place, widget
        self.page: CasePage | None = None
        self.dialog: FormDialog | None = None
        self._keeper: DraftKeeper | None = None  # of the open dialog, if it has a name to file a draft under
        self._known = ""
        self.may_write = place.desk.may(Permission.WRITE_CASE)

    def buttons(self, *made: tuple[str, Callable[[], object]]) -> Sequence[QPushButton]:
        """Buttons that write; none for whoever may not."""
        return tuple(button(words, clicked=clicked) for words, clicked in made) if self.may_write else ()

    def add_part(self, kind: str, values: Mapping[str, Any] | None = None) -> None:
        """Ask for a new record of this kind; `values` stand in the form already."""
        assert self.page is not None
        if kind == "screening":
            self.screen(values)
        else:
            self.ask(part_dialogs.new_part(self.place.desk, self.page, kind), values=values)

    def edit_part(
        self, entry: Entry, *, keys: Sequence[str] | None = None, values: Mapping[str, Any] | None = None
    ) -> None:  # fmt: skip
        """Change a record: these fields, or all that may be changed."""
        assert self.page is not None
        self.ask(part_dialogs.change_part(self.place.desk, self.page, entry, keys), values=values)

    def add_person(self, values: Mapping[str, Any] | None = None) -> None:
        """Give somebody a part in the case; whoever may be the same person is shown beside the form."""
        assert self.page is not None
        self._known = ""
        beside = SamePerson(self.place)
        asked = case_dialogs.new_person(self.place.desk, self.page, known=lambda: self._known)
        dialog = self.ask(asked, values=values, beside=beside)
        dialog.form.changed.connect(lambda _key: beside.ask(dialog.current_values()))
        for key in ("name", "alias", "nik"):
            dialog.form.boxes[key].editor.edited.connect(lambda: beside.ask(dialog.current_values()))
        beside.chosen.connect(self._take_known)

    def screen(self, values: Mapping[str, Any] | None = None) -> None:
        """Screen a victim; what the elements add up to is said while they are ticked."""
        assert self.page is not None
        beside = Weighing(self.place, page=self.page)
        dialog = self.ask(case_dialogs.new_screening(self.place.desk, self.page), values=values, beside=beside)
        dialog.form.changed.connect(lambda _key: beside.weigh(dialog.current_values()))
        beside.weigh(dialog.current_values())

    def add_note(self, values: Mapping[str, Any] | None = None) -> None:
        """Write a note."""
        self.add_part("note", values)

    def record_consent(self, values: Mapping[str, Any] | None = None) -> None:
        """Record a consent."""
        assert self.page is not None
        self.ask(case_dialogs.new_consent(self.place.desk, self.page), values=values)

    def edit(self, values: Mapping[str, Any] | None = None) -> None:
        """Change the facts of the case."""
        assert self.page is not None
        self.ask(case_dialogs.facts(self.place.desk, self.page), values=values)

    def close_case(self) -> None:
        """Close the case, or ask for it where the office wants that; for ten seconds closing can be taken back."""
        assert self.page is not None
        if not planning.may_close(self.place.desk, self.page):
            self.add_part("approval", {"subject": CLOSURE})
            return
        self.ask(
            case_dialogs.closing(self.place.desk, self.page),
            then=lambda: self.place.say(_("The case is closed."), undo=self.reopen),
        )

    def reopen(self) -> None:
        """Open the case again."""
        assert self.page is not None
        desk, case_id = self.place.desk, self.page.case.id
        self.place.save(lambda: cases.reopen_case(desk, case_id), owner=self.widget)

    # drafts

    def save_draft(self) -> None:
        """Keep what stands in the open dialog, if anything does, without asking."""
        if self.dialog is not None and self._keeper is not None and self.dialog.is_touched:
            self._keeper.touch()
            self._keeper.save_now()

    def restore(self, draft: SavedDraft) -> None:
        """Open the dialog of a draft with what stood in it."""
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in draft.content.items()}
        self._open_again(draft.form.removeprefix(DRAFT), values)

    def _open_again(self, name: str, values: Mapping[str, Any]) -> None:
        if name.startswith(PART):
            self._part_again(name.removeprefix(PART), values)
            return
        verbs: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "person": self.add_person, "screening": self.screen, "note": self.add_note,
            "consent": self.record_consent, "facts": self.edit, "service": self.plan_service,
        }  # fmt: skip
        verbs[name](values)

    def _part_again(self, name: str, values: Mapping[str, Any]) -> None:
        """A new record of a kind, or the change of one; one that is gone meanwhile becomes a new one."""
        assert self.page is not None
        kind, _sign, record_id = name.partition(":")
        entry = next((e for e in self.page.parts[kind] if e.id == record_id), None)
        if entry is not None:
            self.edit_part(entry, keys=part_dialogs.keys_with(entry, values), values=values)
        else:
            self.add_part(kind, values)

    # inside

    def plan_service(self, values: Mapping[str, Any] | None = None) -> None:
        """Plan a service."""
        self.add_part("service", values)

    def ask(
        self,
        asked: Asked,
        *,
        values: Mapping[str, Any] | None = None,
        beside: QWidget | None = None,
        then: Callable[[], None] | None = None,
    ) -> FormDialog:
        """Open a dialog; `values` come from a draft, `then` is called when it was saved."""
        dialog = FormDialog(self.place, asked, beside=beside, parent=self.widget.window())
        assert self.page is not None
        self.dialog = dialog
        self._keeper = _keeper_of(self.place, dialog, self.page.case.id) if asked.name else None
        if values:
            dialog.restore(values)
            self.save_draft()  # the draft it comes from is gone by now
        dialog.saved.connect(lambda _result: then() if then is not None else None)
        dialog.left.connect(self._offer_back)
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    def _offer_back(self, values: Mapping[str, Any]) -> None:
        """Esc is pressed in error, too: for ten seconds what was typed can be had back."""
        name = self.dialog.asked.name if self.dialog is not None else ""
        if name:
            self.place.say(_("What you typed was not saved."), undo=lambda: self._open_again(name, values))

    def _forget(self, _result: int) -> None:
        if self._keeper is not None:
            self._keeper.end()
        self.dialog = self._keeper = None

    def _take_known(self, candidate: Candidate) -> None:
        self._known = candidate.person.id
        if self.dialog is not None:
            self.dialog.form.set_values({k: v for k, v in candidate.person.values.items() if k in case_dialogs.PERSON})
            for key in case_dialogs.NEW_PERSON:  # what is known of them is changed at the person, not in passing
                self.dialog.form.boxes[key].setEnabled(False)
            self.dialog.form.boxes["role"].editor.setFocus()
            self.dialog.say(
                _("This person is on this laptop already; only the part in this case is added."), tone="good"
            )


def _keeper_of(place: Workplace, dialog: FormDialog, case_id: str) -> DraftKeeper:
    """Keeps what is typed, so that neither a lock nor a crash loses it."""

    def read() -> Mapping[str, Any]:
        return {key: value for key, value in dialog.current_values().items() if value not in (None, "", ())}

    keeper = DraftKeeper(place, form=DRAFT + dialog.asked.name, read=read, parent=dialog, record=case_id)
    dialog.form.changed.connect(lambda _key: keeper.touch())
    for box in dialog.form.boxes.values():
        box.editor.edited.connect(keeper.touch)
    return keeper

"""What can be done on a case page: buttons, the dialogs behind them, undo, and drafts of what is left open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import _
from app.models.permission import Permission
from app.services import care, cases, conflicts, drafts
from app.services.case_page import CasePage, PartyItem
from app.services.drafts import SavedDraft
from app.services.entries import Entry
from app.services.parties import Candidate
from app.services.referrals import ReferralItem
from app.ui.dialogs import Asked, FormDialog
from app.ui.screens import case_dialogs
from app.ui.screens.same_person import SamePerson
from app.ui.screens.weighing import Weighing
from app.ui.widgets.basics import button
from app.ui.workplace import Workplace

DRAFT = "case:"  # drafts of these dialogs are filed under case:note, case:service, ...


class CaseDeeds(QObject):
    """Satisfies `Deeds` of the tabs. One dialog at a time; what stands in it can be kept as a draft."""

    def __init__(self, place: Workplace, *, widget: QWidget) -> None:
        super().__init__(widget)
        self.place, self._widget = place, widget
        self.page: CasePage | None = None
        self.dialog: FormDialog | None = None
        self._known = ""
        self._may_write = place.desk.may(Permission.WRITE_CASE)

    # buttons

    def actions(self, tab: str) -> Sequence[QPushButton]:
        """The buttons at the head of a tab."""
        page = self.page
        if page is None or not self._may_write:
            return ()
        made: dict[str, tuple[str, Callable[[], object]]] = {
            "people": (_("Add a person…"), self.add_person),
            "services": (_("Plan a service…"), lambda: self._ask(case_dialogs.new_service(self.place.desk, page))),
            "notes": (_("New note…"), self.add_note),
        }
        if page.victims:
            made["screenings"] = (_("Screen…"), self.screen)
            made["consents"] = (_("Record a consent…"), self.record_consent)
        return (button(made[tab][0], clicked=made[tab][1]),) if tab in made else ()

    def for_person(self, item: PartyItem) -> Sequence[QPushButton]:
        """Edit."""
        return self._buttons((_("Edit…"), lambda: self._ask(case_dialogs.person(self.place.desk, item))))

    def for_service(self, entry: Entry) -> Sequence[QPushButton]:
        """Done, edit, cancel, while it is planned."""
        page, desk = self.page, self.place.desk
        if page is None or entry["state"] != "PLANNED":
            return ()
        return self._buttons(
            (
                _("Done…"),
                lambda: self._ask(case_dialogs.done_service(desk, entry), then=lambda: self._undo_done(entry)),
            ),
            (_("Edit…"), lambda: self._ask(case_dialogs.edit_service(desk, page, entry))),
            (_("Cancel the service…"), lambda: self._ask(case_dialogs.cancelled_service(desk, entry))),
        )

    def for_referral(self, item: ReferralItem) -> Sequence[QPushButton]:
        """Go to the referral."""
        return self._buttons((_("Show"), lambda: self.place.go("referrals", target=item.entry.id)))

    def for_consent(self, entry: Entry) -> Sequence[QPushButton]:
        """Withdraw."""
        return self._buttons((_("Withdraw…"), lambda: self._ask(case_dialogs.withdrawal(self.place.desk, entry))))

    def for_conflict(self, entry: Entry) -> Sequence[QPushButton]:
        """Choose one of the two values."""
        return self._buttons(
            (_("Keep the centre's value"), lambda: self._settle(entry, conflicts.KEPT)),
            (_("Use the other value"), lambda: self._settle(entry, conflicts.OTHER)),
        )

    def _buttons(self, *made: tuple[str, Callable[[], object]]) -> Sequence[QPushButton]:
        return tuple(button(words, clicked=clicked) for words, clicked in made) if self._may_write else ()

    # dialogs

    def add_person(self, values: Mapping[str, Any] | None = None) -> None:
        """Give somebody a part in the case; whoever may be the same person is shown beside the form."""
        assert self.page is not None
        self._known = ""
        beside = SamePerson(self.place)
        asked = case_dialogs.new_person(self.place.desk, self.page, known=lambda: self._known)
        dialog = self._ask(asked, values=values, beside=beside)
        dialog.form.changed.connect(lambda _key: beside.ask(dialog.current_values()))
        for key in ("name", "alias", "nik"):
            dialog.form.boxes[key].editor.edited.connect(lambda: beside.ask(dialog.current_values()))
        beside.chosen.connect(self._take_known)

    def screen(self, values: Mapping[str, Any] | None = None) -> None:
        """Screen a victim; what the elements add up to is said while they are ticked."""
        assert self.page is not None
        beside = Weighing(self.place, page=self.page)
        dialog = self._ask(case_dialogs.new_screening(self.place.desk, self.page), values=values, beside=beside)
        dialog.form.changed.connect(lambda _key: beside.weigh(dialog.current_values()))
        beside.weigh(dialog.current_values())

    def add_note(self, values: Mapping[str, Any] | None = None) -> None:
        """Write a note."""
        assert self.page is not None
        self._ask(case_dialogs.new_note(self.place.desk, self.page), values=values)

    def record_consent(self, values: Mapping[str, Any] | None = None) -> None:
        """Record a consent."""
        assert self.page is not None
        self._ask(case_dialogs.new_consent(self.place.desk, self.page), values=values)

    def edit(self, values: Mapping[str, Any] | None = None) -> None:
        """Change the facts of the case."""
        assert self.page is not None
        self._ask(case_dialogs.facts(self.place.desk, self.page), values=values)

    def close_case(self) -> None:
        """Close the case; for ten seconds it can be taken back."""
        assert self.page is not None
        self._ask(case_dialogs.closing(self.place.desk, self.page), then=self._undo_close)

    def reopen(self) -> None:
        """Open the case again."""
        assert self.page is not None
        desk, case_id = self.place.desk, self.page.case.id
        self.place.save(lambda: cases.reopen_case(desk, case_id), owner=self._widget)

    # drafts

    def save_draft(self) -> None:
        """Keep what stands in the open dialog, if anything does, without asking."""
        dialog, page = self.dialog, self.page
        if dialog is None or page is None or not dialog.asked.name or not dialog.is_touched:
            return
        desk, form, case_id = self.place.desk, DRAFT + dialog.asked.name, page.case.id
        values = {key: value for key, value in dialog.current_values().items() if value not in (None, "", ())}
        self.place.jobs.run(lambda _progress: drafts.save(desk, form, values, record=case_id))

    def restore(self, draft: SavedDraft) -> None:
        """Open the dialog of a draft with what stood in it."""
        verbs: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "person": self.add_person, "screening": self.screen, "note": self.add_note,
            "consent": self.record_consent, "facts": self.edit, "service": self._plan,
        }  # fmt: skip
        values = {key: tuple(v) if isinstance(v, list) else v for key, v in draft.content.items()}
        verbs[draft.form.removeprefix(DRAFT)](values)

    # inside

    def _plan(self, values: Mapping[str, Any]) -> None:
        assert self.page is not None
        self._ask(case_dialogs.new_service(self.place.desk, self.page), values=values)

    def _ask(
        self,
        asked: Asked,
        *,
        values: Mapping[str, Any] | None = None,
        beside: QWidget | None = None,
        then: Callable[[], None] | None = None,
    ) -> FormDialog:
        dialog = FormDialog(self.place, asked, beside=beside, parent=self._widget.window())
        if values:
            dialog.restore(values)
        dialog.saved.connect(lambda _result: then() if then is not None else None)
        dialog.finished.connect(self._forget)
        self.dialog = dialog
        dialog.open()
        return dialog

    def _forget(self, _result: int) -> None:
        self.dialog = None

    def _take_known(self, candidate: Candidate) -> None:
        self._known = candidate.person.id
        if self.dialog is not None:
            self.dialog.form.set_values({k: v for k, v in candidate.person.values.items() if k in case_dialogs.PERSON})
            self.dialog.say(_("This person is on this laptop already; only the part in this case is added."))

    def _settle(self, entry: Entry, choice: str) -> None:
        desk = self.place.desk
        self.place.save(lambda: conflicts.settle(desk, entry.id, choice), owner=self._widget)

    def _undo_close(self) -> None:
        self.place.say(_("The case is closed."), undo=self.reopen)

    def _undo_done(self, entry: Entry) -> None:
        desk = self.place.desk
        back = {"state": "PLANNED", "done_at": None, "result": entry["result"]}

        def undo() -> None:
            self.place.save(lambda: care.change_service(desk, entry.id, back), owner=self._widget)

        self.place.say(_("The service is done."), undo=undo)

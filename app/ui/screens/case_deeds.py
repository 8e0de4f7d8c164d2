"""What can be done to the entries of a case page: their buttons, and undo where it makes sense."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import _
from app.models.permission import Permission
from app.services import care, conflicts
from app.services.attachments import is_here
from app.services.case_page import PartyItem
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui.screens import case_dialogs
from app.ui.screens.attachments import AttachDialog, AttachmentView, FetchButton
from app.ui.screens.case_asking import CaseAsking
from app.ui.widgets.basics import button
from app.ui.workplace import Workplace


class CaseDeeds(CaseAsking):
    """Satisfies `Deeds` of the tabs."""

    def __init__(self, place: Workplace, *, widget: QWidget) -> None:
        super().__init__(place, widget=widget)
        self._may_write = place.desk.may(Permission.WRITE_CASE)

    def actions(self, tab: str) -> Sequence[QPushButton]:
        """The buttons at the head of a tab."""
        page = self.page
        if page is None or not self._may_write:
            return ()
        made: dict[str, tuple[str, Callable[[], object]]] = {
            "people": (_("Add a person…"), self.add_person),
            "services": (_("Plan a service…"), self.plan_service),
            "notes": (_("New note…"), self.add_note),
        }
        if self.place.desk.keyring is not None:
            made["attachments"] = (_("Attach a file…"), self.attach)
        if page.victims:
            made["screenings"] = (_("Screen…"), self.screen)
            made["consents"] = (_("Record a consent…"), self.record_consent)
        return (button(made[tab][0], clicked=made[tab][1]),) if tab in made else ()

    def for_person(self, item: PartyItem) -> Sequence[QPushButton]:
        """Edit."""
        return self._buttons((_("Edit…"), lambda: self.ask(case_dialogs.person(self.place.desk, item))))

    def for_service(self, entry: Entry) -> Sequence[QPushButton]:
        """Done, edit, cancel, while it is planned."""
        page, desk = self.page, self.place.desk
        if page is None or entry["state"] != "PLANNED":
            return ()
        return self._buttons(
            (
                _("Done…"),
                lambda: self.ask(case_dialogs.done_service(desk, entry), then=lambda: self._undo_done(entry)),
            ),
            (_("Edit…"), lambda: self.ask(case_dialogs.edit_service(desk, page, entry))),
            (_("Cancel the service…"), lambda: self.ask(case_dialogs.cancelled_service(desk, entry))),
        )

    def for_referral(self, item: ReferralItem) -> Sequence[QPushButton]:
        """Go to the referral."""
        return self._buttons((_("Show"), lambda: self.place.go("referrals", target=item.entry.id)))

    def for_consent(self, entry: Entry) -> Sequence[QPushButton]:
        """Withdraw."""
        return self._buttons((_("Withdraw…"), lambda: self.ask(case_dialogs.withdrawal(self.place.desk, entry))))

    def for_attachment(self, entry: Entry) -> Sequence[QPushButton]:
        """Open, where its bytes are here and its title could be read; fetch them, where they can be."""
        desk = self.place.desk
        if desk.keyring is None:
            return ()
        if not is_here(desk, entry):
            can = self.place.setting("certificate") is not None and desk.may(Permission.SYNC)
            return (FetchButton(self.place, entry),) if can else ()
        return (button(_("Open"), clicked=lambda: AttachmentView(self.place, entry, self.widget.window()).open()),)

    def attach(self, files: Sequence[Path] = ()) -> None:
        """Attach a file."""
        if self.page is not None and self._may_write and self.place.desk.keyring is not None:
            AttachDialog(self.place, self.page, file=next(iter(files), None), parent=self.widget.window()).open()

    def for_conflict(self, entry: Entry) -> Sequence[QPushButton]:
        """Choose one of the two values."""
        return self._buttons(
            (_("Keep the centre's value"), lambda: self._settle(entry, conflicts.KEPT)),
            (_("Use the other value"), lambda: self._settle(entry, conflicts.OTHER)),
            (_("Compare…"), lambda: self.place.go("conflicts", target=entry["about_id"])),
        )

    def _buttons(self, *made: tuple[str, Callable[[], object]]) -> Sequence[QPushButton]:
        return tuple(button(words, clicked=clicked) for words, clicked in made) if self._may_write else ()

    def _settle(self, entry: Entry, choice: str) -> None:
        desk = self.place.desk
        self.place.save(lambda: conflicts.settle(desk, entry.id, choice), owner=self.widget)

    def _undo_done(self, entry: Entry) -> None:
        desk = self.place.desk
        back = {"state": "PLANNED", "done_at": None, "result": entry["result"]}

        def undo() -> None:
            self.place.save(lambda: care.change_service(desk, entry.id, back), owner=self.widget)

        self.place.say(_("The service is done."), undo=undo)

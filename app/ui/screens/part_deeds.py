"""What can be done to one entry of a case beyond changing it: a service given, a consent withdrawn, a file opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPushButton

from app.i18n import _
from app.models.permission import Permission
from app.services import care
from app.services.attachments import is_here
from app.services.entries import Entry
from app.ui.screens import case_dialogs
from app.ui.screens.attachments import AttachmentView, FetchButton
from app.ui.screens.case_asking import CaseAsking
from app.ui.screens.case_cards import is_withdrawn
from app.ui.widgets.basics import button

Buttons = Sequence[QPushButton]


def service(asking: CaseAsking, entry: Entry) -> Buttons:
    """Done or cancelled, while it is planned."""
    desk = asking.place.desk
    if entry["state"] != "PLANNED":
        return ()
    return asking.buttons(
        (
            _("Done…"),
            lambda: asking.ask(case_dialogs.done_service(desk, entry), then=lambda: _undo_done(asking, entry)),
        ),
        (_("Cancel the service…"), lambda: asking.ask(case_dialogs.cancelled_service(desk, entry))),
    )


def _undo_done(asking: CaseAsking, entry: Entry) -> None:
    desk = asking.place.desk
    back = {"state": "PLANNED", "done_at": None, "result": entry["result"]}

    def undo() -> None:
        asking.place.save(lambda: care.change_service(desk, entry.id, back), owner=asking.widget)

    asking.place.say(_("The service is done."), undo=undo)


def consent(asking: CaseAsking, entry: Entry) -> Buttons:
    """Withdraw, while it stands."""
    if asking.page is None or entry["decision"] != "GIVEN" or is_withdrawn(asking.page, entry):
        return ()
    return asking.buttons((_("Withdraw…"), lambda: asking.ask(case_dialogs.withdrawal(asking.place.desk, entry))))


def attachment(asking: CaseAsking, entry: Entry) -> Buttons:
    """Open, where its bytes are here and its title could be read; fetch them, where they can be."""
    place = asking.place
    if place.desk.keyring is None:
        return ()
    if not is_here(place.desk, entry):
        can = place.setting("certificate") is not None and place.desk.may(Permission.SYNC)
        return (FetchButton(place, entry),) if can else ()
    return (button(_("Open"), clicked=lambda: AttachmentView(place, entry, asking.widget.window()).open()),)

"""What a supervisor does to people: let them read sealed values or no more, remove them, hand their work over."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QWidget

from app.i18n import _, format_number, ngettext
from app.services import drafts, users
from app.services.drafts import LeftWork
from app.services.people import Worker
from app.ui.screens.deed_dialog import Confirm, DeedDialog
from app.ui.widgets.basics import text
from app.ui.workplace import Workplace


def clear_dialog(place: Workplace, worker: Worker, *, parent: QWidget | None = None) -> Confirm:
    """Says what reading sealed values means, and gives or takes it away."""
    return _forbid(place, worker, parent=parent) if worker.cleared else _allow(place, worker, parent=parent)


def _allow(place: Workplace, worker: Worker, *, parent: QWidget | None) -> Confirm:
    desk, workspace, name = place.desk, place.workspace, worker.name
    asked = (
        _("{name} will read, write and export health, disability, shelter addresses and attachments of every case of "
          "this office, from the next time they sign in.").format(name=name),
        _("Their password stays as it is; they need not be here."),
    )  # fmt: skip
    return Confirm(
        place, asked, title=_("Let {name} read sealed values?").format(name=name), action=_("Let them read"),
        deed=lambda: users.set_cleared(desk, workspace, worker.id, cleared=True),
        said=_("{name} reads sealed values from the next sign-in.").format(name=name), parent=parent,
    )  # fmt: skip


def _forbid(place: Workplace, worker: Worker, *, parent: QWidget | None) -> Confirm:
    desk, workspace, name = place.desk, place.workspace, worker.name
    asked = (
        _("{name} will see that a sealed value is there, not what it says, and cannot change it.").format(name=name),
        _("The keys they knew must open nothing any more: the whole workspace is encrypted anew, which takes as long "
          "as a backup. A backup is made before. Nobody's password changes."),
    )  # fmt: skip
    return Confirm(
        place, asked, title=_("Let {name} read sealed values no more?").format(name=name), grave=True,
        action=_("Take it away"),
        deed=lambda: users.set_cleared(desk, workspace, worker.id, cleared=False), slow=_slow(),
        said=_("{name} reads sealed values no more; everything is encrypted anew.").format(name=name), parent=parent,
    )  # fmt: skip


def remove_dialog(place: Workplace, worker: Worker, *, parent: QWidget | None = None) -> Confirm:
    """Says what happens when somebody is removed, and does it."""
    desk, workspace, name = place.desk, place.workspace, worker.name
    asked = [
        _("{name} will not sign in here any more. Their entries stay, with their name.").format(name=name),
        _("What they knew must open nothing any more: the whole workspace is encrypted anew, which takes as long as a "
          "backup. A backup is made before; like all older ones it opens with the passwords of its day."),
    ]  # fmt: skip
    if worker.left:
        count = len(worker.left)
        left = ngettext(
            "{n} entry they began and did not save stays: afterwards you can hand it over to a colleague.",
            "{n} entries they began and did not save stay: afterwards you can hand them over to a colleague.", count,
        )  # fmt: skip
        asked.append(left.format(n=format_number(count)))
    else:
        asked.append(_("They have left nothing unsaved."))
    return Confirm(
        place, asked, title=_("Remove {name}?").format(name=name), action=_("Remove"), grave=True, slow=_slow(),
        deed=lambda: users.remove_user(desk, workspace, worker.id),
        said=_("{name} is removed; everything is encrypted anew.").format(name=name), parent=parent,
    )  # fmt: skip


class HandOver(DeedDialog):
    """Choose who goes on with what somebody left unsaved."""

    def __init__(
        self, place: Workplace, piece: LeftWork, *, to: Sequence[Worker], parent: QWidget | None = None
    ) -> None:
        super().__init__(place, title=_("Hand over unfinished work"), action=_("Hand over"), parent=parent)
        self._piece = piece
        self.explain(
            [_("Whoever you choose finds it where they would find their own. Until then nobody reads what it says.")]
        )
        self.to = QComboBox()
        self.to.setAccessibleName(_("To whom"))
        for worker in to:
            self.to.addItem(worker.name, worker.id)
        caption = text(_("To whom"), role="label")
        caption.setBuddy(self.to)
        self.body.addWidget(caption)
        self.body.addWidget(self.to)
        self.button.setEnabled(bool(to))

    def save(self) -> None:
        """Hand it over."""
        desk, workspace, piece, to = self.place.desk, self.place.workspace, self._piece, str(self.to.currentData())
        said = _("Handed over to {name}.").format(name=self.to.currentText())
        self.do(lambda: drafts.hand_over(desk, workspace, piece.id, to=to), said=said)


def _slow() -> str:
    return _("Encrypting everything anew…")

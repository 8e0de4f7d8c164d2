"""Keeps what is being typed as an encrypted draft, two seconds after the last answer, and tells when it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _
from app.models.ids import new_id
from app.models.names import initials
from app.services import drafts
from app.services.drafts import SavedDraft
from app.ui import presenting
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row
from app.ui.widgets.feedback import Banner
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

WAIT_MS = 2000


class DraftKeeper(QObject):
    """`touch()` after every answer. `kept(SavedDraft)` when it is in the file; `end()` when it is not needed any more.

    `record` is what the form is about, so that the draft is offered there.
    """

    kept = Signal(object)

    def __init__(
        self,
        place: Workplace,
        *,
        form: str,
        read: Callable[[], Mapping[str, Any]],
        parent: QObject,
        record: str | None = None,
    ) -> None:
        super().__init__(parent)
        self.place, self._form, self._read, self._record = place, form, read, record
        self.id, self.touched, self._in_file = new_id(), False, False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WAIT_MS)
        self._timer.timeout.connect(self.save_now)

    def touch(self) -> None:
        """Something was answered."""
        self.touched = True
        self._timer.start()

    def save_now(self) -> None:
        """Keep it at once, if there is anything new."""
        self._timer.stop()
        if self.touched:
            self.touched, self._in_file = False, True
            desk, form, content, draft_id = self.place.desk, self._form, self._read(), self.id
            record = self._record
            self.place.jobs.run(
                lambda _progress: drafts.save(desk, form, content, draft_id=draft_id, record=record),
                then=self.kept.emit, owner=self,
            )  # fmt: skip

    def begin(self, draft_id: str = "") -> None:
        """Go on with a draft, or begin a new one; what was open is no concern of this one any more."""
        self._timer.stop()
        self.id, self.touched, self._in_file = draft_id or new_id(), False, bool(draft_id)

    def end(self) -> None:
        """It was saved as a record, or is not wanted: nothing of it stays in the file."""
        self._timer.stop()
        if self._in_file:
            self.discard(self.id)
        self.begin()

    def others(self) -> Sequence[SavedDraft]:
        """Drafts of this form that are not the open one, newest first."""
        return tuple(d for d in drafts.mine(self.place.desk) if d.form == self._form and d.id != self.id)

    def discard(self, draft_id: str) -> None:
        """Forget a draft."""
        desk = self.place.desk
        self.place.jobs.run(lambda _progress: drafts.discard(desk, draft_id))


class DraftBands(QWidget):
    """Asks once per draft, without standing in the way: `wanted(SavedDraft)`, `unwanted(SavedDraft)`, or later."""

    wanted = Signal(object)
    unwanted = Signal(object)

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place = place
        self._bands = QVBoxLayout(self)
        self._bands.setContentsMargins(0, 0, 0, 0)
        self._bands.setSpacing(1)

    def offer(self, found: Sequence[SavedDraft]) -> None:
        """Ask about these."""
        empty(self._bands)
        for draft in found:
            self._bands.addWidget(self._band(draft))

    def _band(self, draft: SavedDraft) -> Banner:
        who = initials(draft.content.get("forms", {}).get("victim", {}).get("name"))
        when = presenting.when(draft.saved_at, self.place.now())
        words = _("A case that was not saved: {what}").format(what=" \u00b7 ".join(p for p in (who, when) if p))
        holder = QWidget()
        go_on, discard, later = button(_("Continue"), kind="primary"), button(_("Discard")), button(_("Later"))
        holder.setLayout(row(go_on, discard, later))
        band = Banner(words, tone=Tone.WARN)
        inside = band.layout()
        assert inside is not None
        inside.addWidget(holder)
        go_on.clicked.connect(lambda: self._end(self.wanted, draft))
        discard.clicked.connect(lambda: self._end(self.unwanted, draft, band))
        later.clicked.connect(band.hide)
        return band

    def _end(self, said: Any, draft: SavedDraft, band: Banner | None = None) -> None:
        """A choice for one draft leaves the questions about the others; going on leaves none."""
        if band is None:
            empty(self._bands)
        else:
            band.hide()
        said.emit(draft)

"""Refer a victim: to whom, why, until when, on which consent; and exactly what leaves because of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import _
from app.services import drafts, referrals
from app.services.case_page import open_page
from app.services.desk import Desk, Saved
from app.services.entries import Entry
from app.services.referral_page import Withheld, withheld
from app.ui import problems, theme
from app.ui.jobs import Job
from app.ui.screens.package_view import PackageView, counted
from app.ui.screens.refer_form import ReferForm
from app.ui.widgets.basics import button, row, text
from app.ui.workplace import Workplace

DRAFT = "refer"
LOOK_MS = 200
_STAND_INS = {"reason": "OTHER", "urgency": "DAY1"}
Shown = tuple[tuple[Entry, ...], tuple[Withheld, ...]]


class ReferDialog(QDialog):
    """Open it with `open()`. What stands in it is kept as a draft when the screen locks, and when it is left by Esc."""

    on_paper = Signal(str)  # a referral that waits for its letter: the agency works without Naungan

    def __init__(self, place: Workplace, case_id: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.case_id = place, case_id
        page = open_page(place.desk, case_id)
        self._job: Job | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Refer"))
        self.form = ReferForm(place, page)
        self.package = PackageView()
        self._counted, self._said = text("", role="muted"), text("", tone="danger", wrap=True)
        self._lay_out(page.row.number)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.form.changed.connect(lambda _key: self._timer.start())
        self._restore()
        self._look()

    def save_draft(self) -> None:
        """Keep what stands in the form, if the person has touched it."""
        values = {key: value for key, value in self.form.values().items() if value not in (None, "", ())}
        if self.form.touched:  # asked after the values: what is being typed counts
            desk, case_id = self.place.desk, self.case_id
            self.place.jobs.run(lambda _progress: drafts.save(desk, DRAFT, values, record=case_id))

    def send(self) -> None:
        """Check, then write the referral; it leaves this laptop at the next synchronisation."""
        self._say("")
        if not self.form.validate():
            return
        desk, case_id, values = self.place.desk, self.case_id, self.form.values()
        self.send_button.setEnabled(False)
        self.place.save(lambda: referrals.refer(desk, case_id, values), owner=self, then=self._done, failed=self._no)

    def reject(self) -> None:
        """Esc is pressed in error, too: the next referral of this case begins where this one was left."""
        self.save_draft()
        if self.form.touched:
            self.place.say(_("Not sent, but kept: choose “Refer…” again and go on."))
        self.form.touched = False
        super().reject()

    def discard(self) -> None:
        """Leave it, and keep nothing of it."""
        self.form.touched = False
        super().reject()

    # inside

    def _restore(self) -> None:
        """Put back what a lock or a crash interrupted."""
        desk = self.place.desk
        kept = next((d for d in drafts.mine(desk) if d.form == DRAFT and d.record == self.case_id), None)
        if kept is not None:
            draft_id = kept.id
            self.form.begin({k: tuple(v) if isinstance(v, list) else v for k, v in kept.content.items()})
            self.form.touched = True
            self.place.jobs.run(lambda _progress: drafts.discard(desk, draft_id))
            self._say(_("What you had entered before is back."), tone="good")

    def _look(self) -> None:
        """Show what would be shared as things stand."""
        if self._job is not None:
            self._job.cancel()
        if self.form.agency() is None:
            self._counted.setText("")
            self.package.say(_("Choose an agency: then you see here, word for word, what it will read."))
            return
        desk, case_id = self.place.desk, self.case_id
        values = {key: value for key, value in self.form.committed.items() if value not in (None, "", ())}
        self._job = self.place.load(
            lambda: _look_at(desk, case_id, values), owner=self, then=self._show_package, failed=self._no_preview
        )

    def _show_package(self, shown: Shown) -> None:
        shared, stays = shown
        self.package.show_package(shared, stays)
        self._counted.setText(counted(shared))

    def _no_preview(self, error: Exception) -> None:
        self._counted.setText("")
        self.package.say(problems.sentence(error))

    def _done(self, saved: Saved) -> None:
        self.form.touched = False
        desk, place, window = self.place.desk, self.place, self.place.window

        def undo() -> None:
            if window is not None:
                place.save(lambda: referrals.take_step(desk, saved.id, "WITHDRAWN"), owner=window)

        agency = self.form.agency()
        place.say(_("Referred. It leaves this laptop at the next synchronisation."), undo=undo)
        self.accept()
        if agency is not None and not agency["office_id"]:
            self.on_paper.emit(saved.id)

    def _no(self, error: Exception) -> None:
        self.send_button.setEnabled(True)
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
            self.form.next_problem()
        problems.tell(self, error, at=self._say)

    def _say(self, words: str, *, tone: str = "danger") -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))
        theme.mark(self._said, tone=tone)

    def _lay_out(self, number: str) -> None:
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("Refer"), role="title"), text(number, role="muted"), None))
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(16))
        middle.addWidget(scrolled(self.form), 11)
        package = scrolled(self.package, name=_("What is shared"))
        middle.addWidget(beside_card(_("Exactly this is shared"), package, counted=self._counted), 9)
        layout.addLayout(middle, 1)
        self._said.hide()
        layout.addWidget(self._said)
        self.send_button = button(_("Refer"), kind="primary", keys="Ctrl+Return", clicked=self.send)
        cancel = button(_("Discard"), clicked=self.discard)
        for one in (self.send_button, cancel):
            one.setAutoDefault(False)
        layout.addLayout(row(None, cancel, self.send_button))
        fit(self, width=1080, height=680)


def _look_at(desk: Desk, case_id: str, values: Mapping[str, Any]) -> Shown:
    """The preview wants a whole referral: what is not chosen yet is stood in for, and not shown."""
    lacking = {key: code for key, code in _STAND_INS.items() if key not in values}
    shared = referrals.preview(desk, case_id, {**lacking, **values})
    stays = withheld(desk, case_id, shared)
    return tuple(_without(entry, lacking) if entry.kind == "referral" else entry for entry in shared), stays


def _without(entry: Entry, keys: Mapping[str, str]) -> Entry:
    return replace(entry, values={key: value for key, value in entry.values.items() if key not in keys})


def beside_card(title: str, inner: QWidget, *, counted: QWidget) -> QFrame:
    """The sheet beside a form that shows what would leave: a heading, how much it is, and the thing itself."""
    card = QFrame()
    theme.mark(card, role="card")
    inside = QVBoxLayout(card)
    inside.setContentsMargins(theme.px(16), theme.px(12), theme.px(8), theme.px(8))
    inside.setSpacing(theme.px(8))
    inside.addLayout(row(text(title, role="heading"), None, counted))
    inside.addWidget(inner, 1)
    return card


def fit(dialog: QDialog, *, width: int, height: int) -> None:
    """As large as it likes to be, but never larger than the window it stands over."""
    above = dialog.parentWidget()
    most = (above.width(), above.height()) if above is not None else (1366, 768)
    dialog.resize(min(theme.px(width), most[0] - 40), min(theme.px(height), most[1] - 40))


def scrolled(inner: QWidget, *, name: str = "") -> QScrollArea:
    """A part that scrolls when the font is large or the window small; with a name the keyboard reaches it too."""
    ground = QWidget()
    theme.mark(ground, role="body")
    holder = QVBoxLayout(ground)
    holder.setContentsMargins(0, 0, theme.px(8), 0)
    holder.addWidget(inner)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.StrongFocus if name else Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(name)
    area.setWidget(ground)
    return area

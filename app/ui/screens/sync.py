"""In step with the centre: what would go, how it goes, what became of it. Green is the centre's signed word."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.context import Context
from app.errors import KnownError, UserError
from app.i18n import N_, _
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import disputes
from app.services.erasure import notice_lines
from app.services.sync_state import SyncState, state_in
from app.sync import loop
from app.sync.report import Preview, SyncItem, SyncReport
from app.ui import icons, problems, theme
from app.ui.screens import sync_words
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.sync_card import SyncCard
from app.ui.screens.sync_detail import SyncDetail
from app.ui.screens.sync_list import SyncList
from app.ui.screens.sync_run import IDLE, PAUSED, RUNNING, WAITING, run_of
from app.ui.screens.sync_stick import SyncStick
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.feedback import EmptyState
from app.ui.workplace import Workplace

Found = tuple[SyncState, Preview, int]  # the last: records over which people differ


class SyncScreen:
    """The sync, reached by F9 and from the sidebar."""

    name, title, icon, section = "sync", N_("Sync"), "sync", ""

    def build(self, context: Any) -> QWidget:
        """The panel, newly made."""
        return SyncView(context)


class SyncView(QWidget):
    """F9 comes here, and starts when pressed here; one can leave the panel while it goes on."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.run = run_of(place)
        self.list, self.detail, self.card = SyncList(place), SyncDetail(place), SyncCard(place)
        self.last, self._sign = text("", role="muted"), QLabel()
        self._told = self.run.state != IDLE  # whether the card tells of a run, which a mere reading must not wipe away
        self._lay_out()
        self.list.chosen.connect(self.detail.show_item)
        self.list.opened.connect(self._open_case)
        self.card.files_chosen.connect(self._choose_files)
        self.card.stopped_wanted.connect(self.list.show_stopped)
        self.run.progressed.connect(self.card.show_progress)
        self.run.ended.connect(self._ended)
        self.run.broke.connect(self._broke)
        self.run.state_changed.connect(self._state_changed)
        self.run.ticked.connect(self._show_run)
        self._show_run()
        self._show_buttons()

    def refresh(self, changes: Changes) -> None:
        """Something was written, here or by the sync: what waits is another."""
        self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def on_sync(self) -> None:
        """F9 while the panel is shown."""
        if self._stack.currentIndex() == 0:
            self.enrol()
        elif not self.run.is_running and self.start_button.isEnabled():
            self.start()

    def start(self) -> None:
        """Begin, or go on where the one before stopped."""
        self._told = True
        stopping = self.run.is_stopping
        at: QWidget | None = self.window().focusWidget()  # Qt says None where its types do not
        if at is None or not self.isAncestorOf(at):
            self.start_button.setFocus()  # from here it goes on to what stops the run
        self.run.start()
        self.card.begin(_("Waiting for the run before to stop…") if stopping else _("Greeting the centre…"))

    def enrol(self) -> None:
        """Become one of the office's devices first."""
        dialog = EnrolDialog(self.place, self.window())
        dialog.enrolled.connect(self._load)
        dialog.open()

    def by_stick(self) -> None:
        """Without a link: a file for the centre, and its answer."""
        dialog = SyncStick(self.place, self.window())
        dialog.took_in.connect(self._took_in)
        dialog.open()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.run.state == IDLE and not self.run.is_stopping:
            self._told = False
            self.card.say("")
            self._load()

    # inside

    def _load(self) -> None:
        context = self.place.context
        self.list.refresh()
        self.place.load(lambda: _read(context), owner=self, then=self.show_state)

    def show_state(self, found: Found) -> None:
        """Show what was read."""
        state, preview, conflicts = found
        self.card.show_needs(state.stopped, conflicts=conflicts)
        now = self.place.now()
        self._stack.setCurrentIndex(1 if state.enrolled else 0)
        said = sync_words.standing_line(state.proven_at, now, level=state.level(now) if state.enrolled else "")
        self.last.setText(said.words if state.enrolled else "")
        theme.mark(self.last, role="strong" if said.mark else "muted", tone=said.tone if said.mark else "")
        side = theme.px(15)
        self._sign.setVisible(bool(said.mark))
        self._sign.setPixmap(marks.icon(said.mark or "dot", colour=str(said.tone)).pixmap(side, side))
        if not self._told:
            self.card.show_preview(preview)
        self._show_buttons()

    def _choose_files(self, on: bool) -> None:
        self.run.files = on
        if not self._told:
            self._load()

    def _state_changed(self) -> None:
        self._show_run()
        self._show_buttons()

    def _show_run(self) -> None:
        """Where a run stands that nobody has to be told of twice: paused, waiting."""
        run = self.run
        self._told = self._told or run.state != IDLE
        if run.state == PAUSED:
            self.card.show_stopped(run.at, paused=True)
        elif run.state == WAITING:
            self.card.show_waiting(run.report, run.seconds_left, at_step=run.at.step)
        elif run.state == RUNNING and run.at.up:
            self.card.show_progress(run.at)
        elif run.is_stopping:
            self.card.show_stopped(run.at, paused=False)

    def _ended(self, report: SyncReport) -> None:
        if self.run.state in (RUNNING, PAUSED):  # the one that was stopped; its place is taken already
            self._load()
            return
        self._told = True
        if report.cancelled:
            self.card.show_stopped(self.run.at, paused=False)
        elif self.run.state == WAITING:
            self.card.show_waiting(report, self.run.seconds_left, at_step=self.run.at.step)
        else:
            self.card.show_end(report)
        self._tell_erased(report)
        self._load()

    def _took_in(self, report: SyncReport) -> None:
        """An answer that came by stick counts like one that came over the link."""
        self._told = True
        self.card.show_end(report)
        self._tell_erased(report)
        self._load()

    def _tell_erased(self, report: SyncReport) -> None:
        if report.erased:  # a line for each, under what came of the sync
            said = self.card.said
            said.setText("\n".join((said.text(), *notice_lines(self.place.desk, report.erased))))

    def _broke(self, error: Exception) -> None:
        if isinstance(error, UserError | KnownError):
            self.card.line.show_progress(0, total=1, title=_("Not synchronised"))
            self.card.say(problems.sentence(error), tone=Tone.DANGER)
        else:
            problems.show(self, error)
        self._load()

    def _show_buttons(self) -> None:
        may, state = self.place.desk.may(Permission.SYNC), self.run.state
        had = self.window().focusWidget() in (self.start_button, self.pause_button, self.stop_button)
        enrolled = self._stack.currentIndex() == 1
        words = {PAUSED: _("Go on"), WAITING: _("Try now")}.get(state, _("Start"))
        self.start_button.setText(f" {words}   F9")  # the keys themselves belong to the window
        self.start_button.setAccessibleName(words)
        self.start_button.setVisible(state != RUNNING and enrolled)
        self.start_button.setEnabled(may and enrolled)
        self.pause_button.setVisible(state == RUNNING)
        self.stop_button.setVisible(state != IDLE)
        if had and state == RUNNING:
            self.pause_button.setFocus()
        elif had:
            self.start_button.setFocus()
        self.stick_button.setVisible(enrolled)
        self.stick_button.setEnabled(may and state != RUNNING)
        self.card.switches.setVisible(state == IDLE and not self.run.is_stopping)

    def _open_case(self, item: SyncItem | None) -> None:
        if item is not None and item.case_id:
            self.place.go("case", target=item.case_id)

    def _lay_out(self) -> None:
        sign = icons.icon("sync", colour="on_accent")
        self.start_button = button(_("Start"), kind="primary", icon=sign, clicked=self.start)
        self.pause_button = button(_("Pause"), clicked=self.run.pause)
        self.stop_button = button(_("Cancel"), clicked=self.run.stop)
        self.stick_button = button(_("By stick…"), clicked=self.by_stick)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        for part, stretch in ((self.list, 3), (self.detail, 2)):
            split.addWidget(part)
            split.setStretchFactor(split.count() - 1, stretch)
        split.setSizes([680, 430])
        panel = QWidget()
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(12))
        inside.addWidget(self.card)
        inside.addWidget(split, 1)
        words = _("With a code from the centre this laptop can send referrals and receive answers. "
                  "Until then everything works here alone.")  # fmt: skip
        enrol = button(_("Enrol…"), kind="primary", clicked=self.enrol)
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState(_("Not enrolled at a centre"), body=words, icon="offline", action=enrol))
        self._stack.addWidget(panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        ways = (self.stick_button, self.pause_button, self.stop_button, self.start_button)
        layout.addLayout(row(text(_("Sync"), role="title"), self._sign, self.last, None, *ways))
        layout.addWidget(self._stack, 1)
        self.landing: QWidget = self.list.table


def _read(context: Context) -> Found:
    setup = context.sync_setup()
    with setup.read() as session:
        state = state_in(session)
    return state, loop.preview(setup), 0 if context.desk.locked() else disputes.count(context.desk)

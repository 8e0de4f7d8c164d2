"""In step with the centre: what would go, how it goes, what became of it. Green is the centre's signed word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.context import Context
from app.errors import KnownError, UserError
from app.i18n import N_, _, format_datetime
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.erasure import notice_lines
from app.services.lease import Stage
from app.sync import loop
from app.sync.report import Preview, SyncItem, SyncProgress, SyncReport
from app.ui import icons, presenting, problems, theme
from app.ui.screens import sync_words
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.sync_detail import SyncDetail
from app.ui.screens.sync_run import SyncRun
from app.ui.table import Column, PagedModel, Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.feedback import EmptyState, ProgressLine
from app.ui.widgets.pills import StepBar, StepItem
from app.ui.workplace import Workplace


class SyncScreen:
    """The sync, reached by F9 and from the sidebar."""

    name, title, icon, section = "sync", N_("Sync"), "sync", ""

    def build(self, context: Any) -> QWidget:
        """The panel, newly made."""
        return SyncView(context)


class ItemSource:
    """The entries as they were read last."""

    def __init__(self) -> None:
        self.items: dict[int, SyncItem] = {}

    def ids(self, query: Query) -> Sequence[int]:
        """Those that need a person first, as the service orders them."""
        return list(self.items)

    def rows(self, ids: Sequence[int]) -> Sequence[SyncItem | None]:
        """One entry per id."""
        return [self.items.get(seq) for seq in ids]


class SyncView(QWidget):
    """F9 comes here, and starts when pressed here; one can leave the panel while it goes on."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.run = SyncRun(place, parent=self)
        self.source = ItemSource()
        self.model = PagedModel(self.source, columns=_columns())
        self.table = TableView(self.model, name=_("Entries"), empty=_("Nothing was written on this laptop yet."))
        self.detail = SyncDetail(place)
        self.line = ProgressLine()
        self.steps = StepBar(numbered=False, pressable=False)
        self.said = text("", role="strong", wrap=True)
        self.last = text("", role="muted")
        self._lease = Stage.GOOD  # when the run began
        self._told = False  # whether the line tells of a run, which a mere reading must not wipe away
        self._lay_out()
        self.table.chosen.connect(lambda seq: self.detail.show_item(self.source.items.get(seq)))
        self.table.opened.connect(self._open_case)
        self.run.progressed.connect(self._progressed)
        self.run.ended.connect(self._ended)
        self.run.broke.connect(self._broke)
        self.run.state_changed.connect(self._show_buttons)
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
        self._lease = self.place.context.lease.lease().stage
        self._say("")
        self.run.start()
        words = _("Waiting for the run before to stop…") if self.run.is_stopping else _("Greeting the centre…")
        self.line.show_progress(0, title=words)
        self._show_steps("hello")

    def stop(self) -> None:
        """Stop after the present piece."""
        self.run.stop()
        self.line.show_progress(0, total=1, title=_("Stopping…"))
        self._say(_("What went over is kept. Start again and it goes on from there."))

    def enrol(self) -> None:
        """Become one of the office's devices first."""
        dialog = EnrolDialog(self.place, self.window())
        dialog.enrolled.connect(self._load)
        dialog.open()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.run.is_running and not self.run.is_stopping:
            self._told = False
            self._say("")
            self._load()

    # inside

    def _load(self) -> None:
        context = self.place.context
        self.place.load(lambda: _read(context), owner=self, then=self.show_state)

    def show_state(self, found: tuple[bool, Preview, Sequence[SyncItem]]) -> None:
        """Show what was read."""
        enrolled, preview, items = found
        self._stack.setCurrentIndex(1 if enrolled else 0)
        self.source.items = {item.seq: item for item in items}
        self.model.refresh()
        if self.table.current_id() is None and items:
            self.table.choose(items[0].seq)
        proven = presenting.when(preview.proven_at, self.place.now())
        self.last.setText(_("Last in step with the centre: {when}").format(when=proven or _("never")))
        if not self._told:
            self.line.show_progress(0, total=1, title=sync_words.preview_line(preview))
            self._show_steps("")
        self._show_buttons()

    def _progressed(self, at: SyncProgress) -> None:
        titles = {
            "hello": _("Greeting the centre…"), "urgent": _("Sending what is urgent…"), "push": _("Sending…"),
            "pull": _("Receiving…"), "prove": _("Comparing with the centre…"), "files": _("Exchanging attachments…"),
        }  # fmt: skip
        self._show_steps(at.step)
        self.line.show_progress(at.done, total=at.total, title=titles[at.step], detail=sync_words.progress_line(at))

    def _ended(self, report: SyncReport) -> None:
        if report.wipe is not None:
            self.place.wipe_ordered.emit(report.wipe)
        if self._lease > self.place.context.lease.lease().stage:
            self.place.lease_renewed.emit()
        self.place.changed.emit(report.changes)  # what waits and when it was proven is another now, whatever came
        went = sync_words.report_line(report)
        if self.run.is_running:  # the one that was stopped; another is on its way already
            return
        if report.green:
            self._show_steps("done")
            now = format_datetime(self.place.now(), with_zone=True)
            self._say(_("In step with the centre: it signed for everything. {when}").format(when=now), tone=Tone.GOOD)
            self.line.show_progress(1, total=1, title=went)
        elif report.cancelled:
            self.line.show_progress(0, total=1, title=_("Stopped. {went}").format(went=went))
            self._say(_("What went over is kept. Start again and it goes on from there."))
        else:
            words = problems.sentence(report.problem) if report.problem else _("Not proven yet. Start again.")
            self.line.show_progress(0, total=1, title=went)
            self._say(words, tone=Tone.DANGER if report.problem else Tone.WARN)
        if report.erased:  # a line for each, under what came of the sync
            self.said.setText("\n".join((self.said.text(), *notice_lines(self.place.desk, report.erased))))
        self._load()

    def _broke(self, error: Exception) -> None:
        if isinstance(error, UserError | KnownError):
            self.line.show_progress(0, total=1, title=_("Not synchronised"))
            self._say(problems.sentence(error), tone=Tone.DANGER)
        else:
            problems.show(self, error)
        self._load()

    def _say(self, words: str, *, tone: str = "") -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
        theme.mark(self.said, tone=tone)

    def _show_steps(self, now: str) -> None:
        order = [name for name, _title in sync_words.STEPS]
        at = len(order) if now == "done" else order.index(now) if now in order else -1
        states = ["done" if n < at else "current" if n == at else "todo" for n in range(len(order))]
        self.steps.show_steps(
            [StepItem(_(title), state) for (_n, title), state in zip(sync_words.STEPS, states, strict=True)]
        )

    def _show_buttons(self) -> None:
        may = self.place.desk.may(Permission.SYNC)
        running = self.run.is_running
        self.start_button.setVisible(not running)
        self.start_button.setEnabled(may and self._stack.currentIndex() == 1)
        self.stop_button.setVisible(running)

    def _open_case(self, seq: int) -> None:
        item = self.source.items.get(seq)
        if item is not None and item.case_id:
            self.place.go("case", target=item.case_id)

    def _lay_out(self) -> None:
        self.start_button = button(
            _("Start"), kind="primary", icon=icons.icon("sync", colour="on_accent"), clicked=self.start
        )
        self.start_button.setText(f"{self.start_button.text()}   F9")  # the keys themselves belong to the window
        self.stop_button = button(_("Stop"), clicked=self.stop)
        card = Card()
        card.body.addWidget(self.line)
        card.body.addWidget(self.steps)
        self.said.hide()
        card.body.addWidget(self.said)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        split.setSizes([680, 430])
        panel = QWidget()
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(12))
        inside.addWidget(card)
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
        head = row(text(_("Sync"), role="title"), self.last, None, self.stop_button, self.start_button)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)


def _read(context: Context) -> tuple[bool, Preview, Sequence[SyncItem]]:
    setup = context.sync_setup()
    enrolled = context.setting("certificate") is not None
    return enrolled, loop.preview(setup), loop.items(setup)


def _columns() -> tuple[Column, ...]:
    return (
        Column("case_number", N_("Case"), 130, text=lambda n: n or presenting.NOTHING, sortable=False),
        Column("kind", N_("Entry"), 180, text=sync_words.change_of, whole_row=True, sortable=False, stretch=True),
        Column(
            "state", N_("State"), 124, text=lambda i: sync_words.state_of(i).words,
            tone=lambda i: sync_words.state_of(i).tone, mark=lambda i: sync_words.state_of(i).mark, whole_row=True,
            sortable=False,
        ),
        Column(
            "code", N_("Why"), 150, text=sync_words.why, whole_row=True, sortable=False, style="muted", stretch=True
        ),
    )  # fmt: skip

"""The card above the entries: what would go and how long it would take, how it goes, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from app.i18n import _, format_datetime, format_number, ngettext
from app.sync.link import METERED
from app.sync.report import Preview, SyncProgress, SyncReport
from app.ui import problems, theme
from app.ui.screens import sync_words
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.feedback import ProgressLine
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.pills import StepBar, StepItem
from app.ui.workplace import Workplace


class SyncCard(Card):
    """Says where the sync stands; `files_chosen(bool)` when the person wants files to go now or later.

    What needs a person stands in it whatever came of the last sync; `stopped_wanted()` asks for those entries.
    """

    files_chosen = Signal(bool)
    stopped_wanted = Signal()

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.place = place
        self.line = ProgressLine()
        self.steps = StepBar(numbered=False, pressable=False)
        self.said = text("", role="strong", wrap=True)
        self.traffic = text("", role="small")
        self.files, self.metered = QCheckBox(_("Attachments too")), QCheckBox(_("Slow or metered link"))
        words = _("Files wait, nothing goes by itself but what is urgent, and everything is packed closely.")
        self.metered.setToolTip(words)
        self.metered.setAccessibleDescription(words)
        self.metered.setChecked(bool(place.setting(METERED, False)))
        self.files.setChecked(not self.metered.isChecked())
        self.files.toggled.connect(self.files_chosen)
        self.metered.toggled.connect(self._be_metered)
        self._preview: Preview | None = None
        self.body.setSpacing(theme.px(8))
        self.body.addWidget(self.line)
        self.body.addWidget(self.steps)
        self.said.hide()
        self.body.addWidget(self.said)
        self.switches = QWidget()
        sign = marks.icon("warning", colour="warn")
        self.stopped = button("", kind="quiet", icon=sign, clicked=self.stopped_wanted.emit)
        self.conflicts = button("", kind="quiet", icon=sign, clicked=lambda: place.go("conflicts"))
        flow = FlowLayout(self.switches, gap=theme.px(14))
        for part in (self.files, self.metered, self.stopped, self.conflicts):
            flow.addWidget(part)
        self.show_needs(0, conflicts=0)
        foot = row(self.switches, self.traffic)
        foot.setStretch(0, 1)
        self.body.addLayout(foot)
        self.files.hide()

    def show_preview(self, preview: Preview) -> None:
        """What a sync would send now, and how long that would take."""
        self._preview = preview
        self.files.setVisible(bool(preview.files.count))
        self._show_preview()
        self.steps.hide()  # nothing of them is known before it starts
        self.traffic.setText("")

    def show_needs(self, stopped: int, *, conflicts: int) -> None:
        """How many entries and conflicts wait for a person."""
        words = ngettext("{n} entry needs you", "{n} entries need you", stopped).format(n=format_number(stopped))
        _show_count(self.stopped, stopped, words)
        words = ngettext("{n} conflict", "{n} conflicts", conflicts).format(n=format_number(conflicts))
        _show_count(self.conflicts, conflicts, words)
        high = self.stopped.sizeHint().height() if stopped or conflicts else 0
        for box in (self.files, self.metered):  # in one line with the buttons
            box.setMinimumHeight(high)

    def begin(self, words: str) -> None:
        """A run starts."""
        self.say("")
        self.line.show_progress(0, title=words)
        self.traffic.setText("")
        self._show_steps("hello")

    def show_progress(self, at: SyncProgress) -> None:
        """How far it is."""
        titles = {
            "hello": _("Greeting the centre…"), "urgent": _("Sending what is urgent…"), "push": _("Sending…"),
            "pull": _("Receiving…"), "prove": _("Comparing with the centre…"), "files": _("Exchanging attachments…"),
        }  # fmt: skip
        self._show_steps(at.step)
        self.line.show_progress(at.done, total=at.total, title=titles[at.step], detail=sync_words.progress_line(at))
        self.traffic.setText(sync_words.traffic_line(at))

    def show_stopped(self, at: SyncProgress, *, paused: bool) -> None:
        """The person stopped it for now, or for good; where it stands stays to be seen."""
        self._show_steps(at.step)
        self.traffic.setText(sync_words.traffic_line(at))
        detail = sync_words.progress_line(SyncProgress(at.step, at.done, at.total)) if at.total else ""
        title = _("Paused: the line is free") if paused else _("Stopped")
        self.line.show_progress(at.done if paused else 0, total=max(at.total, 1), title=title, detail=detail)
        words = _("What went over is kept. Go on, and it continues at the byte.") if paused else _(
            "What went over is kept. Start again and it goes on from there."
        )  # fmt: skip
        self.say(words)

    def show_waiting(self, report: SyncReport | None, seconds: int, *, at_step: str) -> None:
        """The link broke, or the centre has too much to do: when it is tried again, and where it goes on."""
        self._show_steps(at_step)
        self.line.show_progress(0, total=1, title=sync_words.waiting_line(report, seconds))
        self.traffic.setText(sync_words.report_line(report) if report is not None else "")
        if report is not None and report.problem is not None:
            self.say(problems.sentence(report.problem), tone=Tone.WARN)

    def show_end(self, report: SyncReport) -> None:
        """What came of it: green is kept for the centre's signed word."""
        went = sync_words.report_line(report)
        self.traffic.setText("")
        if report.green:
            waits = report.files_left + report.files_later
            self._show_steps("waits" if waits else "done")
            self.files.setVisible(bool(waits))
            now = format_datetime(self.place.now(), with_zone=True)
            words = _("In step with the centre: it signed for everything. {when}").format(when=now)
            if report.files_left:
                words += "\n" + _("The files that are left follow when you press Start, or with the next sync.")
            self.say(words, tone=Tone.GOOD)
            self.line.show_progress(0 if waits else 1, total=1, title=went)
        else:
            words = problems.sentence(report.problem) if report.problem else sync_words.unproven_words(report)
            self.line.show_progress(0, total=1, title=went)
            self.say(words, tone=Tone.DANGER if report.problem else Tone.WARN)

    def say(self, words: str, *, tone: str = "") -> None:
        """A sentence under the steps; '' takes it away."""
        self.said.setText(words)
        self.said.setVisible(bool(words))
        theme.mark(self.said, tone=tone)

    def _show_preview(self) -> None:
        if self._preview is not None:
            detail = sync_words.expected_line(self._preview, files=self.files.isChecked())
            self.line.show_progress(0, total=1, title=sync_words.preview_line(self._preview), detail=detail)

    def _be_metered(self, on: bool) -> None:
        self.place.put_setting(METERED, on)
        self.files.setChecked(not on)

    def _show_steps(self, now: str) -> None:
        order = [name for name, _title in sync_words.STEPS]
        ends = {"done": len(order), "waits": len(order) - 1}
        at = ends[now] if now in ends else order.index(now) if now in order else -1
        states = ["done" if n < at else "current" if n == at and now in order else "todo" for n in range(len(order))]
        titles = sync_words.step_titles(self._preview)
        self.steps.show()
        self.steps.show_steps([StepItem(title, state) for title, state in zip(titles, states, strict=True)])


def _show_count(made: QPushButton, count: int, words: str) -> None:
    made.setText(f" {words}")  # Qt leaves four pixels between an icon and its words
    made.setAccessibleName(words)
    made.setVisible(bool(count))

"""The sync by stick: make a file that only the centre opens, read its answer, and see what is confirmed so far."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_bytes, format_number, ngettext
from app.sync.bundle import BundleMade, BundleRead, BundleState, bundles_open, pack, read_answers
from app.ui import files, presenting, theme
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace


class SyncStick(DeedDialog):
    """`took_in(SyncReport)` when an answer was read."""

    took_in = Signal(object)

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(
            place, title=_("By stick"), action=_("Make the file…"), slow=_("Packing and sealing…"), parent=parent
        )
        self.explain([
            _("Where there is no link, a file carries all that waits to the centre. Only the centre can open it, so "
              "several laptops may share one stick."),
            _("Nothing counts as arrived before the centre's answer was read here, or the next sync over a link."),
        ])  # fmt: skip
        self._open = QVBoxLayout()
        self._open.setSpacing(theme.px(6))
        self.body.addLayout(self._open)
        self.read_button = button(_("Read the centre's answer…"), clicked=self.ask_for_answer)
        self.read_button.setAutoDefault(False)
        self.body.addLayout(row(self.read_button, None))
        self.cancel.setText(_("Close"))
        self.told = text("", role="strong", wrap=True)
        self.told.hide()
        self.body.addWidget(self.told)
        self._load()

    def save(self) -> None:
        """Ask for the folder, then make the file."""
        files.ask_folder(self, self.make, title=_("Folder on the stick"))

    def make(self, folder: Path) -> None:
        """Pack all that waits into one file in this folder."""
        setup = self.place.context.sync_setup()
        self._begin(_("Packing and sealing…"))
        self.place.save(lambda: pack(setup, folder), owner=self, then=self._made, failed=self.refused)

    def ask_for_answer(self) -> None:
        """Ask for the folder on the stick; the answers to other laptops in it are left alone."""
        files.ask_folder(self, self.read, title=_("Folder with the centre's answer"))

    def read(self, folder: Path) -> None:
        """Take in what the centre answered."""
        context = self.place.context

        def deed() -> BundleRead:
            read = read_answers(context.sync_setup(), folder)
            context.synced(read.report)
            return read

        self._begin(_("Reading the answer…"))
        self.place.save(deed, owner=self, then=self._read, failed=self.refused)

    def _begin(self, words: str) -> None:
        self.say("")
        self.told.hide()
        self._slow = words
        self._run(True)

    def _made(self, made: BundleMade) -> None:
        self._run(False)
        n = ngettext("{n} change", "{n} changes", made.operations).format(n=format_number(made.operations))
        parts = [_("Made: {file}").format(file=made.path.name), n, format_bytes(made.bytes)]
        if made.files:
            told = ngettext("{n} attached file", "{n} attached files", made.files)
            parts.append(told.format(n=format_number(made.files)))
        words = " \u00b7 ".join(parts)
        if made.left:
            words += "\n" + _("Not everything found room: make another file after the answer to this one.")
        self._tell(words, tone=Tone.INFO)
        self._load()

    def _read(self, read: BundleRead) -> None:
        self._run(False)
        report = read.report
        if report.green:
            self._tell(_("In step with the centre: it signed for everything."), tone=Tone.GOOD)
        elif report.problem is not None:
            self.say(str(report.problem))
        elif read.old == read.answers:
            self._tell(_("This answer is older than what this laptop knows; it changed nothing."), tone=Tone.WARN)
        else:
            words = _("Taken in, but not all is confirmed yet: make a new file for the centre, and read its answer.")
            self._tell(words, tone=Tone.WARN)
        if read.problems:
            names = ", ".join(f"{path.name} ({why})" for path, why in read.problems)
            self.say(_("Could not be read: {files}").format(files=names))
        self.place.changed.emit(report.changes)
        self.took_in.emit(report)
        self._load()

    def _tell(self, words: str, *, tone: str) -> None:
        self.told.setText(words)
        theme.mark(self.told, tone=tone)
        self.told.show()
        self.fit()

    def _load(self) -> None:
        setup = self.place.context.sync_setup()
        self.place.load(lambda: bundles_open(setup), owner=self, then=self._show_open)

    def _show_open(self, found: tuple[BundleState, ...]) -> None:
        empty(self._open)
        for state in found:
            when = presenting.when(state.made_at, self.place.now())
            n = ngettext("{n} change", "{n} changes", state.operations).format(n=format_number(state.operations))
            words = f"{when} \u00b7 {n}, {format_bytes(state.bytes)}" if state.operations else when
            holder = QWidget()
            holder.setLayout(row(text(words), Chip(_("Not confirmed yet"), tone=Tone.WARN, mark="warning"), None))
            self._open.addWidget(holder)
        if not found:
            self._open.addWidget(text(_("No file is on its way."), role="muted"))
        QTimer.singleShot(0, self, self.fit)  # once what was added has its size

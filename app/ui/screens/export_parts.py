"""Parts of the export dialogs: which sections, and whether under a password."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from app.i18n import _
from app.reports.api import Format
from app.reports.case_summary import SECTIONS
from app.reports.redaction import Profile
from app.services.exports import may_lie_open
from app.ui import theme
from app.ui.widgets.basics import text

COLUMNS = 2


class SectionChoice(QWidget):
    """A box for each section, all of them ticked at first. `changed()` when one is not what it was."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.boxes = {key: QCheckBox(_(title)) for key, title in SECTIONS.items()}
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.px(4))
        for n, box in enumerate(self.boxes.values()):
            box.setChecked(True)
            box.toggled.connect(self.changed)
            grid.addWidget(box, n // COLUMNS, n % COLUMNS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addWidget(text(_("Sections"), role="label"))
        layout.addLayout(grid)

    def left_out(self) -> tuple[str, ...]:
        """The sections that are not wanted."""
        return tuple(key for key, box in self.boxes.items() if not box.isChecked())


class Protection(QWidget):
    """With a password, or knowingly without one where that may be. `changed()` when it stands differently."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.protect = QCheckBox(_("With a password (recommended)"))
        self.protect.setChecked(True)
        self.known = QCheckBox(_("I know that anybody who gets the file can open it"))
        self._hint = text("", role="small", wrap=True)
        self.protect.toggled.connect(self._follow)
        self.known.toggled.connect(self.changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        for part in (self.protect, self.known, self._hint):
            layout.addWidget(part)
        self.suit(Profile.INTERNAL, Format.PDF)

    @property
    def is_on(self) -> bool:
        """Whether the file gets a password."""
        return self.protect.isChecked()

    @property
    def is_settled(self) -> bool:
        """Whether a file may be made now: without a password only when that was confirmed."""
        return self.is_on or self.known.isChecked()

    def suit(self, profile: Profile | None, form: Format) -> None:
        """Offer what this profile and this format allow."""
        free = profile is not None and may_lie_open(profile, form)
        if not free:
            self.protect.setChecked(True)
        self.protect.setEnabled(free)
        hints = {
            Format.PDF: "",
            Format.XLSX: _("A sheet cannot lock itself: it leaves inside an age file, which opens with the words."),
        }
        self._hint.setText(hints.get(form, _("It leaves inside an age file, which opens with the words.")))
        self._follow()

    def _follow(self) -> None:
        self.known.setVisible(not self.is_on)
        if self.is_on:
            self.known.setChecked(False)
        self._hint.setVisible(self.is_on and bool(self._hint.text()))
        self.changed.emit()

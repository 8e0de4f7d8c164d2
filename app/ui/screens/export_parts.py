"""Parts of the export dialogs: which sections, what is released by hand, and whether under a password."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from app.i18n import _
from app.models.kind_names import kind_name
from app.reports.api import Format
from app.reports.case_summary import SECTIONS
from app.reports.redaction import Profile
from app.services.exports import Releasable, may_lie_open
from app.ui import theme
from app.ui.widgets.basics import text
from app.ui.widgets.flow import empty

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


class ReleaseChoice(QWidget):
    """A box for each field that leaves only when it is ticked, none of them ticked. `changed()` when one is."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.boxes: dict[str, QCheckBox] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(4))
        self._why = text("", role="small", wrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addWidget(text(_("Released by hand"), role="label"))
        note = _("Sensitive information and free text stay here unless you tick them. Then read the preview.")
        layout.addWidget(text(note, role="small", wrap=True))
        layout.addLayout(self._list)
        layout.addWidget(self._why)
        self.offer((), cleared=True)

    def offer(self, found: Sequence[Releasable], *, cleared: bool) -> None:
        """Offer these and untick everything: a tick counts for one recipient and one consent."""
        empty(self._list)
        self.boxes = {one.name: QCheckBox(f"{kind_name(one.kind)}: {_(one.field.label)}") for one in found}
        for one in found:
            box = self.boxes[one.name]
            box.setEnabled(one.is_open and (cleared or not one.is_sealed))
            box.toggled.connect(self.changed)
            self._list.addWidget(box)
        shut = any(not box.isEnabled() for box in self.boxes.values())
        if not cleared:
            why = _("Sealed values: only somebody who is cleared for sensitive information may release them.")
        else:
            why = _("Some values are sealed with a key that this laptop does not have: they stay here.")
        self._why.setText(why)
        self._why.setVisible(shut)
        self.setVisible(bool(self.boxes))

    def released(self) -> tuple[str, ...]:
        """The fields that were ticked: 'person.health'."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())


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

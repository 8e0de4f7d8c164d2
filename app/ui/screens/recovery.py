"""Recovery in the settings: whether two people could let somebody in again, and making and setting their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import N_, _, format_datetime
from app.models.permission import Permission
from app.reports.preview import pages_png
from app.services import recovery
from app.services.desk import Clock
from app.ui import files, icons, presenting, problems, theme
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.screens.keystore import KeystoreCard
from app.ui.screens.pages_view import PagesView
from app.ui.screens.refer import fit
from app.ui.widgets.basics import Card, Page, button, row, text
from app.ui.workplace import Workplace
from app.vault.files import ESCROW, write_whole
from app.vault.workspace import Workspace

SHEET = "recovery_sheet"  # setting: when the district's sheet was printed here, and of which key
DPI, SHORT = 110, 16


class RecoveryScreen:
    """Reached from the settings."""

    name, title, icon, section = "recovery", N_("Recovery"), "key", ""

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return RecoveryView(context)


@dataclass(frozen=True)
class Standing:
    """What the key file says, held against the disk."""

    district: str = ""
    centre: str = ""
    whole: bool = False
    sealed_at: datetime | None = None


def standing(workspace: Workspace) -> Standing:
    """Read it."""
    escrow, path = workspace.escrow, workspace.directory / ESCROW
    if escrow is None:
        return Standing()
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC) if path.is_file() else None
    return Standing(escrow.district, escrow.centre, escrow.is_in(path), at)


class RecoveryView(Page):
    """How it stands; below it the three steps to recovery keys that two people keep."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_("Recovery"))
        self.place = place
        back = button(_("Settings"), kind="quiet", icon=icons.icon("settings", colour="accent"))
        back.clicked.connect(lambda: place.go("settings"))
        self.body.insertLayout(0, row(back, None))
        self.may = place.workspace.cleared and place.desk.may(Permission.MANAGE_USERS)
        self.said, self.facts = text("", role="strong", wrap=True), text("", role="muted", wrap=True)
        self.district, self.centre = QLineEdit(), QLineEdit()
        self.set_button = button(_("Set both keys…"), kind="primary", clicked=self.ask_set)
        self.make_button = button(_("Make the district's key…"), clicked=self.make)
        self.body.addWidget(self._state())
        self.body.addWidget(self._steps())
        self.keystore = KeystoreCard(place)
        self.body.addWidget(self.keystore)
        self.body.addStretch(1)
        self.show_standing(standing(place.workspace))

    def on_refresh(self) -> None:
        """F5."""
        self.show_standing(standing(self.place.workspace))

    def show_standing(self, found: Standing) -> None:
        """Say how it stands."""
        self.keystore.show_standing()
        if not found.district:
            words, tone = _("No recovery keys are set: if every password is lost, this workspace is lost."), "danger"
        elif not found.whole:
            words, tone = _("The recovery keys are set, but the sealed file is missing or altered."), "danger"
        else:
            words, tone = (
                _("Two people, each with a recovery key, can let somebody in again. One alone cannot."),
                "good",
            )
        self.said.setText(words)
        theme.mark(self.said, tone=tone)
        self.facts.setText("\n".join(self._lines(found)))
        self.facts.setVisible(bool(found.district))
        for line, key in ((self.district, found.district), (self.centre, found.centre)):
            if key and not line.text():
                line.setText(key)

    def make(self) -> None:
        """A new key for the district, and its sheet."""
        dialog = SheetDialog(self.place, self.window())
        dialog.printed.connect(self.district.setText)
        dialog.open()

    def ask_set(self) -> None:
        """Seal the keys of this workspace to the two."""
        dialog = SetKeys(self.place, district=self.district.text(), centre=self.centre.text(), parent=self.window())
        dialog.done_well.connect(self.on_refresh)
        dialog.open()

    # inside

    def _lines(self, found: Standing) -> list[str]:
        lines = [
            _("District's key: {key}").format(key=_short(found.district)),
            _("Centre's key: {key}").format(key=_short(found.centre)),
        ]
        if found.sealed_at is not None:
            when = presenting.when(found.sealed_at, self.place.now())
            lines.append(_("Last sealed: {when}").format(when=when))
        printed = self.place.setting(SHEET) or {}
        if printed.get("public") == found.district:
            when = format_datetime(datetime.fromisoformat(printed["at"]))
            lines.append(_("The district's sheet was made here on {when}.").format(when=when))
        else:
            lines.append(_("The district's sheet was not made on this laptop; make sure somebody has it."))
        return lines

    def _state(self) -> Card:
        card = Card(_("How it stands"))
        card.body.addWidget(self.said)
        card.body.addWidget(self.facts)
        return card

    def _steps(self) -> Card:
        card = Card(_("Recovery keys on paper, kept by two people"))
        words = _("Whoever has both keys reads everything in this workspace. So they lie in two places with two "
                  "people: the district's with the head of the office, the centre's at the centre.")  # fmt: skip
        card.body.addWidget(text(words, wrap=True))
        card.body.addWidget(text(_("1. Make the district's key and print its sheet."), role="label"))
        card.body.addLayout(row(self.make_button, None))
        fields = (
            (_("Public half of the district's key"), self.district),
            (_("2. Public half of the centre's key, as the centre tells it"), self.centre),
        )
        for label, line in fields:
            caption = text(label, role="label", wrap=True)
            caption.setBuddy(line)
            line.setAccessibleName(label)
            line.setPlaceholderText("age1…")
            line.setEnabled(self.may)
            card.body.addWidget(caption)
            card.body.addWidget(line)
        card.body.addWidget(text(_("3. Set both."), role="label"))
        card.body.addLayout(row(self.set_button, None))
        for one in (self.make_button, self.set_button):
            one.setEnabled(self.may)
        if not self.may:
            words = _("Only somebody who manages users and may read sealed values can set recovery keys.")
            card.body.addWidget(text(words, role="small", wrap=True))
        return card


class SetKeys(DeedDialog):
    """Says what setting means, and does it."""

    def __init__(self, place: Workplace, *, district: str, centre: str, parent: QWidget | None = None) -> None:
        slow = _("Sealing the keys…")
        super().__init__(place, title=_("Set the recovery keys?"), action=_("Set"), slow=slow, parent=parent)
        self._district, self._centre = district, centre
        self.explain(
            [
                _("The keys of this workspace are sealed to the district's and the centre's key, one inside the other. "
                  "The sealed file lies beside the workspace and in every backup."),
                _("What was sealed to earlier recovery keys stays in older backups: destroy the old sheets."),
            ]
        )  # fmt: skip

    def save(self) -> None:
        """Set them."""
        desk, workspace, district, centre = self.place.desk, self.place.workspace, self._district, self._centre
        self.do(
            lambda: recovery.set_trustees(desk, workspace, district=district, centre=centre),
            said=_("The recovery keys are set."),
        )

    def refused(self, error: Exception) -> None:
        """Say which of the two keys is wrong, and why."""
        super().refused(error)
        found = getattr(error, "problems", ())
        if found:
            self.say("\n".join([str(error), *(words for _key, words in found)]))


class SheetDialog(QDialog):
    """The sheet of a new key, in memory alone: `printed(public half)` when somebody says that it is on paper."""

    printed = Signal(str)

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self._public, self._sheet = place, "", b""
        self.setWindowTitle(_("The district's recovery key"))
        self.pages = PagesView()
        self.pages.say(_("Making the key…"))
        self.said = text("", tone="danger", wrap=True)
        self.said.hide()
        self.on_paper = QCheckBox(_("The sheet is on paper and the file is deleted"))
        self.done_button = button(_("Use this key"), kind="primary", clicked=self.use)
        self.keep_button = button(_("Save the sheet for printing…"), icon=icons.icon("print"), clicked=self.keep)
        cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.done_button, self.keep_button, cancel):
            one.setAutoDefault(False)
        self.done_button.setEnabled(False)
        self.keep_button.setEnabled(False)
        self.on_paper.toggled.connect(self.done_button.setEnabled)
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        layout.setSpacing(theme.px(10))
        layout.addWidget(text(_("The district's recovery key"), role="heading"))
        words = _("The key stands on this sheet and nowhere else. Save it on a stick, print it, delete the file at "
                  "once. If this dialog is closed before, the key is gone and you make another.")  # fmt: skip
        for part in (text(words, role="muted", wrap=True), self.pages, self.said, self.on_paper):
            layout.addWidget(part, 1 if part is self.pages else 0)
        layout.addLayout(row(self.keep_button, None, cancel, self.done_button))
        fit(self, width=860, height=700)
        office, now = place.setting("office_name", ""), place.now
        place.load(lambda: _made(office, now), owner=self, then=self._show)

    def keep(self) -> None:
        """Write the sheet where it is printed from."""
        files.ask_where_to(self, self.write, title=_("Save as"), name="naungan-recovery.pdf", kind="PDF (*.pdf)")

    def write(self, path: Path) -> None:
        """Write it there."""
        try:
            write_whole(path, self._sheet)
        except (OSError, KnownError, UserError) as error:
            known = isinstance(error, KnownError | UserError)
            self._say(problems.sentence(error) if known else _("The file could not be written there."), tone="danger")
            return
        self._say(_("Saved. Print it now, then delete the file."), tone="warn")

    def use(self) -> None:
        """It is on paper."""
        told = {"public": self._public, "at": self.place.now().isoformat()}
        self.place.put_setting(SHEET, told)
        self.printed.emit(self._public)
        self.accept()

    def done(self, result: int) -> None:
        """However it ends, the sheet goes with it."""
        self._sheet = b""
        self.pages.say("")
        super().done(result)
        self.deleteLater()

    def _show(self, made: tuple[str, bytes, list[bytes]]) -> None:
        self._public, self._sheet, pages = made
        self.pages.show_pages(pages)
        self.keep_button.setEnabled(True)

    def _say(self, words: str, *, tone: str) -> None:
        self.said.setText(words)
        self.said.show()
        theme.mark(self.said, tone=tone)


def _made(office: str, now: Clock) -> tuple[str, bytes, list[bytes]]:
    public, sheet = recovery.paper_key("district", office=office, now=now)
    return public, sheet, list(pages_png(sheet, dpi=DPI))


def _short(key: str) -> str:
    """Enough of a public key to compare it by eye with a sheet."""
    return f"{key[:SHORT]}…{key[-6:]}" if len(key) > SHORT + 6 else key

"""This office's laptops: which may read what is sealed, which waits until a person has compared its six words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from app.i18n import N_, _, format_datetime
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import laptops
from app.services.desk import Desk
from app.services.laptops import OfficeLaptop
from app.ui import icons, presenting, theme
from app.ui.held_source import HeldSource
from app.ui.screens.deed_dialog import Confirm, DeedDialog
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, button, row, text
from app.ui.widgets.flow import empty
from app.ui.workplace import Workplace

_TOUCHED = frozenset({"device", "office_key", "key_grant"})
Shown = tuple[Sequence[OfficeLaptop], str]


class LaptopsScreen:
    """Reached from the settings."""

    name, title, icon, section = "laptops", N_("This office's laptops"), "laptop", ""

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return LaptopsView(context)


def read_laptops(desk: Desk) -> Shown:
    """The laptops and the six words of the office's key; nothing for who may not see them."""
    if not desk.may(Permission.MANAGE_USERS):
        return (), ""
    return laptops.laptops(desk), laptops.fingerprint(desk) if desk.may(Permission.READ) else ""


def tags_waiting(desk: Desk) -> tuple[str, ...]:
    """The laptops that somebody could approve here now; for who is cleared and manages users."""
    if desk.keyring is None or not desk.may(Permission.MANAGE_USERS):
        return ()
    found = laptops.laptops(desk)
    if not any(one.ours and one.approved for one in found):
        return ()
    return tuple(one.tag for one in found if _may_wait(one) and not one.ours)


class LaptopsView(QWidget):
    """The table; below it what may be done with the chosen laptop, and the office's own words."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.source: HeldSource[OfficeLaptop] = HeldSource("device")
        self.model = PagedModel(self.source, columns=_columns())
        none = _("No laptop is known. After enrolment and a synchronisation this office's laptops stand here.")
        self.table = TableView(self.model, name=_("This office's laptops"), empty=none)
        self.table.chosen.connect(self._show)
        self.detail, self.key = Card(), Card(_("The key of this office"))
        self._words = text("", role="strong", wrap=True)
        self.rotate = button(_("New key…"), clicked=self.ask_new_key)
        self._lay_out()
        self.landing: QWidget = self.table
        self._load()

    def refresh(self, changes: Changes) -> None:
        """A laptop came, or was given the key."""
        if changes.kinds & _TOUCHED:
            self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def chosen(self) -> OfficeLaptop | None:
        """Which laptop the buttons are about."""
        return self.source.items.get(self.table.current_id() or "")

    def approve(self) -> None:
        """Compare six words, then let the chosen laptop read."""
        if (laptop := self.chosen()) is not None:
            ApproveLaptop(self.place, laptop, self.window()).open()

    def ask_new_key(self) -> None:
        """Put a new key of the office in the place of the old one."""
        desk, restricted = self.place.desk, self.place.workspace.restricted
        if restricted is None:
            return
        asked = (
            _("Do this after a laptop was lost or revoked: what is sealed from now on, it cannot open."),
            _("What was sealed before stays readable to whoever held the old key: a laptop that is gone keeps what it "
              "had. Laptops approved at this one receive the new key at their next synchronisation; approve others "
              "anew."),
        )  # fmt: skip
        Confirm(
            self.place, asked, title=_("A new key for this office?"), action=_("Make a new key"), grave=True,
            deed=lambda: laptops.rotate(desk, restricted=restricted),
            said=_("The office has a new key. Synchronise, so that others seal to it."), parent=self.window(),
        ).open()  # fmt: skip

    # inside

    def _load(self) -> None:
        desk = self.place.desk
        self.place.load(lambda: read_laptops(desk), owner=self, then=self.show_laptops)

    def show_laptops(self, found: Shown) -> None:
        """Show what was read."""
        self.source.put(found[0])
        self.model.refresh()
        self._words.setText(found[1] or _("None yet. It is made known at the first synchronisation."))
        gone = any(laptop.revoked for laptop in found[0])
        self.rotate.setVisible(bool(found[1]) and self.place.workspace.restricted is not None)
        theme.mark(self.rotate, kind="primary" if gone else "")
        if self.table.current_id() is None and found[0]:
            first = next((one for one in found[0] if _may_wait(one)), found[0][0])
            self.table.choose(first.device)
        self._show(self.table.current_id())

    def _show(self, device: str | None) -> None:
        empty(self.detail.body)
        laptop = self.source.items.get(device or "")
        self.detail.setVisible(laptop is not None)
        if laptop is None:
            return
        self.detail.body.addWidget(text(_named(laptop), role="heading"))
        self.detail.body.addWidget(text(_standing(laptop), role="muted", wrap=True))
        if _may_wait(laptop) and not laptop.ours:
            may = self.place.desk.keyring is not None
            holder = QWidget()
            approve = button(_("Approve…"), kind="primary", icon=icons.icon("key", colour="on_accent"))
            approve.clicked.connect(self.approve)
            approve.setEnabled(may)
            holder.setLayout(row(approve, None))
            self.detail.body.addWidget(holder)
            if not may:
                words = _("Only somebody who may read sealed values can let a laptop read them.")
                self.detail.body.addWidget(text(words, role="small", wrap=True))

    def _lay_out(self) -> None:
        back = button(_("Settings"), kind="quiet", icon=icons.icon("settings", colour="accent"))
        back.clicked.connect(lambda: self.place.go("settings"))
        words = _("Another office that wants to be sure it seals to you compares these six words with you, by voice.")
        self.key.body.addWidget(text(words, role="muted", wrap=True))
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rotate.hide()
        line = row(self._words, self.rotate)
        line.setStretch(0, 1)
        self.key.body.addLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        layout.addLayout(row(back, None))
        layout.addWidget(text(_("This office's laptops"), role="title"))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.detail)
        layout.addWidget(self.key)
        self.detail.hide()


class ApproveLaptop(DeedDialog):
    """Six words, compared by voice, before a laptop reads what is sealed."""

    def __init__(self, place: Workplace, laptop: OfficeLaptop, parent: QWidget | None = None) -> None:
        title = _("Let laptop {tag} read sealed values?").format(tag=laptop.tag)
        super().__init__(place, title=title, action=_("Approve"), parent=parent)
        self._laptop = laptop
        self.explain(
            [_("Telephone whoever sits at that laptop, or stand beside it. In Settings, under “This laptop”, it shows "
               "six words. Have them read to you; they must be these:")]
        )  # fmt: skip
        self.words = text(laptop.words, role="heading", wrap=True)
        self.body.addWidget(self.words)
        self.same = QCheckBox(_("The same six words were read to me"))
        self.same.toggled.connect(self.button.setEnabled)
        self.body.addWidget(self.same)
        words = _("If one word differs, it is somebody else's laptop: do not approve it, and tell the centre.")
        self.body.addWidget(text(words, tone="warn", wrap=True))
        self.button.setEnabled(False)

    def save(self) -> None:
        """Give it the office's key."""
        desk, device = self.place.desk, self._laptop.device
        said = _("Approved. After its next synchronisation laptop {tag} reads sealed values.")
        if self.same.isChecked():
            self.do(lambda: laptops.approve(desk, device), said=said.format(tag=self._laptop.tag))


def _may_wait(laptop: OfficeLaptop) -> bool:
    return not laptop.approved and laptop.revoked is None


def _named(laptop: OfficeLaptop) -> str:
    return _("{tag} (this laptop)").format(tag=laptop.tag) if laptop.ours else laptop.tag


def _standing(laptop: OfficeLaptop) -> str:
    if laptop.revoked is not None:
        when = format_datetime(laptop.revoked)
        return _(
            "The centre revoked it on {when}. It gets no key and nothing new; what it had, it may still hold."
        ).format(when=when)
    if laptop.approved:
        return _("Holds the office's key: whoever is cleared reads sealed values there.")
    if laptop.ours:
        return _("This laptop waits. Somebody cleared approves it on another laptop of this office; until then sealed "
                 "values of colleagues stay shut here.")  # fmt: skip
    return _("Waits: nobody has compared its six words yet. Until then sealed values stay shut there.")


def _state(laptop: OfficeLaptop) -> tuple[str, Tone]:
    if laptop.revoked is not None:
        return _("Revoked"), Tone.DANGER
    return (_("Reads them"), Tone.GOOD) if laptop.approved else (_("Waits for approval"), Tone.WARN)


def _columns() -> tuple[Column, ...]:
    return (
        Column("tag", N_("Laptop"), 160, style="strong", text=_named, whole_row=True),
        Column("words", N_("Six words"), 300, text=lambda w: w or presenting.NOTHING, sortable=False, stretch=True),
        Column(
            "approved", N_("Sealed values"), 170, style="chip", whole_row=True, sortable=False,
            text=lambda one: _state(one)[0], tone=lambda one: _state(one)[1],
        ),
    )  # fmt: skip

"""Settings: how the screen looks and speaks, who may come in, copies, this laptop. All of it counts at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QGridLayout, QVBoxLayout, QWidget

from app import __version__, i18n
from app.i18n import N_, _, format_bytes, format_datetime, ngettext
from app.models.codelist import label
from app.models.permission import Permission
from app.models.regions import region_name
from app.services import audit_check
from app.services import backups as service
from app.services.oversight import NEEDS_APPROVAL
from app.services.sync_state import sync_state
from app.ui import look, problems, theme
from app.ui.screens.account_dialogs import ChangePassword
from app.ui.screens.capture_card import CaptureCard
from app.ui.screens.enrolment import EnrolDialog
from app.ui.screens.office_lists import lists_card
from app.ui.screens.sync_settings import SyncSettings
from app.ui.widgets.basics import Card, Page, button, row, text
from app.ui.workplace import Workplace
from app.ui.workspace_window import LOCK_MINUTES
from app.vault.backup import Backup, backups
from app.vault.verify import integrity

MINUTES = (1, 2, 5, 10, 15, 30)
SHOWN_BACKUPS = 4
ROOM_FOR_BOTH = 700
_SCHEMES = {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}


class SettingsScreen:
    """Settings."""

    name, title, icon, section = "settings", N_("Settings"), "settings", "own"

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return SettingsView(context)


class SettingsView(Page):
    """Cards in two columns."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_("Settings"))
        self.place = place
        self.backup_list = QVBoxLayout()
        self.said = text("", role="small", wrap=True)
        left, right = QVBoxLayout(), QVBoxLayout()
        cards = [self._look(), self._lock(), CaptureCard()]
        if place.desk.may(Permission.SYNC):
            cards.append(SyncSettings(place))
        if place.desk.may(Permission.MANAGE_LISTS):
            cards.append(lists_card(place))
        for card in cards:
            left.addWidget(card)
        for card in (self._laptop(), self._people(), self._backups(), self._about()):
            right.addWidget(card)
        self._columns = row(gap=12)
        for side in (left, right):
            side.setSpacing(theme.px(12))
            side.addStretch(1)
            self._columns.addLayout(side, 1)
        self.body.addLayout(self._columns, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two columns of cards, or one where there is no room for two."""
        super().resizeEvent(event)
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        sides = [self._columns.itemAt(n) for n in range(self._columns.count())]
        needed = sum(side.minimumSize().width() for side in sides if side is not None) + theme.px(60)
        room = self.viewport().width() >= max(theme.px(ROOM_FOR_BOTH), needed)
        self._columns.setDirection(beside if room else below)

    # the cards

    def _look(self) -> Card:
        card = Card(_("Language and look"))
        sizes = [(scale, f"{scale} %") for scale in theme.SCALES]
        schemes = [(scheme, _(_SCHEMES[scheme])) for scheme in look.SCHEMES]
        zones = [(name, name) for name in i18n.ZONES]
        self.language = self._choice(card, _("Language"), list(i18n.LANGUAGES.items()), self.place.setting("language"))
        self.zone = self._choice(card, _("Time zone"), zones, self.place.setting("zone"))
        self.font_size = self._choice(card, _("Size of the font"), sizes, theme.current().scale)
        self.scheme = self._choice(card, _("Light or dark"), schemes, self.place.user_setting("scheme", "system"))
        self.language.activated.connect(lambda _at: self._put("language", self.language))
        self.zone.activated.connect(lambda _at: self._put("zone", self.zone))
        self.font_size.activated.connect(lambda _at: self._put(self._mine("scale"), self.font_size))
        self.scheme.activated.connect(lambda _at: self._put(self._mine("scheme"), self.scheme))
        card.body.addLayout(row(button(_("Reset the columns of all lists"), clicked=self._reset_columns), None))
        return card

    def _lock(self) -> Card:
        card = Card(_("Lock and password"))
        minutes = [(n, ngettext("{n} minute", "{n} minutes", n).format(n=n)) for n in MINUTES]
        chosen = self.place.user_setting("lock_minutes", LOCK_MINUTES)
        self.minutes = self._choice(card, _("Lock after"), minutes, chosen)
        self.minutes.activated.connect(lambda _at: self._put(self._mine("lock_minutes"), self.minutes))
        card.body.addLayout(row(button(_("Change the password…"), clicked=self._change_password), None))
        return card

    def _people(self) -> Card:
        card = Card(_("Who may open this workspace"))
        for user in self.place.workspace.users():
            me = _("you") if user.id == self.place.desk.actor.user else ""
            reads = _("reads sealed values") if user.cleared else ""
            parts = (user.name, label("role", user.role), user.login, reads, me)
            card.body.addWidget(text(" \u00b7 ".join(part for part in parts if part), wrap=True))
        if self.place.desk.may(Permission.MANAGE_USERS):
            ways = ((_("People…"), "people"), (_("Laptops…"), "laptops"), (_("Recovery…"), "recovery"))
            made = [button(words, clicked=partial(self.place.go, name)) for words, name in ways]
            card.body.addLayout(row(*made, None))
        if self.place.desk.may(Permission.APPROVE):
            words, held = _("Approval before closing"), self.place.setting(NEEDS_APPROVAL, True)
            self.approval = self._choice(card, words, [(True, _("Yes")), (False, _("No"))], held)
            self.approval.activated.connect(lambda _at: self._put(NEEDS_APPROVAL, self.approval))
        return card

    def _backups(self) -> Card:
        card = Card(_("Backups"))
        self.backup_list.setSpacing(theme.px(2))
        card.body.addLayout(self.backup_list)
        self._show_backups(backups(self.place.workspace.directory))
        self.back_up_button = button(_("Back up now"), clicked=self._back_up)
        self.verify_button = button(_("Verify now"), clicked=self._verify)
        may = self.place.desk.may(Permission.BACK_UP)
        for one in (self.back_up_button, self.verify_button):
            one.setEnabled(may)
        every = button(_("All backups…"), clicked=lambda: self.place.go("backups"))
        card.body.addLayout(row(self.back_up_button, self.verify_button, every, None))
        card.body.addWidget(self.said)
        self.said.hide()
        return card

    def _laptop(self) -> Card:
        card = Card(_("This laptop"))
        state = sync_state(self.place.desk)
        facts = [
            (_("Office"), self.place.setting("office_name", "")),
            (_("District"), region_name(self.place.setting("district", ""))),
            (_("Letters of this laptop"), self.place.setting("device_tag", "")),
            (_("Centre"), self.place.setting("centre_url", "") if state.enrolled else _("Not enrolled at a centre")),
        ]
        if state.enrolled:
            facts.append((_("Six words, the same at the centre"), self.place.context.six_words()))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)
        for line, (name, value) in enumerate(facts):
            grid.addWidget(text(name, role="muted", wrap=True), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text(str(value), wrap=True), line, 1)
        card.body.addLayout(grid)
        made = []
        if not state.enrolled:
            enrol = lambda: EnrolDialog(self.place, self.window()).open()  # noqa: E731
            made.append(button(_("Enrol…"), kind="primary", clicked=enrol))
        if not self.place.desk.may(Permission.READ_AUDIT):  # for the others it stands in the sidebar
            made.append(button(_("What left…"), clicked=lambda: self.place.go("exports")))
        if made:
            card.body.addLayout(row(*made, None))
        return card

    def _about(self) -> Card:
        card = Card(_("About"))
        version = text(_("Naungan {version}").format(version=__version__), role="strong")
        licence = text(_("Free software under the Apache License 2.0"), role="muted", wrap=True)
        line = row(version, licence)
        line.setStretch(1, 1)
        card.body.addLayout(line)
        return card

    # what they do

    def _choice(self, card: Card, name: str, options: Sequence[tuple[Any, str]], chosen: Any) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        for value, words in options:
            combo.addItem(words, value)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))
        caption = text(name, role="label")
        caption.setBuddy(combo)
        line = row(caption, combo)
        line.setStretch(0, 1)
        line.setStretch(1, 1)
        card.body.addLayout(line)
        return combo

    def _mine(self, name: str) -> str:
        return f"user:{self.place.desk.actor.user}:{name}"

    def _put(self, name: str, combo: QComboBox) -> None:
        """Keep it; the program dresses anew when it is in the file."""
        context, value = self.place.context, combo.currentData()
        place = self.place
        self._run(lambda: context.put_setting(name, value), then=lambda _nothing: place.look_wanted.emit())

    def _run(self, work: Callable[[], Any], *, then: Callable[[Any], None]) -> None:
        self.place.jobs.run(
            lambda _progress: work(), then=then, failed=lambda error: problems.show(self, error), owner=self
        )

    def _change_password(self) -> None:
        ChangePassword(self.place, self.window()).open()

    def _reset_columns(self) -> None:
        self.place.put_user_setting("columns:cases", None)
        self.place.look_wanted.emit()
        self.place.say(_("All lists have their columns back."))

    def _back_up(self) -> None:
        desk, workspace = self.place.desk, self.place.workspace
        self.back_up_button.setEnabled(False)
        self._say(_("Copying and comparing…"))
        self._run(lambda: service.make(desk, workspace), then=self._backed_up)

    def _backed_up(self, made: Backup) -> None:
        self.back_up_button.setEnabled(True)
        self._say(_("Backed up and compared: {folder}").format(folder=made.path))
        self._show_backups(backups(self.place.workspace.directory))

    def _verify(self) -> None:
        workspace, desk = self.place.workspace, self.place.desk
        self._say(_("Checking every page and every link of the audit…"))
        self._run(lambda: (*integrity(workspace), *audit_check.verify(desk)), then=self._verified)

    def _verified(self, found: tuple[str, ...]) -> None:
        words = "\n".join(found) if found else _("The file and the audit chain are whole.")
        self._say(words, tone="danger" if found else "good")

    def _say(self, words: str, *, tone: str = "") -> None:
        self.said.setText(words)
        theme.mark(self.said, tone=tone)
        self.said.show()

    def _show_backups(self, found: Sequence[Backup]) -> None:
        while (item := self.backup_list.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for one in found[:SHOWN_BACKUPS]:
            self.backup_list.addWidget(text(f"{format_datetime(one.at)} \u00b7 {format_bytes(one.bytes)}"))
        if not found:
            self.backup_list.addWidget(text(_("No backup yet."), role="muted"))
        told = service.standing(self.place.desk, self.place.workspace)
        if told.failed:
            words = _("The daily backup failed: {why}").format(why=told.failed)
            self.backup_list.addWidget(text(words, tone="danger", wrap=True))
        if told.drill_due:
            words = _("Try out a restore: the last time is more than 90 days ago.")
            self.backup_list.addWidget(text(words, tone="warn", wrap=True))

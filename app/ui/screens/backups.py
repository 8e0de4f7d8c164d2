"""Backups: what there is, whether it is whole, whose password opens it; one more, a copy on a stick, a restore."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import N_, _, format_bytes, format_datetime, format_number, ngettext
from app.models.permission import Permission
from app.services import backups as service
from app.services.backups import Drill, Listed, Opener, Standing
from app.ui import files, icons, presenting, problems, theme
from app.ui.screens.restore_dialog import Restorable, RestoreDialog
from app.ui.table import Column, PagedModel, Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, row, text
from app.ui.workplace import Workplace
from app.vault.backup import Backup


class BackupsScreen:
    """Reached from the settings."""

    name, title, icon, section = "backups", N_("Backups"), "backup", ""
    permission = Permission.BACK_UP

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return BackupsView(context)


class ListedSource:
    """The backups as they were read last."""

    def __init__(self) -> None:
        self.found: dict[str, Listed] = {}

    def put(self, found: Sequence[Listed]) -> None:
        """Show these."""
        self.found = {each.backup.path.name: each for each in found}

    def ids(self, query: Query) -> Sequence[str]:
        """Newest first."""
        return list(self.found)

    def rows(self, ids: Sequence[str]) -> Sequence[Listed | None]:
        """One per folder."""
        return [self.found.get(name) for name in ids]


class BackupsView(QWidget):
    """A table of backups; what the buttons do is done to the chosen one."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.source = ListedSource()
        self.model = PagedModel(self.source, columns=_columns(place))
        self.table = TableView(self.model, name=_("Backups"), empty=_("No backup yet."))
        self.state, self.told = Chip(), text("", role="muted", wrap=True)
        self.drill_state, self.drill_told = Chip(), text("", role="muted", wrap=True)
        self.said = text("", wrap=True)
        self.back = button(_("Settings"), kind="quiet", icon=icons.icon("settings", colour="accent"),
                           clicked=lambda: place.go("settings"))  # fmt: skip
        self.make = button(_("Back up now"), kind="primary", icon=icons.icon("backup", colour="on_accent"),
                           clicked=self.back_up)  # fmt: skip
        self.try_out = button(_("Try out a restore"), clicked=self.drill)
        self.verify = button(_("Verify now"), clicked=self.check)
        self.carry = button(_("Save a copy to…"), clicked=self._choose_folder)
        self.restore = button(_("Restore…"), clicked=self.ask_restore)
        self.table.chosen.connect(lambda _name: self._allow())
        self.table.opened.connect(lambda _name: self.ask_restore())
        self._lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        """The daily one may have come meanwhile."""
        super().showEvent(event)
        self.reload()

    def on_refresh(self) -> None:
        """F5."""
        self.reload()

    def reload(self) -> None:
        """Read what there is."""
        desk, workspace = self.place.desk, self.place.workspace
        self.place.load(
            lambda: (service.listed(desk, workspace), service.standing(desk, workspace)), owner=self,
            then=lambda read: self.show_found(*read),
        )  # fmt: skip

    def show_found(self, found: Sequence[Listed], standing: Standing) -> None:
        """Show what was read."""
        self.source.put(found)
        self.model.refresh()
        if self.table.current_id() is None and found:
            self.table.choose(found[0].backup.path.name)
        self._allow()
        self._tell(standing)

    def chosen(self) -> Backup | None:
        """The backup of the current row."""
        listed = self.source.found.get(self.table.current_id() or "")
        return listed.backup if listed else None

    # what the buttons do

    def back_up(self) -> None:
        """One more, verified at once."""
        desk, workspace = self.place.desk, self.place.workspace
        self._run(_("Copying and comparing…"), lambda: service.make(desk, workspace), then=self._made)

    def check(self) -> None:
        """Look at every page of the chosen one."""
        desk, workspace, backup = self.place.desk, self.place.workspace, self.chosen()
        if backup is not None:
            words = _("Whole: every page, every link and every row was looked at.")
            self._run(_("Looking at every page…"), lambda: service.check(desk, workspace, backup),
                      then=lambda _none: self.say(words, tone="good"))  # fmt: skip

    def drill(self) -> None:
        """Restore the newest into a private folder, look at it, remove it."""
        desk, workspace = self.place.desk, self.place.workspace
        self._run(_("Restoring, looking at everything, and removing it again…"),
                  lambda: service.drill(desk, workspace), then=self._drilled)  # fmt: skip

    def save_copy(self, folder: Path) -> None:
        """Copy the chosen one there, read back and compared."""
        desk, workspace, backup = self.place.desk, self.place.workspace, self.chosen()
        if backup is None:
            return

        def done(copy: Path) -> None:
            self.say(_("Copied and compared: {folder}").format(folder=copy.name), tone="good")

        self._run(_("Copying and comparing…"), lambda: service.save_copy(desk, workspace, backup, folder), then=done)

    def ask_restore(self) -> None:
        """The dialog that says what is lost."""
        backup, desk, workspace = self.chosen(), self.place.desk, self.place.workspace
        if backup is None:
            return
        found = [each.backup for each in self.source.found.values()]
        what = Restorable(
            workspace.directory, found, self.place.now, losses=lambda one: service.losses(desk, workspace, one),
            before=lambda: service.make(desk, workspace, thin=False), chosen=backup,
        )  # fmt: skip
        dialog = RestoreDialog(what, jobs=self.place.jobs, parent=self.window())
        dialog.prepared.connect(self.place.restore_ready)
        dialog.open()

    def say(self, words: str, *, tone: str = "") -> None:
        """What came of it."""
        self.said.setText(words)
        theme.mark(self.said, tone=tone)

    # inside

    def _run(self, doing: str, work: Callable[[], Any], *, then: Callable[[Any], None]) -> None:
        self.say(doing)
        self._allow(busy=True)

        def done(result: Any) -> None:
            then(result)
            self.reload()

        self.place.jobs.run(lambda _progress: work(), then=done, failed=self._failed, owner=self)

    def _failed(self, error: Exception) -> None:
        self.say("")
        self.reload()
        problems.show(self, error)

    def _made(self, made: Backup) -> None:
        self.table.choose(made.path.name)
        self.say(_("Backed up and compared: {folder}").format(folder=made.path.name), tone="good")

    def _drilled(self, found: Drill) -> None:
        if found.problems:
            self.say("\n".join(found.problems), tone="danger")
            return
        when = format_datetime(found.backup.at)
        told = _("The backup of {when} restores: every page, every link and every row was looked at.").format(when=when)
        n = found.newer
        newer = ngettext("{n} entry here is newer than it.", "{n} entries here are newer than it.", n)
        self.say(f"{told} {newer.format(n=format_number(n))}", tone="good")

    def _choose_folder(self) -> None:
        files.ask_folder(self, self.save_copy, title=_("Save a copy to…"))

    def _allow(self, *, busy: bool = False) -> None:
        for one in (self.make, self.try_out):
            one.setEnabled(not busy)
        for one in (self.verify, self.carry, self.restore):
            one.setEnabled(not busy and self.chosen() is not None)
        self.try_out.setEnabled(not busy and bool(self.source.found))

    def _tell(self, standing: Standing) -> None:
        words, tone, sign = _state(standing, self.place)
        self.state.say(words, tone=tone, mark=sign)
        failed = f" {_('Why:')} {standing.failed}" if standing.failed else ""
        self.told.setText(_("One a day is made by itself; 7 days and 4 weeks are kept.") + failed)
        if standing.drill_due:
            self.drill_state.say(_("A restore is due to be tried out"), tone=Tone.WARN, mark="warning")
        else:
            self.drill_state.say(_("Restoring works") if standing.drilled_at else _("Not tried out yet"),
                                 tone=Tone.GOOD if standing.drilled_at else Tone.NEUTRAL,
                                 mark="check" if standing.drilled_at else "dot")  # fmt: skip
        habit = _("The newest backup is restored aside, looked at whole and removed; every 90 days is a good habit.")
        last = _("Last tried out: {when}.").format(when=format_datetime(standing.drilled_at))
        self.drill_told.setText(f"{last} {habit}" if standing.drilled_at else habit)

    def _lay_out(self) -> None:
        back, head = row(self.back, None), row(text(_("Backups"), role="title"), None, self.make)
        state, drill = row(self.state, self.told, gap=10), row(self.drill_state, self.drill_told, self.try_out, gap=10)
        deeds = row(self.said, self.verify, self.carry, self.restore)
        for line, at in ((state, 1), (drill, 1), (deeds, 0)):
            line.setStretch(at, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(12), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(10))
        for part in (back, head, state, drill):
            layout.addLayout(part)
        layout.addWidget(self.table, 1)
        layout.addLayout(deeds)
        self.landing: QWidget = self.table


def _columns(place: Workplace) -> tuple[Column, ...]:
    return (
        Column("backup", N_("Made"), 190, text=lambda b: format_datetime(b.at), sortable=False, style="strong"),
        Column("backup", N_("Size"), 90, text=lambda b: format_bytes(b.bytes), sortable=False),
        Column(
            "checked_at", N_("Verified"), 230, whole_row=True, sortable=False,
            text=lambda one: _("Damaged") if one.problem else presenting.when(one.checked_at, place.now()),
            tone=lambda one: Tone.DANGER if one.problem else Tone.GOOD,
            mark=lambda one: "warning" if one.problem else "check",
        ),
        Column("openers", N_("Whose password opens it"), 380, text=opened_by, sortable=False, stretch=True),
    )  # fmt: skip


def opened_by(people: Sequence[Opener]) -> str:
    """'Sari; Budi (password of that day)': who needs no remark opens it as they sign in today."""
    told = [who.name if who.today else f"{who.name} ({_('the password of that day')})" for who in people]
    return "; ".join(told) or presenting.NOTHING


def _state(standing: Standing, place: Workplace) -> tuple[str, Tone, str]:
    if standing.failed:
        return _("The daily backup failed"), Tone.DANGER, "warning"
    if standing.newest is None:
        return _("No backup yet."), Tone.WARN, "warning"
    when = presenting.when(standing.newest, place.now())
    old = (place.now() - standing.newest).days >= 2
    return _("Newest: {when}").format(when=when), Tone.WARN if old else Tone.GOOD, "warning" if old else "check"

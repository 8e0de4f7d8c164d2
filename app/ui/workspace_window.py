"""The main window of an open workspace: what the sidebar says, who hears of changes, what the keys do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.context import Context
from app.errors import KnownError
from app.i18n import _, format_number, ngettext
from app.models.codelist import label
from app.models.journal import Changes
from app.models.permission import Permission
from app.models.referral import UNANSWERED
from app.services import case_list, deadlines, disputes, referrals
from app.services.deadlines import DueCounts
from app.services.lease import Stage
from app.services.sync_state import SyncState, sync_state
from app.ui import presenting, problems
from app.ui.auto_sync import AutoSync
from app.ui.capture import Blocking, capture_block
from app.ui.daily_backup import DailyBackup
from app.ui.jobs import Jobs
from app.ui.main_window import MainWindow
from app.ui.screen import Screen, Unlisted
from app.ui.screens.accept_older import AcceptOlder
from app.ui.screens.capture_card import MEANS, SAID
from app.ui.theme import Tone
from app.ui.thrift import Thrift
from app.ui.upkeep import DEADLINES, PERSONS, Upkeep
from app.ui.widgets.basics import button
from app.ui.widgets.feedback import Banner
from app.ui.widgets.sidebar import Sidebar, SyncView
from app.ui.workplace import Workplace

LOCK_MINUTES = 5
SEEN_LOCKED = ("sync", "help")  # what a lease that ran out leaves
BELONGS_TO = {
    "case": "cases", "intake": "cases", "backups": "settings", "people": "settings", "laptops": "settings",
    "recovery": "settings", "exports": "settings", "office_lists": "settings", "duplicates": "cases",
    "person": "persons", "network": "persons",
    "import": "cases",
}  # fmt: skip
ANCHOR_MS = 2_000  # the anchor knows of a commit within 5 s
COUNT_AGAIN_MS = 60_000  # what is due changes with the clock, not only with writes


@dataclass(frozen=True, slots=True)
class Standing:
    """What the sidebar says, read at one moment."""

    due: int
    overdue: int
    inbox: int
    late_answers: int
    conflicts: int
    sync: SyncState
    tasks: DueCounts  # those of whoever signed in


def standing(place: Workplace) -> Standing:
    """Read it; runs behind the screen."""
    counts = case_list.counts(place.desk)
    waiting = [i for i in referrals.inbox(place.desk, only_open=True) if i.state in UNANSWERED | {"NO_ANSWER"}]
    late = sum(item.state == "NO_ANSWER" for item in waiting)
    return Standing(
        counts.due_today, counts.overdue, len(waiting), late, disputes.count(place.desk), sync_state(place.desk),
        deadlines.counts(place.desk),
    )  # fmt: skip


class WorkspaceWindow(MainWindow):
    """Everything of one open workspace; `end()` before the workspace is closed."""

    def __init__(self, context: Context, *, screens: Sequence[Screen]) -> None:
        self.jobs = Jobs()
        self.place = Workplace(context, jobs=self.jobs)
        self._standing: Standing | None = None
        self._ended = False
        self._locked = bool(context.lease.no_look())
        screens = [_listed(screen, self.place) for screen in screens if _is_for(screen, self.place)]
        if self._locked:
            screens = [screen for screen in screens if screen.name in SEEN_LOCKED]
        super().__init__(self.place, screens=screens, office=context.setting("office_name", ""))
        self.place.window = self
        self.jobs.crashed.connect(lambda error: problems.show(self, error))
        self.place.changed.connect(self._hear)
        self.place.signed_in_again.connect(self._sign_in_again)
        self.commanded.connect(self._do)
        self._clock = QTimer(self)
        self._clock.setInterval(COUNT_AGAIN_MS)
        self._clock.timeout.connect(self.count)
        self._clock.start()
        self._anchoring = QTimer(self)
        self._anchoring.setInterval(ANCHOR_MS)
        self._anchoring.timeout.connect(self._anchor)
        self._anchoring.start()
        self.daily = DailyBackup(self.place, parent=self)
        self._upkeep = [Upkeep(self.place, chore, parent=self) for chore in (PERSONS, DEADLINES)]
        self._auto_sync = AutoSync(self.place, parent=self)
        self._thrift = Thrift(self.jobs, context.workspace.engine, parent=self)
        self.show_user(self._user_words)
        capture_block().changed.connect(self._show_shield)
        self._show_shield()
        self.show_sync(self._sync_words)
        self.place.lease_renewed.connect(self._choose_band)
        self._choose_band()
        if self._locked:
            self.go("sync")
        self.count()
        self._read_sealed("")

    @property
    def is_locked(self) -> bool:
        """Whether a lease that ran out shows the sync alone."""
        return self._locked

    def go(self, name: str, *, target: Any = None) -> QWidget | None:
        """Go there; what is reached from the list of cases keeps that place lit in the sidebar."""
        found = super().go(name, target=target)
        if found is not None and not any(screen.name == name and screen.section for screen in self._screens):
            self.sidebar.go(BELONGS_TO.get(name, ""))
        return found

    def rebuild(self) -> None:
        """Make everything anew; the keyboard waits at the frame, so that no place is ringed before Tab is pressed."""
        super().rebuild()
        if (frame := self.centralWidget()) is not None:
            frame.setFocus()

    def count(self) -> None:
        """Read anew what the sidebar says; a lease that ran out meanwhile leads back to the door."""
        if self._locked:
            return
        stage = self.place.context.lease.lease().stage
        if stage is Stage.LOCKED:
            self.lock()
            return
        if stage is not self._lease_stage:
            self._choose_band()
        self.jobs.run(lambda _progress: standing(self.place), then=self._show_standing, owner=self)

    def end(self, *, hurried: bool = False) -> None:
        """Finish what is being saved, stop everything else; harmless when repeated. Hurried: see `Jobs.shutdown`."""
        if not self._ended:
            self._ended = True
            self.uncover()
            self._clock.stop()
            self._anchoring.stop()
            self.daily.stop()
            for chore in self._upkeep:
                chore.stop()
            self._auto_sync.stop()
            self._thrift.stop()
            self.place.leave()
            self.jobs.shutdown(hurried=hurried)

    def _read_sealed(self, after: str | None) -> None:
        """Read what is sealed into its index, a piece at a time between other work, if it is not whole."""
        search = self.place.desk.search
        if search is not None and after is not None and not search.whole and not self._ended:
            self.jobs.run(lambda _progress: search.piece(after), then=self._read_sealed, owner=self)

    def _anchor(self) -> None:
        workspace = self.place.workspace
        if workspace.unanchored:
            # What keeps the anchor from being written, a full disk, is said by the next save; here it is tried again.
            self.jobs.run(lambda _progress: workspace.anchor(), failed=self._anchor_failed, lane="db", owner=self)

    def _anchor_failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            problems.show(self, error)

    def _choose_band(self) -> None:
        """What matters most: older data, a lease that runs out, invented cases."""
        context = self.place.context
        self._lease_stage = context.lease.lease().stage
        if context.workspace.stale:
            self.show_banner(self._stale_band)
        elif self._lease_stage:
            self.show_banner(self._lease_band)
        else:
            self.show_banner(_sample_band if context.setting("sample", False) else None)

    def _lease_band(self) -> Banner:
        lease = self.place.context.lease.lease()
        return Banner(str(lease), tone=Tone.WARN if lease.stage is Stage.WARN else Tone.DANGER)

    def _stale_band(self) -> Banner:
        may = self.place.desk.may(Permission.ACCEPT_OLDER)
        action = button(_("Accept older data…"), clicked=self.ask_to_accept) if may else None
        return Banner(self.place.workspace.stale, tone=Tone.DANGER, action=action)

    def ask_to_accept(self) -> None:
        """The dialog in which whoever may lets older data count as the latest."""
        dialog = AcceptOlder(self.place, parent=self)
        dialog.done_well.connect(self._choose_band)
        dialog.open()

    def _hear(self, changes: Changes) -> None:
        self.refresh(changes)
        self.count()

    def _show_standing(self, found: Standing) -> None:
        self._standing = found
        self._auto_sync.see(found.sync)
        listed = {screen.name for screen in self._screens if screen.section}
        for name, count, urgent in (
            ("home", found.due + found.overdue, found.overdue > 0),
            ("tasks", found.tasks.today + found.tasks.overdue, found.tasks.overdue > 0),
            ("referrals", found.inbox, found.late_answers > 0),
            ("conflicts", found.conflicts, False),
        ):
            if name in listed:
                self.set_counter(name, count=count, urgent=urgent)
        self.show_sync(self._sync_words)

    def _sync_words(self) -> SyncView:
        if self._standing is None:
            return SyncView(_("Offline"), action=_("Sync…"))
        return sync_view(self._standing.sync, place=self.place)

    def _user_words(self) -> tuple[str, str]:
        actor = self.place.desk.actor
        minutes = int(self.place.user_setting("lock_minutes", LOCK_MINUTES))
        lock = ngettext("Locks after {n} minute", "Locks after {n} minutes", minutes).format(n=minutes)
        who = f"{actor.name} \u00b7 {label('role', actor.role)}"
        return who, lock if minutes else _("No automatic lock")

    def _show_shield(self) -> None:
        """Whether pictures of the screen are blocked."""

        def show(sidebar: Sidebar) -> None:
            state = capture_block().state
            sidebar.show_shield(_(SAID[state]), on=state is Blocking.ON, means=_(MEANS[state]))

        self._tell_sidebar("shield", show)

    def _sign_in_again(self) -> None:
        self._office = self.place.setting("office_name", "")
        self.rebuild()
        self.count()

    def _do(self, name: str) -> None:
        """The keys that no screen kept for itself."""
        goals: dict[str, tuple[str, Any]] = {
            "new_case": ("intake", None),
            "new_referral": ("cases", None),
            "sync": ("sync", None),
            "help": ("help", None),
        }
        if name in goals:
            where, target = goals[name]
            self.go(where, target=target)
            if name == "new_referral":
                self.place.say(_("Choose the case first, then press the keys again."))
        elif name == "refresh":
            self.rebuild()
            self.count()


def _is_for(screen: Screen, place: Workplace) -> bool:
    """Whether the role of whoever signed in has this place at all."""
    needed = getattr(screen, "permission", None)
    return needed is None or place.desk.may(needed)


def _listed(screen: Screen, place: Workplace) -> Screen:
    """What only few roles need every day stands in their sidebar; the others reach it from the settings."""
    needed = getattr(screen, "listed_for", None)
    return screen if needed is None or place.desk.may(needed) else Unlisted(screen)


def _sample_band() -> Banner:
    return Banner(_("Sample data: every person and case here is invented."), tone=Tone.INFO)


def sync_view(state: SyncState, *, place: Workplace) -> SyncView:
    """The state of sync in words: amber after 7 days without the centre's proof, red after 14."""
    if not state.enrolled:
        words = _("Not enrolled at a centre")
        return SyncView(_("Offline"), Tone.NEUTRAL, (_waiting(state.waiting), words), _("Enrol…"))
    now, level = place.now(), state.level(place.now())
    lines = [_waiting(state.waiting) if state.waiting else ""]
    if state.stopped:
        stopped = ngettext("{n} entry needs you", "{n} entries need you", state.stopped)
        lines.append(stopped.format(n=format_number(state.stopped)))
    last = presenting.when(state.proven_at, now)
    lines.append(_("Last: {when}").format(when=last) if last else _("Never synchronised yet"))
    shown = tuple(line for line in lines if line)
    if level:
        return SyncView(presenting.days_words(state.age(now).days), Tone.DANGER if level == "red" else Tone.WARN, shown)
    if state.waiting or state.proven_at is None:
        return SyncView(_("Offline"), Tone.WARN, shown)
    return SyncView(_("In step with the centre"), Tone.GOOD, shown)


def _waiting(count: int) -> str:
    if not count:
        return _("No changes waiting")
    return ngettext("{n} change waiting", "{n} changes waiting", count).format(n=format_number(count))

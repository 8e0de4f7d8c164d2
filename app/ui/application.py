"""The program with a screen: find the workspace, unlock it, show it, lock it again.

A new screen is one file under screens/ and one line in SCREENS.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType

import platformdirs
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app import context as contexts
from app.context import Clock, Context, system_clock
from app.errors import KnownError, UserError
from app.i18n import _, format_datetime
from app.services.backups import restored_since
from app.sync.wiping import Wipe, destroyed
from app.ui import look, placing, problems
from app.ui.capture import capture_block
from app.ui.idle import IdleWatch
from app.ui.jobs import Jobs
from app.ui.replacing import replace_process
from app.ui.screen import Screen
from app.ui.screens.audit import AuditScreen
from app.ui.screens.backups import BackupsScreen
from app.ui.screens.case import CaseScreen
from app.ui.screens.cases import CasesScreen
from app.ui.screens.conflicts import ConflictsScreen
from app.ui.screens.duplicates import DuplicatesScreen
from app.ui.screens.erasure import ErasureScreen
from app.ui.screens.export_register import ExportRegisterScreen
from app.ui.screens.first_run import FirstRun, LoadSample, Made, Making
from app.ui.screens.help import HelpScreen
from app.ui.screens.home import HomeScreen
from app.ui.screens.importing import ImportScreen
from app.ui.screens.intake import IntakeScreen
from app.ui.screens.laptops import LaptopsScreen
from app.ui.screens.network import NetworkScreen
from app.ui.screens.office_lists import OfficeListsScreen
from app.ui.screens.people import PeopleScreen
from app.ui.screens.person import PersonScreen
from app.ui.screens.persons import PersonsScreen
from app.ui.screens.recovery import RecoveryScreen
from app.ui.screens.referrals import ReferralsScreen
from app.ui.screens.settings import SettingsScreen
from app.ui.screens.sync import SyncScreen
from app.ui.screens.tasks import TasksScreen
from app.ui.screens.unlock import Door, UnlockScreen
from app.ui.session_watch import SessionWatch
from app.ui.shooting import shoot_all
from app.ui.widgets.password import PasswordField
from app.ui.workspace_window import LOCK_MINUTES, WorkspaceWindow
from app.vault.backup import Backup, backups
from app.vault.files import DATABASE, KEY_FILE
from app.vault.restoring import put_in_place
from app.vault.workspace import Vault

SCREENS: tuple[Screen, ...] = (
    HomeScreen(),
    CasesScreen(),
    PersonsScreen(),
    TasksScreen(),
    ReferralsScreen(),
    ConflictsScreen(),
    ExportRegisterScreen(),
    AuditScreen(),
    ErasureScreen(),
    SettingsScreen(),
    HelpScreen(),
    CaseScreen(),
    IntakeScreen(),
    DuplicatesScreen(),
    PersonScreen(),
    NetworkScreen(),
    ImportScreen(),
    SyncScreen(),
    BackupsScreen(),
    PeopleScreen(),
    LaptopsScreen(),
    RecoveryScreen(),
    OfficeListsScreen(),
)


@dataclass(frozen=True)
class Options:
    """What whoever starts the program may choose. `load_sample` fills a new workspace with invented cases.

    `again` replaces the process after a lock; without it the door is shown in this one.
    """

    workspace: Path
    language: str | None = None
    load_sample: LoadSample | None = None
    vault: Vault = field(default_factory=Vault)
    now: Clock = system_clock
    again: Callable[[], object] | None = None


def default_directory() -> Path:
    """Where the workspace of this person lies unless somebody says otherwise."""
    return platformdirs.user_data_path("Naungan", appauthor=False) / "workspace"


def run(
    workspace: Path | None = None,
    language: str | None = None,
    *,
    load_sample: LoadSample | None = None,
    unlock: Callable[[Path], Context | None] | None = None,
) -> int:
    """Show the program until it is closed; the exit code. `unlock` opens the workspace in the place of the door."""
    made = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(made, QApplication)
    made.setApplicationName("Naungan")
    made.setQuitOnLastWindowClosed(False)
    options = Options(workspace or default_directory(), language, load_sample, again=replace_process)
    program = Application(made, options)
    sys.excepthook = program.show_fault
    program.start(unlock)
    return made.exec()


def open_window(context: Context) -> WorkspaceWindow:
    """The main window of an open workspace; whoever opens it calls its `end()` before closing the workspace."""
    return WorkspaceWindow(context, screens=SCREENS)


def shoot(
    context: Context,
    out_dir: Path,
    languages: Sequence[str] = ("id", "en"),
    dark: Sequence[bool] = (False, True),
) -> list[Path]:
    """PNG files of every screen at 1366x768, without a display."""
    return shoot_all(context, SCREENS, out_dir, languages=languages, dark=dark)


class Application(QObject):
    """Goes from the door to the window and back. `window` is what is shown now; `context` is None while locked."""

    def __init__(self, app: QApplication, options: Options) -> None:
        super().__init__(app)
        self._app, self._options = app, options
        self._look = look.read(options.workspace, language=options.language)
        self._door_jobs: Jobs | None = None
        self.window: QWidget | None = None
        self.context: Context | None = None
        self._idle = IdleWatch(app)
        self._idle.idle.connect(self.lock)
        self.session = SessionWatch(self, now=options.now)
        self.session.left.connect(self.lock)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _scheme: self._look.dress(app))

    def start(self, unlock: Callable[[Path], Context | None] | None = None) -> None:
        """Show the door, or the first run when there is no workspace yet; what `unlock` opens needs no door."""
        self._look.dress(self._app)
        capture_block()
        self.session.start()
        if _is_there(self._options.workspace):
            opened = _opened(unlock, self._options.workspace)
            self.enter(opened) if opened is not None else self.show_door()
        else:
            self.show_first_run()

    def show_door(self) -> None:
        """Ask who is there."""
        self._door_jobs = self._door_jobs or Jobs()
        options = self._options
        opening = Door(
            options.workspace,
            lambda login, password: contexts.unlock(
                options.workspace, login=login, password=password, now=options.now, vault=options.vault
            ),
            options.now,
            self._look.login,
            options.vault,
        )
        screen = UnlockScreen(opening, jobs=self._door_jobs)
        self._door_jobs.crashed.connect(partial(problems.show, screen))
        screen.opened.connect(self.enter)
        screen.closed.connect(self.quit)
        screen.language_wanted.connect(partial(self._speak_at, self.show_door))
        screen.restore_ready.connect(self._put_in_place, Qt.ConnectionType.QueuedConnection)
        self._show(screen)

    def show_first_run(self) -> None:
        """Make a workspace, page by page."""
        self._door_jobs = self._door_jobs or Jobs()
        options = self._options
        making = Making(options.workspace, options.vault, options.now, self._look.zone, options.load_sample)
        wizard = FirstRun(making, jobs=self._door_jobs)
        wizard.made.connect(self._begin)
        wizard.rejected.connect(self.quit)
        wizard.language_wanted.connect(partial(self._speak_at, self.show_first_run))
        self._show(wizard)

    def _begin(self, made: Made) -> None:
        self.enter(made.context)
        if made.problem is not None:
            problems.show(self.window, made.problem)

    def enter(self, context: Context) -> None:
        """Show the workspace that was opened; pictures of it are blocked, whatever was allowed before."""
        capture_block().switch(True)
        self.context = context
        self._look = _look_of(context, self._look)
        self._look.dress(self._app)
        look.keep(self._look, self._options.workspace)
        window = open_window(context)
        window.lock_wanted.connect(self.relock)
        window.closed.connect(self.quit)
        window.place.look_wanted.connect(self._look_anew)
        window.place.lease_renewed.connect(self._come_back, Qt.ConnectionType.QueuedConnection)
        window.place.restore_ready.connect(self._restore, Qt.ConnectionType.QueuedConnection)
        window.place.wipe_ordered.connect(self._obey, Qt.ConnectionType.QueuedConnection)
        self._show(window)
        self._end_door_jobs()
        self._idle.start(60 * int(window.place.user_setting("lock_minutes", LOCK_MINUTES)))
        if at := restored_since(context.desk):
            words = _("The backup of {when} was restored. Whatever the centre has of later comes with the next sync.")
            window.toast.say(words.format(when=format_datetime(at)))

    def lock(self) -> None:
        """Nobody is here any more: whatever is on the screen, an open workspace is closed, a typed password forgotten.

        A workspace that is being opened or made is left as a power cut would leave it: each of its steps is whole.
        """
        if isinstance(self.window, WorkspaceWindow):
            self.window.lock()
        elif self.window is not None:
            for field in self.window.findChildren(PasswordField):
                field.clear()
            if self._door_jobs is not None and not self._door_jobs.idle:
                self._begin_again()

    def relock(self) -> None:
        """Drafts are on their way into the file: let them arrive, close the workspace, begin again as a new process.

        The keys go with the workspace; what Python and Qt still hold of its records goes with the process.
        """
        try:
            self._leave(hurried=True)
        finally:
            if not self._begin_again():
                self.show_door()

    def quit(self) -> None:
        """Close everything and end."""
        self._leave()
        self._end_door_jobs()
        self._idle.stop()
        self.session.stop()
        self._app.quit()

    def show_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """What nobody caught: a dialog with a report, never a silent end."""
        problems.show(self.window, error.with_traceback(trace))

    def _come_back(self) -> None:
        """The lease runs anew: whoever saw the sync alone sees everything again."""
        window, context = self.window, self.context
        if isinstance(window, WorkspaceWindow) and context is not None and window.is_locked:
            window.closed.disconnect(self.quit)
            window.end()
            self.enter(context)

    def _obey(self, wipe: Wipe) -> None:
        """The centre ordered this workspace destroyed; what is no order of it changes nothing."""
        if self.context is None or not self.context.believes(wipe):
            return
        self._leave(wipe)
        self.show_first_run()
        problems.show(self.window, destroyed(wipe))

    def _restore(self, backup: Backup) -> None:
        """Close the workspace, put the restored one in its place, begin again: nothing of the old stays in memory."""
        if isinstance(self.window, WorkspaceWindow):
            self.window.save_drafts()
        self._leave()
        self._put_in_place(backup)

    def _put_in_place(self, backup: Backup) -> None:
        try:
            put_in_place(self._options.workspace, now=self._options.now)
        except (UserError, KnownError) as error:  # what was here is here still
            self.show_door()
            problems.show(self.window, error)
            return
        if not self._begin_again():
            self.show_door()
            words = _("The backup of {when} is restored. It opens with the password of that day.")
            if isinstance(self.window, UnlockScreen):
                self.window.say(words.format(when=format_datetime(backup.at)), tone="good")

    def _begin_again(self) -> bool:
        """Replace the process; False where that is not wanted or not possible."""
        if self._options.again is None:
            return False
        try:
            self._options.again()
        except OSError:  # the program was moved or taken away meanwhile
            return False
        return True

    def _leave(self, wipe: Wipe | None = None, *, hurried: bool = False) -> None:
        self._idle.stop()
        for each in QApplication.topLevelWidgets():
            each.hide()  # dialogs too: hidden, not closed, they have no say
        QGuiApplication.clipboard().clear()
        window, self.window = self.window, None
        if isinstance(window, WorkspaceWindow):
            window.closed.disconnect(self.quit)
            window.end(hurried=hurried)
        if window is not None:
            window.deleteLater()
        if self.context is not None:
            if wipe is not None:
                self.context.obey(wipe)
            self.context.close()
            self.context = None

    def _show(self, widget: QWidget) -> None:
        old, self.window = self.window, widget
        placing.show(widget, after=old)
        if old is not None:
            old.hide()
            old.deleteLater()

    def _speak_at(self, show: Callable[[], None], language: str) -> None:
        self._look = look.tidy(self._look, language=language)
        self._look.dress(self._app)
        show()

    def _look_anew(self) -> None:
        """Somebody chose another language, size, palette or lock time."""
        if self.context is None or not isinstance(self.window, WorkspaceWindow):
            return
        self._look = _look_of(self.context, self._look)
        self._look.dress(self._app)
        look.keep(self._look, self._options.workspace)
        self.window.rebuild()
        self._idle.start(60 * int(self.window.place.user_setting("lock_minutes", LOCK_MINUTES)))

    def _end_door_jobs(self) -> None:
        jobs, self._door_jobs = self._door_jobs, None
        if jobs is not None:
            jobs.shutdown()
            jobs.deleteLater()


def _is_there(workspace: Path) -> bool:
    """Whether there is a workspace, or what is left of one: then the door is the place to mend it."""
    return (workspace / KEY_FILE).exists() or (workspace / DATABASE).exists() or bool(backups(workspace))


def _opened(unlock: Callable[[Path], Context | None] | None, workspace: Path) -> Context | None:
    """What was opened without the door; whatever stands in the way is said by the door, when it is tried there."""
    try:
        return unlock(workspace) if unlock is not None else None
    except (UserError, KnownError):
        return None


def _look_of(context: Context, before: look.Look) -> look.Look:
    """What the signed-in person chose; what they never chose stays as it was."""
    user = context.desk.actor.user
    return look.tidy(
        before,
        language=context.setting("language"),
        zone=context.setting("zone"),
        scale=context.setting(f"user:{user}:scale"),
        scheme=context.setting(f"user:{user}:scheme"),
        login=context.workspace.user.login,
    )

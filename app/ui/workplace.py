"""What a screen is given: the context of the open workspace, the jobs, and the window it stands in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.models.journal import Changes
from app.services.desk import Clock, Desk, Saved
from app.ui import problems
from app.ui.jobs import Job, Jobs
from app.ui.main_window import MainWindow
from app.vault.workspace import Workspace

if TYPE_CHECKING:  # the context is made far above; here it is only handed on
    from app.context import Context

Then = Callable[[Any], None]
Failed = Callable[[Exception], None]


class Workplace(QObject):
    """Stands in for the Context (`desk`, `now`, `setting`) and adds work behind the screen and ways to go.

    `changed(Changes)` comes in the GUI thread after every write, by whoever.
    """

    changed = Signal(object)
    look_wanted = Signal()  # language, size or palette was set: the application dresses everything anew
    signed_in_again = Signal()  # the office or the user behind the desk is another now
    lease_renewed = Signal()  # nothing or little could be done here; now it can
    restore_ready = Signal(object)  # Backup: what it gave lies beside the workspace and is to take its place
    wipe_ordered = Signal(object)  # Wipe: the centre ordered this workspace destroyed
    _heard = Signal(object)

    def __init__(self, context: Context, *, jobs: Jobs) -> None:
        super().__init__()
        self.context, self.jobs = context, jobs
        self.window: MainWindow | None = None
        self._heard.connect(self.changed, Qt.ConnectionType.QueuedConnection)
        self._listener = self._hear
        context.desk.listeners.append(self._listener)

    # the context

    @property
    def desk(self) -> Desk:
        """The desk every service asks for."""
        return self.context.desk

    @property
    def now(self) -> Clock:
        """The clock."""
        return self.context.now

    @property
    def workspace(self) -> Workspace:
        """The open workspace."""
        return self.context.workspace

    def setting(self, name: str, default: Any = None) -> Any:
        """A named value of this workspace."""
        return self.context.setting(name, default)

    def put_setting(self, name: str, value: Any) -> None:
        """Keep a named value in the encrypted file, behind the screen."""
        self.jobs.run(lambda _progress: self.context.put_setting(name, value), owner=self)

    def user_setting(self, name: str, default: Any = None) -> Any:
        """A value that belongs to the signed-in user."""
        return self.context.setting(self._of_user(name), default)

    def put_user_setting(self, name: str, value: Any) -> None:
        """Keep a value for the signed-in user."""
        self.put_setting(self._of_user(name), value)

    # work behind the screen

    def save(
        self, deed: Callable[[], Any], *, owner: QWidget, then: Then | None = None, failed: Failed | None = None
    ) -> Job:
        """Run a write on the db lane; warnings of a Saved are said, an error is shown unless `failed` takes it."""

        def done(result: Any) -> None:
            if isinstance(result, Saved) and result.warnings:
                self.say("\n".join(result.warnings))
            if then is not None:
                then(result)

        return self.jobs.run(
            lambda _progress: deed(), then=done, failed=failed or self._shown_at(owner), lane="db", owner=owner
        )

    def load(self, work: Callable[[], Any], *, owner: QWidget, then: Then, failed: Failed | None = None) -> Job:
        """Run a slow read on the db lane; a lock does not wait for it."""
        job = self.jobs.run(
            lambda _progress: work(), then=then, failed=failed or self._shown_at(owner), lane="db", owner=owner
        )
        job.is_reading = True
        return job

    # the window

    def go(self, name: str, *, target: Any = None) -> QWidget | None:
        """Go to a screen; None when there is none of that name."""
        return self.window.go(name, target=target) if self.window is not None else None

    def say(self, words: str, *, undo: Callable[[], object] | None = None) -> None:
        """Say a sentence at the foot of the window; `undo` offers to take the act back for ten seconds."""
        if self.window is not None:
            self.window.toast.say(words, undo=undo)

    def leave(self) -> None:
        """Stop listening: the workspace is about to be closed."""
        if self._listener in self.context.desk.listeners:
            self.context.desk.listeners.remove(self._listener)

    def _hear(self, changes: Changes) -> None:
        """Called by the desk in whichever thread wrote."""
        self._heard.emit(changes)

    def _of_user(self, name: str) -> str:
        return f"user:{self.desk.actor.user}:{name}"

    @staticmethod
    def _shown_at(owner: QWidget) -> Failed:
        return lambda error: problems.show(owner, error)

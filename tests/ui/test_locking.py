"""The lock, whatever runs and whatever is open: nothing is lost, nothing can stand in its way, nothing stays on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget, QWizard
from pytestqt.qtbot import QtBot
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import context as contexts
from app.context import Context
from app.errors import NetworkDown
from app.models.local import Export
from app.services import drafts
from app.sync import loop
from app.sync.enrol import enrol
from app.ui import jobs, problems
from app.ui.application import Application, Options
from app.ui.screens.case import CaseView
from app.ui.screens.export import ExportDialog
from app.ui.screens.first_run import FirstRun
from app.ui.screens.intake import IntakeView
from app.ui.screens.intake_steps import STEPS, VICTIM
from app.ui.screens.refer import ReferDialog
from app.ui.screens.sync import SyncView
from app.ui.screens.unlock import UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.sync.proxy import link_to
from tests.worlds import PASSWORD

__all__ = ["centre", "postgres"]

WRITTEN = "Belum selesai"


@dataclass
class Seat:
    """The program over a workspace, and how often its process would have been replaced."""

    program: Application
    unlock: Callable[[], Context]
    replaced: list[bool] = field(default_factory=list)

    @property
    def window(self) -> WorkspaceWindow:
        assert isinstance(self.program.window, WorkspaceWindow)
        return self.program.window

    def enter(self, qtbot: QtBot) -> WorkspaceWindow:
        self.program.enter(self.unlock())
        window = self.window
        window.activateWindow()
        qtbot.waitUntil(lambda: window.jobs.idle)
        return window

    def is_locked(self) -> bool:
        """Closed, keys gone, nothing to be seen, and the process replaced (once)."""
        seen = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        return self.program.context is None and self.replaced == [True] and not seen

    def replace(self) -> None:
        self.replaced.append(self.program.context is None)


@pytest.fixture
def seat_of(
    qapp: QApplication, context: Context, vault: Vault, clock: Clock, qtbot: QtBot
) -> Iterator[Callable[[], Seat]]:
    """The program over the workspace of the case; made when the test has done what it needs of the context."""
    before, made = qapp.quitOnLastWindowClosed(), list[Seat]()
    qapp.setQuitOnLastWindowClosed(False)
    directory = context.workspace.directory

    def make() -> Seat:
        context.close()
        seat = Seat(
            Application(qapp, Options(directory, "id", None, vault, clock, lambda: seat.replace())),
            lambda: contexts.unlock(directory, login="siti", password=PASSWORD, now=clock, vault=vault),
        )
        made.append(seat)
        return seat

    yield make
    for seat in made:
        seat.program._leave()
        seat.program._end_door_jobs()
        seat.program.session.stop()
        seat.program.deleteLater()
    qapp.setQuitOnLastWindowClosed(before)


@pytest.fixture
def seat(seat_of: Callable[[], Seat], case_id: str, qtbot: QtBot) -> Seat:
    """The same, with its window open."""
    made = seat_of()
    made.enter(qtbot)
    return made


def write_in_intake(window: WorkspaceWindow) -> None:
    """Something is being typed, and kept nowhere yet."""
    view = window.go("intake")
    assert isinstance(view, IntakeView)
    view.go_to(next(n for n, step in enumerate(STEPS) if VICTIM in step.parts))
    target = view.pages.forms[VICTIM.name].boxes["name"].editor.target
    QTest.keyClicks(target, WRITTEN)


def kept(context: Context) -> list[str]:
    return [str(draft.content) for draft in drafts.mine(context.desk)]


# whatever is open


def _note(window: WorkspaceWindow, case_id: str) -> QWidget:
    page = window.go("case", target=case_id)
    assert isinstance(page, CaseView)
    page.deeds.add_note()
    assert page.deeds.dialog is not None
    QTest.keyClicks(page.deeds.dialog.form.boxes["text"].editor.target, WRITTEN)
    return page.deeds.dialog


def _refer(window: WorkspaceWindow, case_id: str) -> QWidget:
    page = window.go("case", target=case_id)
    assert isinstance(page, CaseView)
    page.on_new_referral()
    return _topmost(window, ReferDialog)


def _export(window: WorkspaceWindow, case_id: str) -> QWidget:
    dialog = ExportDialog(window.place, case_id, parent=window)
    dialog.open()
    return dialog


def _save_as(window: WorkspaceWindow, case_id: str) -> QWidget:
    dialog = _export(window, case_id)
    assert isinstance(dialog, ExportDialog)
    dialog.choose_file()
    return _topmost(window, QFileDialog)


def _message(window: WorkspaceWindow, _case_id: str) -> QWidget:
    problems.show(window, NetworkDown("Tidak ada jaringan."))
    return _topmost(window, problems.Message)


def _bug(window: WorkspaceWindow, case_id: str) -> QWidget:
    above = _export(window, case_id)
    problems.show(above, ValueError("x"))
    return _topmost(window, problems.BugDialog)


def _keys(window: WorkspaceWindow, _case_id: str) -> QWidget:
    window.show_keys()
    return _topmost(window, QDialog)


def _hidden(window: WorkspaceWindow, _case_id: str) -> QWidget:
    window.hide_at_once()
    assert window._neutral is not None
    return window._neutral


def _topmost(window: WorkspaceWindow, kind: type[QWidget]) -> QWidget:
    found = [each for each in window.findChildren(kind) if each.isVisible()]
    assert found
    return found[-1]


@pytest.mark.parametrize("opened", [_note, _refer, _export, _save_as, _message, _bug, _keys, _hidden])
def test_no_dialog_stands_in_the_way(
    seat: Seat, case_id: str, opened: Callable[[WorkspaceWindow, str], QWidget]
) -> None:
    assert opened(seat.window, case_id).isVisible()
    seat.program.session.left.emit()
    assert seat.is_locked()


def test_what_is_written_when_the_lock_comes_is_there_afterwards(seat: Seat, qtbot: QtBot) -> None:
    write_in_intake(seat.window)
    seat.program.session.left.emit()
    assert seat.is_locked()
    with seat.unlock().workspace as again:
        assert again.users()
    seat.replaced.clear()
    assert any(WRITTEN in words for words in kept(seat.enter(qtbot).place.context))


class _Faulty(QDialog):
    """Something of ours with a bug in it."""

    def save_draft(self) -> None:
        raise ValueError("a bug")


class _Keeping(QDialog):
    """Something open that is asked after the faulty one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kept = 0

    def save_draft(self) -> None:
        self.kept += 1


def test_a_fault_in_one_draft_keeps_neither_the_lock_nor_the_others_back(seat: Seat, qtbot: QtBot) -> None:
    write_in_intake(seat.window)
    faulty, keeping = _Faulty(seat.window), _Keeping(seat.window)
    faulty.show()
    with pytest.raises(ValueError, match="a bug"):
        seat.window.lock()
    assert seat.is_locked() and keeping.kept == 1
    seat.replaced.clear()
    assert any(WRITTEN in words for words in kept(seat.enter(qtbot).place.context))


def test_a_password_that_was_typed_at_the_door_is_forgotten(seat_of: Callable[[], Seat]) -> None:
    seat = seat_of()
    seat.program.show_door()
    door = seat.program.window
    assert isinstance(door, UnlockScreen)
    QTest.keyClicks(door.password.line, PASSWORD)
    seat.program.session.left.emit()
    assert door.password.text() == "" and door.isVisible() and not seat.replaced


def test_a_door_that_is_just_opening_stays_shut(seat_of: Callable[[], Seat], qtbot: QtBot) -> None:
    seat = seat_of()
    seat.program.show_door()
    door = seat.program.window
    assert isinstance(door, UnlockScreen)
    QTest.keyClicks(door.password.line, PASSWORD)
    QTest.keyClick(door.password.line, Qt.Key.Key_Return)
    seat.program.session.left.emit()
    assert len(seat.replaced) == 1
    qtbot.waitUntil(lambda: isinstance(seat.program.window, WorkspaceWindow))  # in a test the process goes on
    qtbot.waitUntil(lambda: seat.window.jobs.idle)


def test_the_first_run_forgets_its_password_and_keeps_the_rest(seat_of: Callable[[], Seat]) -> None:
    seat = seat_of()
    seat.program.show_first_run()
    wizard = seat.program.window
    assert isinstance(wizard, FirstRun)
    wizard.who.form.set_values({"office_name": "UPTD PPA Kota Bandung"})
    wizard.key.password.generate()
    seat.program.session.left.emit()
    assert wizard.key.password.value() == "" and wizard.who.form.values()["office_name"]
    assert wizard.isVisible() and wizard.button(QWizard.WizardButton.NextButton).isEnabled() and not seat.replaced


# whatever runs


def test_in_the_middle_of_a_sync_on_a_link_that_died_silently(
    seat_of: Callable[[], Seat], context: Context, case_id: str, centre: CentreUnderTest, qtbot: QtBot
) -> None:
    with link_to(centre.base_url) as link:
        with context.transport(link.url) as transport:
            enrol(context.sync_setup(), transport, code=centre.code("A"), tag="S1")
        context.sign_in_again()
        seat = seat_of()
        window = seat.enter(qtbot)
        view = window.go("sync")
        assert isinstance(view, SyncView)
        qtbot.waitUntil(lambda: window.jobs.idle)
        link.silent_at = link.up + link.down + 1_500  # the batch is on its way
        view.start()
        qtbot.waitUntil(lambda: link.is_silent)
        write_in_intake(window)
        seat.program.session.left.emit()
        assert seat.is_locked()
        assert not [thread for thread in threading.enumerate() if thread.name == "naungan-net"]
        link.mend()
        seat.replaced.clear()
        again = seat.enter(qtbot).place.context
        assert any(WRITTEN in words for words in kept(again))
        with again.transport() as transport:
            report = loop.run(again.sync_setup(), transport)
        assert report.green
        once = centre.sql("SELECT count(*), count(DISTINCT (device, n)) FROM batch")
        assert once[0][0] == once[0][1] > 0


def test_in_the_middle_of_an_export_to_a_drive_that_hangs(
    seat: Seat, case_id: str, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "DB_SECONDS", 0.2)
    hanging = tmp_path / "drive.pdf"
    os.mkfifo(hanging)  # whoever opens it for writing waits for a reader
    dialog = _export(seat.window, case_id)
    assert isinstance(dialog, ExportDialog)
    opened = seat.window.place.context
    qtbot.waitUntil(lambda: bool(dialog.pages._pictures))
    dialog.write(hanging)
    qtbot.waitUntil(lambda: _registered(opened) == 1)
    write_in_intake(seat.window)
    seat.program.session.left.emit()
    assert seat.is_locked() and opened.workspace.keys.wiped
    assert hanging.read_bytes().startswith(b"%PDF")  # the reader came: the thread that hung can end
    seat.replaced.clear()
    again = seat.enter(qtbot).place.context
    assert any(WRITTEN in words for words in kept(again)), "what waited behind the export was lost"
    assert _registered(again) == 1
    _end_of("naungan-db", but=1)


def test_a_connection_that_somebody_still_holds_keeps_no_key_back(
    context: Context, case_id: str, vault: Vault, clock: Clock
) -> None:
    workspace = context.workspace
    with Session(workspace.engine) as held:
        held.execute(text("UPDATE person SET alias = 'x'"))
        context.close()
        assert workspace.keys.wiped
    login = {"login": "siti", "password": PASSWORD, "now": clock, "vault": vault}
    with contexts.unlock(workspace.directory, **login).workspace as again:
        assert not again.stale
        with Session(again.reader) as session:
            assert session.scalar(text("SELECT count(*) FROM person WHERE alias = 'Mina'")) == 1


def _registered(context: Context) -> int:
    with Session(context.workspace.reader) as session:
        return session.query(Export).count()


def _end_of(name: str, *, but: int) -> None:
    threads = [thread for thread in threading.enumerate() if thread.name == name]
    for thread in threads[: len(threads) - but]:
        thread.join(10)

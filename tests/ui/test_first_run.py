"""The first run: five pages by keyboard, and the workspace is there; what fails on the way is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWizard
from pytestqt.qtbot import QtBot

from app.context import Context
from app.ui.jobs import Jobs
from app.ui.screens.first_run import FirstRun, Made, Making
from app.vault.entrance import users
from app.vault.workspace import Vault
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, words_in
from tests.worlds import PASSWORD


@dataclass
class Setup:
    """The wizard and what came of it."""

    wizard: FirstRun
    directory: Path
    made: list[Made] = field(default_factory=list)

    def next(self) -> None:
        QTest.keyClick(self.wizard.button(QWizard.WizardButton.NextButton), Qt.Key.Key_Space)

    def finish(self) -> None:
        QTest.keyClick(self.wizard.button(QWizard.WizardButton.FinishButton), Qt.Key.Key_Space)

    def fill_office(self) -> None:
        form = self.wizard.who.form
        for key, words in (
            ("office_name", "UPTD PPA Kota Bandung"),
            ("region", "Kota Bandung"),
            ("name", "Siti Rahma"),
        ):
            target = form.boxes[key].editor.target
            target.setFocus()
            QTest.keyClicks(target, words)
            QTest.keyClick(target, Qt.Key.Key_Tab)

    def fill_password(self) -> None:
        QTest.keyClicks(self.wizard.key.password.first.line, PASSWORD)
        QTest.keyClicks(self.wizard.key.password.second.line, PASSWORD)


Start = Callable[..., Setup]


@pytest.fixture
def start(tmp_path: Path, vault: Vault, clock: Clock, jobs: Jobs, qtbot: QtBot) -> Iterator[Start]:
    """Starts a wizard; the workspaces it makes are closed at the end."""
    setups: list[Setup] = []

    def begin(**making: object) -> Setup:
        directory = tmp_path / "mine"
        wizard = FirstRun(Making(directory, vault, clock, **making), jobs=jobs)  # type: ignore[arg-type]
        setup = Setup(wizard, directory)
        wizard.made.connect(setup.made.append)
        qtbot.addWidget(wizard)
        wizard.show()
        wizard.activateWindow()
        qtbot.waitUntil(wizard.isActiveWindow)
        setups.append(setup)
        return setup

    yield begin
    for setup in setups:
        for made in setup.made:
            made.context.close()


def go_through(setup: Setup) -> None:
    setup.next()
    setup.fill_office()
    setup.next()
    setup.fill_password()
    setup.next()
    setup.next()


def test_five_pages_make_a_workspace_that_works_offline(start: Start, qtbot: QtBot) -> None:
    setup = start()
    go_through(setup)
    assert setup.wizard.currentPage() is setup.wizard.last
    setup.finish()
    qtbot.waitUntil(lambda: bool(setup.made), timeout=15_000)
    context = setup.made[0].context
    assert setup.made[0].problem is None
    assert [user.login for user in users(setup.directory)] == ["siti"]
    assert context.setting("office_name") == "UPTD PPA Kota Bandung" and context.setting("district") == "3273"
    assert context.desk.actor.role == "SUPERVISOR" and not context.setting("sample")


def test_an_office_without_a_name_goes_no_further(start: Start) -> None:
    setup = start()
    setup.next()
    setup.next()
    assert setup.wizard.currentPage() is setup.wizard.who
    assert "office_name" in [key for key, _words in setup.wizard.who.form.problems()]


@pytest.mark.parametrize(("first", "second"), [("pendek", "pendek"), (PASSWORD, PASSWORD + "x"), ("", "")])
def test_a_weak_or_differing_password_goes_no_further(start: Start, first: str, second: str) -> None:
    setup = start()
    setup.next()
    setup.fill_office()
    setup.next()
    QTest.keyClicks(setup.wizard.key.password.first.line, first)
    QTest.keyClicks(setup.wizard.key.password.second.line, second)
    setup.next()
    assert setup.wizard.currentPage() is setup.wizard.key and setup.wizard.key.password.said.text()
    assert words_in(setup.wizard).count(setup.wizard.key.password.said.text()) == 1
    assert not setup.directory.exists()


def test_generated_words_are_readable_and_good(start: Start) -> None:
    password = start().wizard.key.password
    password.generate()
    assert password.problem() == "" and len(password.value().split()) == 4
    assert password.first.line.echoMode() == password.first.line.EchoMode.Normal


def test_an_unreachable_centre_is_told_and_the_workspace_is_there_all_the_same(start: Start, qtbot: QtBot) -> None:
    setup = start()
    setup.next()
    setup.fill_office()
    setup.next()
    setup.fill_password()
    setup.next()
    setup.wizard.centre.now.setChecked(True)
    setup.next()
    assert setup.wizard.currentPage() is setup.wizard.centre and setup.wizard.centre.said.text()
    QTest.keyClicks(setup.wizard.centre.fields.url, "kantor pusat")
    QTest.keyClicks(setup.wizard.centre.fields.code, "ABCD-EFGH")
    assert not setup.wizard.centre.said.text()
    setup.next()
    assert setup.wizard.currentPage() is setup.wizard.centre and "https://" in setup.wizard.centre.said.text()
    setup.wizard.centre.fields.url.clear()
    QTest.keyClicks(setup.wizard.centre.fields.url, "http://127.0.0.1:9")
    setup.next()
    setup.finish()
    qtbot.waitUntil(lambda: bool(setup.made), timeout=15_000)
    assert setup.made[0].problem is not None
    assert setup.made[0].context.setting("certificate") is None


def test_sample_cases_are_loaded_with_progress_and_a_band(start: Start, qtbot: QtBot) -> None:
    seen: list[Context] = []

    def load(context: Context, told: Callable[[int, int], None]) -> None:
        told(1, 2)
        seen.append(context)

    setup = start(load_sample=load)
    go_through(setup)
    setup.wizard.last.sample.setChecked(True)
    setup.finish()
    qtbot.waitUntil(lambda: bool(setup.made), timeout=15_000)
    assert seen == [setup.made[0].context] and setup.made[0].context.setting("sample") is True


def test_a_folder_that_takes_no_writing_is_said_on_the_last_page(start: Start, qtbot: QtBot) -> None:
    setup = start()
    go_through(setup)
    setup.directory.write_text("a file stands where the folder should be")
    setup.finish()
    qtbot.waitUntil(lambda: setup.wizard.button(QWizard.WizardButton.FinishButton).isEnabled())
    assert not setup.made and setup.wizard.isVisible()


def test_every_page_can_be_heard(start: Start) -> None:
    setup = start(load_sample=lambda _context, _told: None)
    for move in (setup.next, setup.fill_office, setup.next, setup.fill_password, setup.next, setup.next):
        assert_accessible(setup.wizard)
        move()
    assert_accessible(setup.wizard)


def test_another_language_is_asked_for_on_the_first_page(start: Start, qtbot: QtBot) -> None:
    setup = start()
    with qtbot.waitSignal(setup.wizard.language_wanted) as signal:
        setup.wizard.where._language.setCurrentIndex(1)
        setup.wizard.where._language.activated.emit(1)
    assert signal.args == ["en"]

"""This office's laptops against a real centre: a second one waits until six words were compared, then reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import context as contexts
from app.context import Context, NewUser
from app.i18n import _
from app.services import intake, laptops, parties
from app.services.case_page import open_page
from app.services.first_run import Beginning
from app.sync import loop
from app.ui.application import SCREENS
from app.ui.screens.enrolment import enrol_laptop
from app.ui.screens.home import HomeView
from app.ui.screens.laptops import ApproveLaptop, LaptopsView
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import GIRL, PASSWORD, REPORT

__all__ = ["centre", "postgres"]
LONG = 20_000  # ms: a busy machine


def laptop(folder: Path, login: str, *, centre: CentreUnderTest, clock: Clock, vault: Vault) -> Context:
    """A laptop of office A, enrolled."""
    beginning = Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
    user = NewUser(login, login.title(), "SUPERVISOR", PASSWORD)
    made = contexts.create(folder, user=user, beginning=beginning, now=clock, vault=vault)
    enrol_laptop(made, url=centre.base_url, code=centre.code("A"))
    return made


def synchronise(context: Context) -> None:
    with context.transport() as transport:
        report = loop.run(context.sync_setup(), transport)
    assert report.problem is None
    context.synced(report)


@pytest.fixture
def office(tmp_path: Path, centre: CentreUnderTest, clock: Clock, vault: Vault) -> Iterator[tuple[Context, Context]]:
    """The first laptop of the office, and a second one that came later; both know of each other."""
    both = [laptop(tmp_path / name, name, centre=centre, clock=clock, vault=vault) for name in ("siti", "dewi")]
    try:
        for context in (*both, *both):
            synchronise(context)
        yield both[0], both[1]
    finally:
        for context in both:
            context.close()


def test_a_second_laptop_reads_after_its_words_were_compared(office: tuple[Context, Context], qtbot: QtBot) -> None:
    first, second = office
    case = intake.take(first.desk, intake.Intake(case=REPORT, victim=GIRL)).id
    girl = open_page(first.desk, case).victims[0].person.id
    parties.change_person(first.desk, girl, {"health": "Luka lama"})
    synchronise(first)
    synchronise(second)
    assert open_page(second.desk, case).victims[0].person["health"] != "Luka lama"
    window = WorkspaceWindow(first, screens=SCREENS)
    qtbot.addWidget(window)
    window.show()
    try:
        home = window.go("home")
        assert isinstance(home, HomeView)
        qtbot.waitUntil(home.new_laptops.isVisible, timeout=LONG)
        press(home.new_laptops, _("Compare…"))
        view = window.current()
        assert isinstance(view, LaptopsView)
        qtbot.waitUntil(lambda: view.model.rowCount() == 2 and window.jobs.idle, timeout=LONG)
        waits = view.chosen()
        assert waits is not None and not waits.ours and waits.words == second.six_words()
        assert laptops.fingerprint(first.desk) in words_in(view)
        assert_accessible(view)
        press(view.detail, _("Approve…"))
        dialog = window.findChild(ApproveLaptop)
        assert dialog is not None and second.six_words() in words_in(dialog)
        assert_accessible(dialog)
        dialog.save()
        qtbot.waitUntil(lambda: window.jobs.idle, timeout=LONG)
        assert not all(one.approved for one in laptops.laptops(first.desk))  # nothing without the comparison
        dialog.same.setChecked(True)
        with qtbot.waitSignal(dialog.done_well, timeout=LONG):
            press(dialog, _("Approve"))
        qtbot.waitUntil(lambda: (one := view.chosen()) is not None and one.approved, timeout=LONG)
    finally:
        window.end()
    synchronise(first)
    synchronise(second)
    synchronise(first)
    synchronise(second)
    assert open_page(second.desk, case).victims[0].person["health"] == "Luka lama"


def test_the_laptop_that_waits_is_told_so(office: tuple[Context, Context], qtbot: QtBot) -> None:
    window = WorkspaceWindow(office[1], screens=SCREENS)
    qtbot.addWidget(window)
    window.show()
    try:
        view = window.go("laptops")
        assert isinstance(view, LaptopsView)
        qtbot.waitUntil(lambda: view.model.rowCount() == 2 and window.jobs.idle, timeout=LONG)
        ours = next(one for one in view.source.items.values() if one.ours)
        assert not ours.approved and view.table.choose(ours.device)
        assert _("Approve…") not in words_in(view.detail) and _("Waits for approval") in words_in(view.table)
        home = window.go("home")
        assert isinstance(home, HomeView)
        qtbot.waitUntil(lambda: window.jobs.idle, timeout=LONG)
        assert not home.new_laptops.isVisible()
    finally:
        window.end()

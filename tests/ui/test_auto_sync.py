"""The sync that nobody asks for: only where the office turned it on, by who may, and only when it is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from app.context import Context
from app.errors import Forbidden
from app.services.desk import Desk
from app.services.intake import take
from app.services.sync_choices import is_automatic, set_automatic
from app.services.sync_state import sync_state
from app.sync.enrol import enrol
from app.sync.link import METERED
from app.ui.application import SCREENS
from app.ui.auto_sync import AutoSync
from app.ui.screens.settings import SettingsView
from app.ui.screens.sync_run import IDLE, run_of
from app.ui.screens.sync_settings import SyncSettings
from app.ui.workspace_window import WorkspaceWindow
from tests.centre import CentreUnderTest, centre, postgres
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible
from tests.ui.test_sync_panel import LONG, enrolled, laptop, link
from tests.worlds import intake

__all__ = ["centre", "enrol", "enrolled", "laptop", "link", "postgres"]


@pytest.fixture
def window(enrolled: Context, qtbot: QtBot) -> Iterator[WorkspaceWindow]:
    """A window at work; the panel of the sync is not even open."""
    enrolled.desk.actor = replace(enrolled.desk.actor, role="SUPERVISOR")
    made = WorkspaceWindow(enrolled, screens=SCREENS)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.jobs.idle)
    yield made
    made.end()


def look(window: WorkspaceWindow) -> AutoSync:
    [found] = window.findChildren(AutoSync)
    found.see(sync_state(window.place.desk))
    return found


def test_off_until_the_office_turns_it_on_then_a_save_is_followed(
    window: WorkspaceWindow, centre: CentreUnderTest, clock: Clock, qtbot: QtBot
) -> None:
    desk, run = window.place.desk, run_of(window.place)
    look(window)
    clock.forward(minutes=5)
    look(window)
    assert run.state == IDLE
    set_automatic(desk, True)
    take(desk, intake())
    qtbot.waitUntil(lambda: window.jobs.idle)
    look(window)
    clock.forward(seconds=2)
    with qtbot.waitSignal(run.ended, timeout=LONG) as ended:
        look(window)
    assert ended.args[0].green
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert sync_state(desk).waiting == 0
    clock.forward(minutes=5)
    look(window)
    assert run.state == IDLE, "nothing waits: nothing happens"


def test_a_metered_link_and_a_failure_hold_it_back(
    window: WorkspaceWindow, link: object, clock: Clock, qtbot: QtBot
) -> None:
    place, run = window.place, run_of(window.place)
    set_automatic(place.desk, True)
    place.context.put_setting(METERED, True)
    take(place.desk, intake())
    qtbot.waitUntil(lambda: window.jobs.idle)
    clock.forward(minutes=5)
    look(window)
    assert run.state == IDLE
    place.context.put_setting(METERED, None)
    link.mend(cut_at=200)  # type: ignore[attr-defined]
    with qtbot.waitSignal(run.ended, timeout=LONG) as ended:
        look(window)
    assert ended.args[0].problem is not None
    assert run.state == IDLE, "nobody asked for it: no panel waits"
    look(window)
    assert run.state == IDLE, "not at once again"
    link.mend()  # type: ignore[attr-defined]
    clock.forward(seconds=timedelta(minutes=1).total_seconds())
    with qtbot.waitSignal(run.ended, timeout=LONG) as ended:
        look(window)
    assert ended.args[0].green


def test_only_who_oversees_the_office_may_turn_it_on(as_role: Callable[[str], Desk]) -> None:
    with pytest.raises(Forbidden):
        set_automatic(as_role("SOCIAL_WORKER"), True)
    set_automatic(as_role("ADMIN"), True)
    assert is_automatic(as_role("SOCIAL_WORKER"))
    set_automatic(as_role("SUPERVISOR"), False)
    assert not is_automatic(as_role("SUPERVISOR"))


def test_the_settings_show_it_to_all_and_let_some(window: WorkspaceWindow, qtbot: QtBot) -> None:
    place = window.place
    view = window.go("settings")
    assert isinstance(view, SettingsView)
    [card] = view.findChildren(SyncSettings)
    assert_accessible(view)
    card.automatic.click()
    qtbot.waitUntil(lambda: is_automatic(place.desk))
    place.desk.actor = replace(place.desk.actor, role="SOCIAL_WORKER")
    assert not SyncSettings(place).automatic.isEnabled()

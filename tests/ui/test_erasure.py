"""Erasing from the window: asked for on the case page, decided on the supervisor's screen, certified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app import i18n
from app.i18n import _
from app.services import cases, erasure, retention
from app.services.desk import Desk
from app.services.erasure import Wish
from app.ui.screens.erasure import DONE, DUE, WAITING, ErasureView
from app.ui.screens.erasure_dialogs import DecideErasure, Periods, RequestErasure
from app.ui.workspace_window import WorkspaceWindow
from tests.conftest import Clock
from tests.reports.pdf_reading import read
from tests.ui.conftest import assert_accessible, press, words_in


@pytest.fixture(params=["id", "en"], autouse=True)
def _spoken(request: pytest.FixtureRequest, _indonesian: None) -> None:
    """Both languages."""
    i18n.use(request.param)


@pytest.fixture
def view(
    window: WorkspaceWindow, desk: Desk, case_id: str, as_role: Callable[[str], Desk], qtbot: QtBot
) -> ErasureView:
    """A supervisor looks at one request of a colleague."""
    erasure.request(desk, Wish("case", case_id, "REQUEST", "SUBJECT"))
    window.place.context.desk.actor = as_role("SUPERVISOR").actor
    found = window.go("erasure")
    assert isinstance(found, ErasureView)
    qtbot.waitUntil(lambda: window.jobs.idle and found.model.rowCount() == 1)
    return found


def shown(view: ErasureView, kind: type[QDialog]) -> QDialog:
    return next(d for d in view.window().findChildren(kind) if d.isVisible())


def test_a_supervisor_erases_and_saves_the_certificate(view: ErasureView, qtbot: QtBot, tmp_path: Path) -> None:
    assert_accessible(view)
    press(view, _("Approve and erase…"))
    dialog = shown(view, DecideErasure)
    assert isinstance(dialog, DecideErasure)
    assert_accessible(dialog)
    assert "35" in words_in(dialog)
    assert not dialog.button.isEnabled()
    assert dialog.free is not None
    dialog.free.setChecked(True)
    with qtbot.waitSignal(dialog.done_well):
        press(dialog, _("Erase"))
    qtbot.waitUntil(lambda: view.model.rowCount() == 0)
    view.tabs.setCurrentIndex(DONE)
    assert view.model.rowCount() == 1
    line = view.chosen()
    assert line is not None
    file = tmp_path / "bukti.pdf"
    view.save_certificate(line.id, file)
    qtbot.waitUntil(file.exists)
    assert line.id in read(file.read_bytes()).everything
    qtbot.waitUntil(lambda: view.place.jobs.idle)


def test_a_refusal_needs_a_reason_and_one_s_own_request_waits(view: ErasureView, qtbot: QtBot, desk: Desk) -> None:
    me = view.place.desk.actor
    [item] = erasure.listed(view.place.desk)
    view.place.context.desk.actor = replace(me, user=str(item.entry["requested_by"]))
    view._allow()
    assert not view.approve.isEnabled()
    assert not view.refuse.isEnabled()
    view.place.context.desk.actor = me
    view._allow()
    press(view, _("Refuse…"))
    dialog = shown(view, DecideErasure)
    assert isinstance(dialog, DecideErasure)
    assert_accessible(dialog)
    with qtbot.waitSignal(dialog.done_well):
        press(dialog, _("Refuse"))
    qtbot.waitUntil(lambda: view.place.jobs.idle)
    assert [each.state for each in erasure.listed(view.place.desk)] == ["REFUSED"]


def test_what_is_past_its_period_is_asked_for_from_the_list(
    window: WorkspaceWindow, desk: Desk, case_id: str, clock: Clock, as_role: Callable[[str], Desk], qtbot: QtBot
) -> None:
    cases.close_case(desk, case_id, reason="GOALS_MET")
    clock.forward(days=400)
    window.place.context.desk.actor = as_role("SUPERVISOR").actor
    found = window.go("erasure")
    assert isinstance(found, ErasureView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    found.tabs.setCurrentIndex(DUE)
    assert found.model.rowCount() == 0
    press(found, _("Periods…"))
    periods = shown(found, Periods)
    assert isinstance(periods, Periods)
    assert_accessible(periods)
    periods.months["CHILD"].setValue(12)
    with qtbot.waitSignal(periods.done_well):
        press(periods, _("Save"))
    qtbot.waitUntil(lambda: window.jobs.idle and found.model.rowCount() == 1)
    press(found, _("Request erasure…"))
    dialog = shown(found, RequestErasure)
    assert isinstance(dialog, RequestErasure)
    assert_accessible(dialog)
    assert dialog.basis.currentData() == "RETENTION"
    with qtbot.waitSignal(dialog.done_well):
        press(dialog, _("Request"))
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert retention.due(found.place.desk) == ()
    found.tabs.setCurrentIndex(WAITING)
    assert found.model.rowCount() == 1


def test_a_worker_sees_no_requests(window: WorkspaceWindow, qtbot: QtBot) -> None:
    found = window.go("erasure")
    assert isinstance(found, ErasureView)
    qtbot.waitUntil(lambda: window.jobs.idle)
    assert found.model.rowCount() == 0
    assert not found.periods.isVisible()

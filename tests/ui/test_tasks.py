"""The tasks of the office: found by whose and when, ended with a result and taken back, shown in their case too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.context import Context
from app.i18n import _
from app.models.codelist import codelist
from app.services import care, deadlines, tasks
from app.services.deadlines import ALL, OVERDUE, TaskQuery
from app.ui.application import SCREENS
from app.ui.dialogs import FormDialog
from app.ui.screens.case import CaseView
from app.ui.screens.office_lists import OfficeListsView
from app.ui.screens.tasks import TasksView
from app.ui.workspace_window import WorkspaceWindow
from tests.conftest import Clock
from tests.ui.conftest import assert_accessible, press, words_in


@pytest.fixture
def shown(qtbot: QtBot, context: Context, case_id: str, clock: Clock) -> Iterator[WorkspaceWindow]:
    desk = context.desk
    care.add_service(desk, case_id, {"service_type": "P.COUNSEL", "due": "2026-11-25"})
    tasks.add_task(desk, {"title": "Laporan bulanan", "due": "2026-11-30"})
    clock.forward(days=4)
    made = WorkspaceWindow(context, screens=SCREENS)
    qtbot.addWidget(made)
    made.show()
    made.go("tasks")
    qtbot.waitUntil(lambda: made.jobs.idle)
    yield made
    made.end()


def view_of(window: WorkspaceWindow) -> TasksView:
    found = window.current()
    assert isinstance(found, TasksView)
    return found


def titles(view: TasksView) -> list[str]:
    return [view.model.row_at(at).title for at in range(view.model.rowCount())]


def dialog() -> FormDialog:
    (found,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, FormDialog) and w.isVisible()]
    return found


def test_tasks(shown: WorkspaceWindow, qtbot: QtBot, case_id: str) -> None:
    view, idle = view_of(shown), lambda: qtbot.waitUntil(lambda: shown.jobs.idle)
    aid = "Pertolongan pertama bagi korban dalam bahaya"
    assert titles(view) == ["Konseling psikologis", "Laporan bulanan", aid]
    assert "1" in shown.sidebar._buttons["tasks"].accessibleName(), "one of them is overdue"
    assert_accessible(view)

    view.open(TaskQuery(whose=ALL, when=OVERDUE))
    assert titles(view) == ["Konseling psikologis"]
    view.table.opened.emit(view.table.current_id())
    idle()
    case = shown.current()
    assert isinstance(case, CaseView), "a service is done in its case"
    shown.go("tasks")
    view.open(TaskQuery())
    idle()

    view.table.choose(view.model.id_at(2))
    assert "UU 21/2007 Ps 53" in words_in(view.detail)
    press(view.detail, _("Done…"))
    dialog().form.boxes["result"].editor.set_value("Diobati di RSUD")
    dialog().save()
    idle()
    assert titles(view) == ["Konseling psikologis", "Laporan bulanan"]
    assert shown.toast.isVisible(), "for ten seconds it can be taken back"
    shown.toast._take_back()
    idle()
    assert aid in titles(view)

    view.table.choose(view.model.id_at(titles(view).index(aid)))
    press(view.detail, _("Does not apply…"))
    dialog().save()
    idle()
    assert dialog().isVisible(), "without a reason nothing is cancelled"
    dialog().reject()

    case = shown.go("case", target=case_id)
    assert isinstance(case, CaseView)
    case.tabs.go("tasks")
    idle()
    assert aid in words_in(case.tabs.currentWidget()) and "Laporan bulanan" not in words_in(case.tabs.currentWidget())
    assert_accessible(case)


@pytest.fixture
def chief(qtbot: QtBot, context: Context, case_id: str) -> Iterator[WorkspaceWindow]:
    context.desk.actor = dataclasses.replace(context.desk.actor, role="SUPERVISOR")
    made = WorkspaceWindow(context, screens=SCREENS)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.end()


def test_what_the_supervisor_sets_counts_at_once(chief: WorkspaceWindow, qtbot: QtBot, context: Context) -> None:
    made, view = chief, chief.go("office_lists")
    assert isinstance(view, OfficeListsView)
    idle = lambda: qtbot.waitUntil(lambda: made.jobs.idle)  # noqa: E731
    idle()
    assert_accessible(view)
    view.holidays.add()
    dialog().form.boxes["day"].editor.set_value("2026-12-09")
    dialog().form.boxes["name"].editor.set_value("Pilkada")
    dialog().save()
    idle()
    assert "Pilkada" in [line.name for line in view.holidays.source.items.values()]

    view.tabs.setCurrentWidget(view.limits)
    view.limits.table.choose("LOCAL_FOLLOWUP")
    press(view.limits, _("Switch on"))
    idle()
    assert [line.item.rule for line in deadlines.rows(context.desk, deadlines.ids(context.desk, TaskQuery()))] == [
        "LOCAL_FOLLOWUP", "FIRST_AID",
    ]  # fmt: skip
    view.limits.table.choose("FIRST_AID")
    view.limits.open_chosen()
    dialog().form.boxes["amount"].editor.set_value(8)
    dialog().form.boxes["unit"].editor.set_value("day")
    dialog().save()
    idle()
    assert "7" in words_in(dialog()), "longer than the law"
    dialog().reject()

    view.tabs.setCurrentWidget(view.lists)
    view.lists.which.setCurrentIndex(view.lists.which.findData("note_kind"))
    idle()
    view.lists.add()
    dialog().form.boxes["label_id"].editor.set_value("Kunjungan sekolah")
    dialog().form.boxes["label_en"].editor.set_value("School visit")
    dialog().save()
    idle()
    assert "OWN.KUNJUNGAN_SEKOLAH" in {code.code for code in codelist("note_kind").choices()}
    assert_accessible(view)


def test_a_new_task_by_keyboard(shown: WorkspaceWindow, qtbot: QtBot) -> None:
    view = view_of(shown)
    view.add_button.click()
    qtbot.waitUntil(lambda: shown.jobs.idle)
    asked = dialog()
    asked.form.boxes["title"].editor.set_value("Telepon keluarga")
    asked.form.boxes["due"].editor.set_value("2026-11-27")
    asked.save()
    qtbot.waitUntil(lambda: shown.jobs.idle)
    assert "Telepon keluarga" in titles(view)

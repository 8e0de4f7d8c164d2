"""From a search that is typed badly to a person's page, from there into the network, and on to a case."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.models.local import AuditEntry
from app.services import drafts, parties
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.ui.screens.case import CaseView
from app.ui.screens.network import NetworkView
from app.ui.screens.person import DRAFT, PersonView
from app.ui.screens.persons import PersonsView
from app.ui.widgets.graph_layout import ROOM, lay_out
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible, press, words_in
from tests.worlds import GIRL, intake

View = TypeVar("View", bound=QWidget)


@pytest.fixture
def recruiter(desk: Desk, case_id: str) -> str:
    """A suspect of two cases, whom somebody is not safe to contact about."""
    other = take(desk, intake(victim={**GIRL, "name": "Rina Marlina"})).id
    told = {"name": "Hermanto Susilo", "sex": "L", "age": 40, "age_on": "2024-03-03", "phone": "+6281234567890",
            "contact_safety": "DO_NOT_CONTACT"}  # fmt: skip
    parties.add_party(desk, case_id, told, role="SUSPECT")
    found = open_page(desk, case_id).parties[-1].person.id
    parties.add_party(desk, other, found, role="SUSPECT")
    return found


def test_search_person_network_case(
    desk: Desk, recruiter: str, case_id: str, window: WorkspaceWindow, qtbot: QtBot
) -> None:
    registry = window.go("persons")
    assert isinstance(registry, PersonsView)
    registry.field.setText("Hermantho")
    registry.field.search_now()
    qtbot.waitUntil(lambda: registry.model.rowCount() == 1)
    assert_accessible(registry)
    assert "Hermanto" not in words_in(registry), "a list shows initials"
    registry.table.setFocus()
    QTest.keyClick(registry.table, Qt.Key.Key_Return)
    page = _shown(window, PersonView)
    assert_accessible(page)
    said = words_in(page)
    assert "Hermanto Susilo" in said
    assert "+6281234567890 \u00b7 Jangan dihubungi" in said, "a number is never shown without its flag"
    assert len(page.cases.lines()) == 2
    _edit(page, qtbot)
    page.network.click()
    net = _shown(window, NetworkView)
    qtbot.waitUntil(lambda: net.found is not None)
    assert_accessible(net)
    assert set(net.graph.nodes) >= {recruiter, case_id}
    assert "Hermanto" not in words_in(net) + window.windowTitle()
    assert all("Hermanto" not in item.node.spoken + item.node.below for item in net.graph.nodes.values())
    net.names.click()
    assert "Hermanto" in words_in(net)
    assert "Hermanto" not in window.windowTitle()
    _walk_to(net, case_id)
    QTest.keyClick(net.graph, Qt.Key.Key_Return)
    case = _shown(window, CaseView)
    assert case.page is not None
    assert case.page.case.id == case_id
    assert "H.S." in words_in(case.suspects)
    press(case.suspects, "")
    assert _shown(window, NetworkView).start == recruiter
    qtbot.waitUntil(lambda: window.jobs.idle)
    with desk.read() as session:
        seen = session.query(AuditEntry).filter_by(action="view", kind="person", record=recruiter).count()
    assert seen == 1, "who looked at whom is in the audit"


def _shown(window: WorkspaceWindow, kind: type[View]) -> View:
    found = [view for view in window.findChildren(kind) if view.isVisible()]
    assert len(found) == 1
    return found[0]


def _edit(page: PersonView, qtbot: QtBot) -> None:
    """What is typed is kept as a draft when the screen is locked, and saved when it is saved."""
    page.edit({"occupation": None, "alias": "Om Joni"})
    dialog = page.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: page.place.jobs.idle)
    assert [draft.form for draft in _drafts(page)] == [DRAFT]
    dialog.save()
    qtbot.waitUntil(lambda: not page.has_dialog and page.place.jobs.idle)
    assert "Om Joni" in words_in(page)
    assert _drafts(page) == []


def _drafts(page: PersonView) -> list[drafts.SavedDraft]:
    return list(drafts.mine(page.place.desk))


def _walk_to(net: NetworkView, node: str) -> None:
    """By arrows alone every node can be come to."""
    net.graph.setFocus()
    keys = (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up)
    seen: dict[str, tuple[Qt.Key, ...]] = {net.graph.current: ()}
    waiting = [net.graph.current]
    while waiting:
        here = waiting.pop(0)
        for key in keys:
            net.graph.choose(here)
            QTest.keyClick(net.graph, key)
            if net.graph.current not in seen:
                seen[net.graph.current] = (*seen[here], key)
                waiting.append(net.graph.current)
    assert set(seen) == set(net.graph.nodes)
    net.graph.choose(node)
    assert net.graph.accessibleDescription() == net.graph.nodes[node].node.spoken


@pytest.mark.parametrize("count", [1, 2, 80])
def test_a_graph_stands_apart_and_always_the_same(count: int) -> None:
    ids = [f"n{n}" for n in range(count)]
    ties = [(f"n{n // 3}", f"n{n}") for n in range(1, count)] + [("n0", "gone")]
    at = lay_out(ids, ties, centre="n0")
    assert at == lay_out(ids, ties, centre="n0")
    assert at["n0"] == (0, 0)
    near = [
        (one, other) for n, one in enumerate(ids) for other in ids[n + 1 :]
        if abs(at[one][0] - at[other][0]) + abs(at[one][1] - at[other][1]) < ROOM * 0.8
    ]  # fmt: skip
    assert near == []

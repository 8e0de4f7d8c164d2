"""The frame: going places, keys, hiding, locking, another language; with screens made for the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app import i18n
from app.i18n import _
from app.ui import theme
from app.ui.main_window import MainWindow
from app.ui.shortcuts import COMMANDS, KEYS, ShortcutSheet, keys_of
from app.ui.theme import Tone
from app.ui.widgets.basics import Page, button
from app.ui.widgets.feedback import Banner
from app.ui.widgets.neutral import NeutralWindow
from app.ui.widgets.sidebar import SyncView
from tests.ui.conftest import assert_accessible

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Sheet(Page):
    """A screen's widget that notes what the window tells it."""

    def __init__(self, heard: list) -> None:
        super().__init__(_("Help"))
        self.heard = heard
        self.body.addWidget(button(_("Close")))

    def refresh(self, changes: Any) -> None:
        self.heard.append(("refresh", changes))

    def open(self, target: Any) -> None:
        self.heard.append(("open", target))

    def save_draft(self) -> None:
        self.heard.append("draft")

    def on_save(self) -> None:
        self.heard.append("save")


@dataclass
class Place:
    """A screen for the test."""

    name: str
    section: str = "main"
    title: str = "Help"
    icon: str = "home"
    heard: list = field(default_factory=list)
    built: list = field(default_factory=list)

    def build(self, context: Any) -> QWidget:
        self.built.append(context)
        return Sheet(self.heard)


@pytest.fixture
def places() -> list[Place]:
    return [Place("home"), Place("cases", icon="cases"), Place("case", section="")]


@pytest.fixture
def window(qtbot, places) -> MainWindow:
    window = MainWindow("context", screens=places, office="UPTD PPA Kota Bandung")
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_screen_is_built_when_first_wanted_and_only_once(window, places):
    assert [p.built for p in places] == [["context"], [], []]
    first = window.go("cases")
    assert window.go("home") is not first
    assert window.go("cases") is first
    assert window.current() is first
    assert places[1].built == ["context"]


def test_place_that_is_not_in_the_sidebar_opens_a_target_and_leaves_the_mark_where_it_was(window, places):
    window.go("cases")
    window.go("case", target="0041")
    assert places[2].heard == [("open", "0041")]
    assert window.sidebar._buttons["cases"].isChecked()
    assert window.go("nowhere") is None
    assert window.current() is not None


def test_changes_reach_the_screens_that_were_built(window, places):
    window.go("cases")
    window.refresh({"case"})
    assert places[0].heard == places[1].heard == [("refresh", {"case"})]
    assert places[2].heard == []


@pytest.mark.parametrize("number", [0, 1])
def test_ctrl_and_a_figure_go_to_a_place(qtbot, window, places, number):
    with qtbot.waitSignal(window.went) as went:
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + number), CTRL)
    assert went.args == [places[number].name]


@pytest.mark.parametrize(
    ("key", "modifiers", "name"),
    [
        (Qt.Key.Key_N, CTRL, "new_case"),
        (Qt.Key.Key_N, CTRL | SHIFT, "new_referral"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "refresh"),
        (Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier, "sync"),
        (Qt.Key.Key_P, CTRL, "pdf"),
        (Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier, "help"),
    ],
)
def test_keys_become_commands(qtbot, window, key, modifiers, name):
    with qtbot.waitSignal(window.commanded) as commanded:
        qtbot.keyClick(window, key, modifiers)
    assert commanded.args == [name]


def test_screen_that_knows_a_command_keeps_it(qtbot, window, places):
    commanded = []
    window.commanded.connect(commanded.append)
    qtbot.keyClick(window, Qt.Key.Key_S, CTRL)
    assert places[0].heard == ["save"]
    assert commanded == []


def test_lock_saves_every_open_draft_first(qtbot, window, places):
    window.go("cases")
    order = places[0].heard = window._built["home"].heard
    window.lock_wanted.connect(lambda: order.append("locked"))
    qtbot.keyClick(window, Qt.Key.Key_L, CTRL)
    assert order == ["draft", "locked"]
    assert places[1].heard == ["draft"]


def test_hidden_at_once_nothing_of_the_program_is_seen_and_the_same_keys_bring_it_back(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_H, CTRL | SHIFT)
    assert not window.isVisible()
    seen = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert [type(w) for w in seen] == [NeutralWindow]
    assert "aungan" not in seen[0].windowTitle()
    assert_accessible(seen[0])
    seen[0].activateWindow()
    qtbot.waitUntil(seen[0].isActiveWindow)
    qtbot.keyClick(seen[0], Qt.Key.Key_H, CTRL | SHIFT)
    qtbot.waitUntil(window.isVisible)


def test_other_language_rebuilds_the_place_one_is_at_and_keeps_what_the_sidebar_said(qtbot, window, places):
    window.go("cases")
    window.set_counter("cases", count=3)
    window.show_sync(lambda: SyncView(_("Lock"), Tone.WARN))
    window.show_user(lambda: ("Siti", _("Help")))
    window.show_banner(lambda: Banner(_("Help")))
    i18n.use("en")
    window.rebuild()
    assert window._here == "cases"
    assert "draft" in places[1].heard
    assert len(places[1].built) == 2
    assert window.sidebar._sync._state.text() == "Lock"
    assert window.sidebar._lock.whole() == "Help"
    assert "3" in window.sidebar._buttons["cases"].accessibleName()
    qtbot.waitUntil(lambda: [b.words.text() for b in window.findChildren(Banner) if b.isVisible()] == ["Help"])


def test_band_is_replaced_and_taken_away(qtbot, window):
    window.show_banner(lambda: Banner("satu"))
    window.show_banner(lambda: Banner("dua"))
    assert window._side.count() == 2
    window.show_banner(None)
    assert window._side.count() == 1


@pytest.mark.parametrize("scale", theme.SCALES)
def test_window_fits_a_small_screen_at_every_font_size(qapp, qtbot, places, scale):
    theme.apply(qapp, scale=scale)
    window = MainWindow(None, screens=places, office="Kantor dengan nama yang panjang sekali")
    qtbot.addWidget(window)
    window.show_user(lambda: ("Siti Rahma · Pekerja sosial", "Kunci otomatis: 5 menit"))
    window.show_sync(lambda: SyncView("Luring", Tone.WARN, ("14 perubahan menunggu", "Terakhir: Jum"), "Sinkronkan…"))
    window.resize(1000, 540)
    window.show()
    assert window.minimumSizeHint().width() <= 1000
    assert (window.width(), window.height()) == (1000, 540)
    assert window.sidebar.width() <= 300
    assert_accessible(window)


def test_title_names_the_program_and_nobody(window):
    window.go("case", target="A.N.")
    assert window.windowTitle() == "Naungan"


def test_sheet_lists_every_key(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_Slash, CTRL)
    sheets = window.findChildren(ShortcutSheet)
    assert len(sheets) == 1
    assert_accessible(sheets[0])
    assert isinstance(sheets[0], QDialog)
    sheets[0].accept()


def test_every_command_has_keys_and_no_two_share_them():
    keys = [keys for _name, keys, _what in KEYS]
    assert len(set(keys)) == len(keys)
    assert all(keys_of(name) for name in COMMANDS)


def test_closing_keeps_drafts(qtbot, window, places):
    with qtbot.waitSignal(window.closed):
        window.close()
    assert "draft" in places[0].heard

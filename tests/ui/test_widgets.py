"""The parts screens are made of: what they say, to eyes and to ears, and what they do by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, ElidedLabel, KeyHint, Page, button, text
from app.ui.widgets.feedback import Banner, EmptyState, ProgressLine, Toast
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.pills import ChipPicker, FilterChips, Pill, StepBar, StepItem
from app.ui.widgets.rail import Rail
from app.ui.widgets.search import SearchField
from app.ui.widgets.sidebar import NavItem, Sidebar, SyncView
from app.ui.widgets.tiles import StatTile
from app.ui.widgets.timeline import Timeline, TimelineEntry
from tests.ui.conftest import assert_accessible

PLACES = [NavItem("home", "Beranda", "home"), NavItem("cases", "Kasus", "cases"), NavItem("tasks", "Tugas", "tasks")]
CHOICES = [("SEX", "Eksploitasi seksual"), ("LABOUR", "Kerja paksa"), ("ORGAN", "Penjualan organ")]


def _shown(qtbot, widget: QWidget, *, width: int = 500, height: int = 400) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def test_texts_and_chips_never_read_markup(qtbot):
    label = _shown(qtbot, text("<b>A & B</b>", role="title"))
    assert label.textFormat() == Qt.TextFormat.PlainText
    elided = _shown(qtbot, ElidedLabel("<img src=x>"))
    assert elided.textFormat() == Qt.TextFormat.PlainText


def test_button_shows_its_keys_keeps_an_ampersand_and_answers_them(qtbot):
    pressed = []
    made = button("Simpan & lanjut", kind="primary", keys="Ctrl+Return", clicked=lambda: pressed.append(1))
    _shown(qtbot, made)
    assert made.text() == "Simpan && lanjut   Ctrl+Enter"
    assert made.accessibleName() == "Simpan & lanjut"
    with qtbot.waitSignal(made.clicked):  # a shortcut shows the button pressed for a moment
        qtbot.keyClick(made, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert pressed == [1]


def test_chip_grows_with_the_font_scale_and_says_its_word(qtbot, qapp):
    chip = Chip("Risiko tinggi", tone=Tone.DANGER, mark="warning")
    qtbot.addWidget(chip)
    before = chip.sizeHint()
    theme.apply(qapp, scale=200)
    assert chip.sizeHint().height() > 1.7 * before.height()
    chip.say("Rendah", tone=Tone.GOOD)
    assert chip.accessibleName() == "Rendah"


def test_elided_label_keeps_the_whole_text_for_those_who_ask(qtbot):
    label = _shown(qtbot, ElidedLabel("Unit Pelaksana Teknis Daerah Kota Bandung"), width=80)
    assert label.text().endswith("…")
    assert label.toolTip() == label.whole() == label.accessibleName()
    label.resize(900, 30)
    assert label.text() == label.whole()
    assert label.toolTip() == ""


def test_flow_breaks_lines_and_takes_the_height_it_needs(qtbot):
    window = QWidget()
    flow = FlowLayout(window, gap=8)
    for number in range(12):
        flow.addWidget(Chip(f"Keping nomor {number}"))
    _shown(qtbot, window, width=320)
    chips = window.findChildren(Chip)
    assert len({chip.y() for chip in chips}) > 2
    assert all(chip.geometry().right() <= 320 for chip in chips)
    assert flow.heightForWidth(320) >= max(chip.geometry().bottom() for chip in chips)
    assert flow.heightForWidth(10_000) == chips[0].height()


def test_a_rail_of_many_stands_closer_where_there_is_little_room(qtbot):
    rail = Rail()
    for number in range(13):
        rail.add(QWidget(), f"Bagian {number}")
    _shown(qtbot, rail, width=400, height=600)
    roomy = rail.tabBar().tabRect(0).height()
    rail.resize(400, 320)
    qtbot.waitUntil(lambda: rail.tabBar().tabRect(12).bottom() <= 320)
    assert 20 <= rail.tabBar().tabRect(0).height() < roomy


def test_filters_can_be_taken_away_and_vanish_when_there_is_none(qtbot):
    chips = FilterChips()
    _shown(qtbot, chips)
    chips.show_filters([("status", "Status: aktif", Tone.GOOD), ("risk", "Risiko: tinggi", Tone.DANGER)])
    assert_accessible(chips)
    with qtbot.waitSignal(chips.removed) as removed:
        qtbot.keyClick(chips.findChildren(Pill)[1], Qt.Key.Key_Space)
    assert removed.args == ["risk"]
    chips.show_filters([])
    assert not chips.isVisible()


def test_steps_say_their_state_in_words_and_can_be_asked_for(qtbot):
    bar = StepBar()
    _shown(qtbot, bar)
    bar.show_steps([StepItem("Laporan", "done"), StepItem("Korban", "current"), StepItem("Penapisan")])
    pills = bar.findChildren(Pill)
    assert [(p.text(), p.mark, p.solid) for p in pills] == [
        ("1 Laporan", "check", False), ("2 Korban", "", True), ("3 Penapisan", "", False)
    ]  # fmt: skip
    assert len({p.accessibleName().split(", ")[1] for p in pills}) == 3
    with qtbot.waitSignal(bar.wanted) as wanted:
        qtbot.keyClick(pills[2], Qt.Key.Key_Space)
    assert wanted.args == [2]
    bar.show_steps([StepItem("Laporan", "done"), StepItem("Korban", "done"), StepItem("Penapisan", "current")])
    assert bar.findChildren(Pill) == pills


def test_codes_are_ticked_by_keyboard_with_one_tab_stop(qtbot):
    picker = ChipPicker(CHOICES, name="Tujuan")
    _shown(qtbot, picker)
    assert_accessible(picker)
    picker.setFocus()
    with qtbot.waitSignal(picker.picked):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_End)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert QApplication.focusWidget().text() == "Eksploitasi seksual"
    assert picker.codes() == ("SEX", "ORGAN")
    stops = [p for p in picker.findChildren(Pill) if p.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(stops) == 1


def test_sidebar_says_where_one_is_and_what_waits(qtbot):
    sidebar = Sidebar(PLACES, office="UPTD PPA Kota Bandung")
    _shown(qtbot, sidebar, height=700)
    sidebar.go("cases")
    sidebar.set_counter("tasks", count=5, urgent=True)
    sidebar.show_user("Siti Rahma", lock="Kunci otomatis: 5 menit")
    sidebar.show_sync(SyncView("Luring", Tone.WARN, ("14 perubahan menunggu",), "Sinkronkan…"))
    assert_accessible(sidebar)
    buttons = sidebar._buttons
    assert [b.isChecked() for b in buttons.values()] == [False, True, False]
    assert "5" in buttons["tasks"].accessibleName()
    assert sidebar._sync.button.accessibleDescription() == "Luring. 14 perubahan menunggu"


def test_sidebar_is_walked_by_arrows_and_only_the_window_decides_where_one_is(qtbot):
    sidebar = Sidebar(PLACES, office="")
    _shown(qtbot, sidebar, height=700)
    sidebar.go("home")
    buttons = list(sidebar._buttons.values())
    buttons[0].setFocus()
    qtbot.keyClick(buttons[0], Qt.Key.Key_Up)
    assert buttons[2].hasFocus()
    with qtbot.waitSignal(sidebar.chosen) as chosen:
        qtbot.keyClick(buttons[2], Qt.Key.Key_Space)
    assert chosen.args == ["tasks"]
    assert [b.isChecked() for b in buttons] == [True, False, False]
    with qtbot.waitSignal(sidebar.sync_wanted):
        sidebar._sync.button.click()


def test_sync_box_is_not_there_without_a_state_and_drops_old_lines(qtbot):
    sidebar = Sidebar(PLACES, office="")
    _shown(qtbot, sidebar, height=700)
    assert not sidebar._sync.isVisible()
    sidebar.show_sync(SyncView("Daring", Tone.GOOD, ("a", "b", "c")))
    sidebar.show_sync(SyncView("Daring", Tone.GOOD, ("d",), enabled=False))
    assert [label.whole() for label in sidebar._sync._labels if label.isVisible()] == ["d"]
    assert not sidebar._sync.button.isEnabled()


def test_undo_bar_takes_an_act_back_once(qtbot):
    window = QWidget()
    toast, undone = Toast(window), []
    _shown(qtbot, window, width=700)
    toast.say("Kasus ditutup.", undo=lambda: undone.append(1))
    assert toast.isVisible()
    assert toast._timer.isActive()
    assert_accessible(toast)
    toast.undo_button.click()
    toast._take_back()
    assert undone == [1]
    assert not toast.isVisible()
    assert not toast._timer.isActive()


def test_bar_goes_away_by_itself_and_stays_at_the_foot_of_its_window(qtbot):
    window = QWidget()
    toast = Toast(window)
    _shown(qtbot, window, width=700)
    toast.say("Tersimpan.", seconds=0.01)
    assert not toast.undo_button.isVisible()
    window.resize(900, 600)
    assert abs(toast.geometry().center().x() - 450) <= 1
    assert window.height() - toast.geometry().bottom() < 40
    qtbot.waitUntil(lambda: not toast.isVisible())


@pytest.mark.parametrize("total", [0, 10, 5_000_000_000])
def test_progress_of_any_size_and_of_no_known_size(qtbot, total):
    line = ProgressLine("Mengirim")
    _shown(qtbot, line)
    line.show_progress(total // 2, total=total, detail="separuh")
    assert (line.bar.maximum(), line.bar.value()) == ((1000, 500) if total else (0, 0))
    assert line.bar.accessibleDescription() == "separuh"
    assert_accessible(line)


def test_timeline_is_heard_whole_walked_by_arrows_and_as_high_as_its_text(qtbot):
    line = Timeline(name="Linimasa")
    _shown(qtbot, line, width=420)
    line.show_entries([
        TimelineEntry("1", "Layanan", "Visum dijadwalkan", "Hari ini 09.10 · Siti Rahma", Tone.INFO),
        TimelineEntry("2", "Rujukan", "Kata yang sangat banyak " * 12, "Kemarin", Tone.GOOD),
    ])  # fmt: skip
    assert_accessible(line)
    model = line.model()
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "Layanan, Hari ini 09.10 · Siti Rahma: Visum dijadwalkan"
    )
    short, tall = (line.visualRect(model.index(n, 0)).height() for n in (0, 1))
    assert tall > 2 * short
    line.resize(1200, 400)
    qtbot.waitUntil(lambda: line.visualRect(model.index(1, 0)).height() < tall)
    line.setFocus()
    line.setCurrentIndex(model.index(0, 0))
    qtbot.keyClick(line, Qt.Key.Key_Down)
    with qtbot.waitSignal(line.opened) as opened:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert opened.args == ["2"]


def test_tile_says_everything_and_is_pressed_by_key_and_click(qtbot):
    tile = StatTile("Terlambat", figure="3", detail="paling lama 9 hari", tone=Tone.DANGER)
    _shown(qtbot, tile)
    assert tile.accessibleName() == "Terlambat: 3. paling lama 9 hari"
    for press in (
        lambda: qtbot.keyClick(tile, Qt.Key.Key_Return),
        lambda: qtbot.mouseClick(tile, Qt.MouseButton.LeftButton, pos=QPoint(5, 5)),
    ):
        with qtbot.waitSignal(tile.pressed):
            press()


def test_search_speaks_once_after_the_last_letter_and_at_once_on_enter(qtbot):
    field, said = SearchField(name="Cari kasus"), []
    _shown(qtbot, field)
    field.searched.connect(said.append)
    with qtbot.waitSignal(field.searched):
        qtbot.keyClicks(field, "siti")
    assert said == ["siti"]
    qtbot.keyClicks(field, " am  ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == ["siti", "siti am"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == ["siti", "siti am"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert said == ["siti", "siti am", ""]
    assert not field._timer.isActive()


def test_ctrl_f_comes_to_the_search_field(qtbot):
    window = QWidget()
    box = QVBoxLayout(window)
    other, field = button("Lain"), SearchField(name="Cari")
    box.addWidget(other)
    box.addWidget(field)
    _shown(qtbot, window)
    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert field.hasFocus()


def test_page_scrolls_to_what_tab_reaches(qtbot):
    page = Page("Judul", subtitle="rincian")
    for number in range(40):
        page.body.addWidget(button(f"Tombol {number}"))
    _shown(qtbot, page, height=300)
    page.findChildren(type(button("")))[0].setFocus()
    for _step in range(30):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    here = QApplication.focusWidget()
    assert here.accessibleName() == "Tombol 30"
    top = here.mapTo(page.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < page.viewport().height()


def test_band_empty_place_card_and_hint_can_all_be_heard(qtbot):
    window = QWidget()
    box = QVBoxLayout(window)
    band = Banner("Data contoh", tone=Tone.WARN, action=button("Selesai"))
    box.addWidget(band)
    box.addWidget(EmptyState("Belum ada rujukan", body="Panjang sekali. " * 8, action=button("Rujukan baru")))
    box.addWidget(Card("Kartu"))
    box.addWidget(KeyHint(("Alt+J", "masalah berikutnya"), ("F1", "bantuan")))
    _shown(qtbot, window, height=600)
    assert_accessible(window)
    hint = window.findChildren(KeyHint)[0]
    assert hint.text() == "Alt+J: masalah berikutnya · F1: bantuan"
    cut = [w for w in window.findChildren(QLabel) if w.wordWrap() and w.height() < w.heightForWidth(w.width())]
    assert cut == []

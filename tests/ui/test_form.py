"""A form from the declarations of a real record: typing, checking, undoing, by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.models.check import parse_phone
from app.models.codelist import codelist
from app.models.dates import parse_date
from app.models.field import Field, Kind, Tier, fields_of
from app.models.nik import shape_problem
from app.models.person import Person
from app.ui.field_editors import FormTools, Problem, read_moment, typed_date, typed_moment
from app.ui.form import Form
from app.ui.form_tools import DISTRICT, region_finder
from app.ui.widgets.basics import Page
from app.ui.widgets.editors import CodeEditor, Finder, PickEditor, TextEditor, Unreadable
from tests.ui.conftest import assert_accessible

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)  # 09.30 in Jakarta
PLACES = {"32.73": "Kota Bandung", "32.04": "Kab. Bandung", "31.71": "Jakarta Pusat"}


def _check(key: str, value: object) -> list[Problem]:
    if key == "nik" and (sentence := shape_problem(str(value))):
        return [Problem(key, sentence)]
    if key == "age" and isinstance(value, int) and value > 100:
        return [Problem(key, "Benarkah lebih dari 100 tahun?", "warning")]
    return []


def _find(words: str) -> list[tuple[str, str]]:
    return [(code, name) for code, name in PLACES.items() if words.casefold() in name.casefold()]


TOOLS = FormTools(
    codelists=lambda name: [(c.code, c.label) for c in codelist(name).choices()],
    read_date=lambda words: parse_date(words, today=date(2026, 11, 23)),
    now=lambda: NOW,
    check=_check,
    finders={"region": Finder(_find, lambda code: PLACES.get(code, code))},
    readers={"phone": parse_phone},
)
FIELDS = [f for f in fields_of(Person) if f.group != "entry"]
LAYOUT = [["name", "sex", "nik", "region"], ["alias", "birth_date", "nationality", "phone"]]


@pytest.fixture
def form(qtbot) -> Iterator[Form]:
    window = QWidget()
    qtbot.addWidget(window)
    box = QVBoxLayout(window)
    form = Form(FIELDS, tools=TOOLS, layout=LAYOUT)
    box.addWidget(form)
    window.resize(900, 1200)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield form
    window.close()  # named here so that it lives until now


def _type(qtbot, form: Form, key: str, words: str) -> None:
    target = form.boxes[key].editor.target
    target.setFocus()
    qtbot.keyClicks(target, words)
    # suggestions take the keyboard, as they do for a person
    qtbot.keyClick(QApplication.activePopupWidget() or target, Qt.Key.Key_Tab)


def test_every_field_of_the_record_has_an_editor_with_a_name_and_a_label_buddy(form):
    assert list(form.values()) == [f.key for f in FIELDS]
    assert set(form.boxes) == {f.key for f in FIELDS}
    assert_accessible(form.window())
    assert all(box.label.buddy() is box.editor.target for box in form.boxes.values())
    assert form.boxes["name"].label.text() == f"{form.boxes['name'].name} *"


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("name", "  Siti   Aminah ", "Siti Aminah"),
        ("birth_date", "17/8/09", "2009-08-17"),
        ("birth_date", "?/8/2009", "2009-08-??"),
        ("birth_date", "2009", "2009-??-??"),
        ("birth_date", "h", "2026-11-23"),
        ("birth_date", "-3", "2026-11-20"),
        ("age", "16", 16),
        ("nik", "3204 1155 0809 0000", "3204115508090000"),
        ("phone", "0812 3456 7890", "+6281234567890"),
        ("sex", codelist("sex").choices()[0].label[:6], codelist("sex").choices()[0].code),
        ("region", "kota ban", "32.73"),
        ("region", "Kab. Bandung", "32.04"),
        ("health", "Luka di tangan.", "Luka di tangan."),
    ],
)
def test_what_is_typed_becomes_the_value_on_leaving(qtbot, form, key, typed, value):
    with qtbot.waitSignal(form.changed) as changed:
        _type(qtbot, form, key, typed)
    assert changed.args == [key]
    assert form.values()[key] == value
    assert form.problems() == []


def test_values_shown_come_back_the_same(form):
    values = {
        "name": "Mina", "sex": codelist("sex").choices()[1].code, "birth_date": "2009-08-??", "age": 17,
        "region": "31.71", "disability": (codelist("disability_type").choices()[0].code,), "health": "baik\nsekali",
    }  # fmt: skip
    changes = []
    form.changed.connect(changes.append)
    form.set_values(values)
    assert {key: form.values()[key] for key in values} == values
    assert changes == []
    assert not form.undo_stack.canUndo()


def test_half_a_date_is_a_problem_and_not_a_value(qtbot, form):
    form.set_values({"birth_date": "2009-08-17"})
    target = form.boxes["birth_date"].editor.target
    target.setFocus()
    target.selectAll()
    qtbot.keyClicks(target, "40/13/2009")
    qtbot.keyClick(target, Qt.Key.Key_Tab)
    assert form.values()["birth_date"] == "2009-08-17"
    assert [key for key, _message in form.problems()] == ["birth_date"]
    assert target.text() == "40/13/2009"
    assert target.accessibleDescription().startswith(("Kesalahan", "Error"))


def test_word_of_no_list_is_a_problem_and_a_part_of_one_entry_is_enough(qtbot, form):
    _type(qtbot, form, "sex", "zebra")
    assert [key for key, _message in form.problems()] == ["sex"]
    form.boxes["sex"].editor.target.lineEdit().selectAll()
    _type(qtbot, form, "sex", codelist("sex").choices()[0].label[1:5])
    assert form.problems() == []
    assert form.values()["sex"] == codelist("sex").choices()[0].code


def test_code_the_list_does_not_know_is_kept(form):
    form.set_values({"sex": "FROM_A_NEWER_PEER", "disability": ("NEWER",)})
    assert form.values()["sex"] == "FROM_A_NEWER_PEER"
    assert form.values()["disability"] == ("NEWER",)


def test_draft_may_be_incomplete_but_validating_asks_for_what_is_required(qtbot, form):
    _type(qtbot, form, "alias", "Mina")
    assert form.problems() == []
    assert form.validate() is False
    assert [key for key, _message in form.problems()] == [f.key for f in FIELDS if f.required]
    assert form.boxes["name"].editor.target.hasFocus()
    form.put("name", "Sitti")
    form.put("sex", codelist("sex").choices()[0].code)
    assert form.validate() is True


def test_warning_does_not_stand_in_the_way_and_shows_its_own_sign(qtbot, form):
    form.put("name", "Sitti")
    form.put("sex", codelist("sex").choices()[0].code)
    _type(qtbot, form, "age", "120")
    assert form.boxes["age"].editor.target.property("state") == "warning"
    assert form.boxes["age"]._sign.isVisible()
    assert form.validate() is True
    assert len(form.problems()) == 1


def test_alt_j_goes_from_problem_to_problem_and_round(qtbot, form):
    form.show_problems([("nik", "satu"), ("phone", "dua"), ("name", "tiga"), ("no_such", "empat")])
    form.boxes["alias"].editor.target.setFocus()
    seen = []
    for _step in range(4):
        assert form.next_problem()
        seen.append(next(key for key, box in form.boxes.items() if box.editor.target.hasFocus()))
    assert seen == ["nik", "phone", "name", "nik"]
    form.set_values({"nik": None, "phone": None, "name": None})
    assert not form.next_problem()


def test_problem_out_of_sight_is_scrolled_to(qtbot):
    page = Page("Kasus baru")
    qtbot.addWidget(page)
    form = Form(FIELDS, tools=TOOLS)
    page.body.addWidget(form)
    page.resize(900, 300)
    page.show()
    qtbot.waitExposed(page)
    form.show_problems([("health", "salah")])
    form.next_problem()
    box = form.boxes["health"]
    top = box.mapTo(page.viewport(), QPoint(0, 0)).y()
    assert 0 <= top <= page.viewport().height() - 40


def test_ctrl_z_takes_back_typing_first_and_then_what_was_committed(qtbot, form):
    _type(qtbot, form, "name", "Sitti")
    _type(qtbot, form, "alias", "Mina")
    target = form.boxes["alias"].editor.target
    target.setFocus()
    target.end(False)
    qtbot.keyClicks(target, "x")
    qtbot.keyClick(target, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert target.text() == "Mina"
    qtbot.keyClick(target, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.values()["alias"] is None
    assert form.values()["name"] == "Sitti"
    qtbot.keyClick(target, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert form.values()["name"] is None
    form.undo_stack.redo()
    assert form.values()["name"] == "Sitti"


def test_field_shows_only_when_it_is_relevant_and_a_hidden_one_keeps_its_value(form):
    assert not form.boxes["contact_note"].isVisible()
    form.put("contact_safety", "TIMES_ONLY")
    assert form.boxes["contact_note"].isVisible()
    form.put("contact_note", "18.00-20.00")
    form.boxes["contact_note"].show_problems([Problem("contact_note", "?")])
    form.put("contact_safety", "SAFE")
    assert not form.boxes["contact_note"].isVisible()
    assert form.problems() == []
    assert not form.next_problem()
    assert form.values()["contact_note"] == "18.00-20.00"


def test_tab_goes_line_by_line_and_leaves_long_texts(qtbot, form):
    order = ["name", "alias", "sex", "birth_date", "nik", "nationality", "region", "phone"]
    form.boxes["name"].editor.target.setFocus()
    for key in order[1:]:
        qtbot.keyClick(form.window().focusWidget(), Qt.Key.Key_Tab)
        assert form.boxes[key].editor.target.hasFocus(), key
    health = form.boxes["health"].editor.target
    health.setFocus()
    qtbot.keyClick(health, Qt.Key.Key_Tab)
    assert not health.hasFocus()
    assert form.values()["health"] is None


def test_narrow_window_puts_everything_in_one_column(form, qtbot):
    wide = form.boxes["alias"].geometry().left()
    assert wide > 300
    form.window().resize(420, 1500)
    qtbot.waitUntil(lambda: form.boxes["alias"].geometry().left() == 0)
    assert form.boxes["alias"].geometry().top() > form.boxes["name"].geometry().top()


def test_own_editor_replaces_the_declared_one(qtbot):
    form = Form(FIELDS, tools=TOOLS, editors={"name": lambda field: TextEditor(read=str.upper)})
    qtbot.addWidget(form)
    form.put("name", "sitti")
    assert form.values()["name"] == "SITTI"


def test_hint_gives_way_to_a_problem_and_comes_back(form):
    box = form.boxes["birth_date"]
    form.set_hint("birth_date", "16-17 tahun")
    assert box.editor.target.accessibleDescription() == "16-17 tahun"
    box.show_problems([Problem("birth_date", "aneh", "warning"), Problem("birth_date", "salah")])
    assert box._line.text() == "salah"
    box.show_problems([])
    assert box._line.text() == "16-17 tahun"


def test_user_text_is_never_markup(qtbot, form):
    form.show_problems([("name", "<b>tebal</b>")])
    assert form.boxes["name"]._line.textFormat() == Qt.TextFormat.PlainText


def _moment_form(qtbot) -> Form:
    fields = [
        Field("at", "When", Kind.DATETIME, Tier.CASE, "main"),
        Field("said", "Child", Kind.BOOL, Tier.CASE, "main"),
    ]
    form = Form(fields, tools=TOOLS)
    qtbot.addWidget(form)
    return form


def test_moment_and_yes_or_no(qtbot):
    form = _moment_form(qtbot)
    moment = datetime(2026, 8, 17, 7, 30, tzinfo=UTC)
    form.set_values({"at": moment, "said": False})
    assert isinstance(form.boxes["at"].editor.target, QLineEdit)
    assert form.values() == {"at": moment, "said": False}


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("17/8/26 14.30", datetime(2026, 8, 17, 7, 30, tzinfo=UTC)),
        ("17/08/2026 14:30", datetime(2026, 8, 17, 7, 30, tzinfo=UTC)),
        ("h 0.05", datetime(2026, 11, 22, 17, 5, tzinfo=UTC)),
        ("h", NOW),
    ],
)
def test_typed_moment_is_understood_in_the_zone_shown(words, moment):
    assert read_moment(words, tools=TOOLS) == moment
    assert read_moment(typed_moment(moment), tools=TOOLS) == moment


@pytest.mark.parametrize("words", ["17/8/26", "?/8/26 9.00", "h 24.00", "h 9.61", "kemarin 9.00"])
def test_moment_that_is_none_says_so(words):
    with pytest.raises((Unreadable, ValueError)):
        read_moment(words, tools=TOOLS)


@pytest.mark.parametrize("iso", ["2009-08-17", "2009-08-??", "2009-??-??"])
def test_date_in_an_editor_can_be_read_again(iso):
    assert parse_date(typed_date(iso), today=date(2026, 11, 23)) == iso


@pytest.mark.parametrize("make", ["text", "code", "pick"])
def test_a_value_longer_than_its_field_shows_how_it_begins(qtbot: QtBot, make: str) -> None:
    long = "Unit pelaksana teknis daerah perlindungan perempuan dan anak"
    editor = {
        "text": lambda: TextEditor(),
        "code": lambda: CodeEditor([(long, long), ("x", "lain")]),
        "pick": lambda: PickEditor(Finder(lambda _words: [(long, long)], lambda code: code)),
    }[make]()
    qtbot.addWidget(editor)
    editor.set_value(long)
    line = editor.line
    assert line.text() == long and line.cursorPosition() == 0
    line.clear()
    qtbot.keyClicks(line, long)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == long and line.cursorPosition() == 0


@pytest.mark.parametrize("words", ["kab. gar", "kabupaten garut", "Kabupaten Gar", "garut"])
def test_a_district_is_found_by_the_beginnings_of_its_words(words: str) -> None:
    assert next(iter(region_finder(digits=(DISTRICT,)).search(words)))[1] == "Kab. Garut, Jawa Barat"


def test_a_district_typed_out_is_taken_though_its_parts_are_found_with_it(qtbot: QtBot) -> None:
    editor = PickEditor(region_finder())
    qtbot.addWidget(editor)
    qtbot.keyClicks(editor.line, "kota bandung")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value() == "3273" and editor.line.text() == "Kota Bandung, Jawa Barat"


def test_letters_typed_into_a_chosen_code_begin_a_new_choice(qtbot: QtBot) -> None:
    first, editor = QLineEdit(), CodeEditor([("a", "Amatan"), ("k", "Kunjungan")])
    holder = QWidget()
    QVBoxLayout(holder).addWidget(first)
    holder.layout().addWidget(editor)  # type: ignore[union-attr]
    qtbot.addWidget(holder)
    editor.set_value("a")
    holder.show()
    holder.activateWindow()
    qtbot.waitUntil(holder.isActiveWindow)
    first.setFocus()
    editor.target.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.keyClicks(editor.line, "kunj")
    assert editor.value() == "k"

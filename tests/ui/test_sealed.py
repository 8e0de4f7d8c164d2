"""Sealed values on screens: who may not read one sees and hears that something is there, and harms nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.models.person import Person
from app.models.sealed import HIDDEN, token
from app.services.entries import Entry
from app.ui import presenting
from app.ui.form import Form
from app.ui.screens.case_cards import facts_of
from app.ui.widgets.entry_card import EntryCard, EntryView
from tests.ui.conftest import assert_accessible, words_in
from tests.ui.test_form import FIELDS, TOOLS

TOKEN = token(b"k" * 8, b"ciphertext")


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[Form]:
    """A person of whom this worker may not read the health, nor the disabilities."""
    window = QWidget()
    qtbot.addWidget(window)
    made = Form(FIELDS, tools=TOOLS)
    QVBoxLayout(window).addWidget(made)
    made.set_values({"name": "Sitti", "sex": "P", "health": HIDDEN, "disability": (HIDDEN,)})
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield made
    window.close()  # named here so that it lives until now


def test_a_veiled_field_is_reached_and_told_and_cannot_be_changed(form: Form) -> None:
    veil = form.boxes["health"].veil
    assert veil is not None and veil.isVisible() and not form.boxes["health"].editor.isVisible()
    form.boxes["disability"].veil.setFocus()  # type: ignore[union-attr]
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is veil
    assert form.boxes["health"].name in veil.accessibleName() and veil.accessibleDescription()
    QTest.keyClicks(veil, "sehat")
    form.put("health", "sehat")
    form.set_values({"health": "sehat", "disability": ("X",)})
    assert veil.text() != "sehat" and {"health", "disability"}.isdisjoint(form.values())
    assert form.validate() and form.values()["name"] == "Sitti"
    assert_accessible(form)


def test_who_is_not_cleared_writes_no_sealed_value(qtbot: QtBot) -> None:
    form = Form(FIELDS, tools=replace(TOOLS, cleared=False))
    qtbot.addWidget(form)
    shut = {key for key, box in form.boxes.items() if box.veil}
    assert shut == {"health", "disability"} and shut.isdisjoint(form.values())
    form.set_values({"health": None, "name": "Sitti"})
    assert form.boxes["health"].veil is not None and form.values()["name"] == "Sitti"


@pytest.mark.parametrize("value", [HIDDEN, TOKEN, (HIDDEN,), (TOKEN,)])
def test_a_shut_value_is_words_and_never_a_token(qtbot: QtBot, value: object) -> None:
    key = "disability" if isinstance(value, tuple) else "health"
    facts = facts_of(Person, Entry("person", "1" * 32, 1, {key: value, "name": "Sitti"}))
    card = EntryCard(EntryView("Sitti", (), facts))
    qtbot.addWidget(card)
    card.show()
    said = words_in(card)
    assert presenting.hidden_words() in said and "sealed:" not in said and "HIDDEN" not in said
    assert [fact.seal for fact in facts if fact.seal] == ["hidden"]  # type: ignore[union-attr]


def test_an_open_sealed_value_wears_its_mark(qtbot: QtBot) -> None:
    facts = facts_of(Person, Entry("person", "1" * 32, 1, {"health": "Luka lama", "name": "Sitti"}))
    card = EntryCard(EntryView("Sitti", (), facts))
    qtbot.addWidget(card)
    card.show()
    assert "Luka lama" in words_in(card)
    told = [w.accessibleName() for w in card.findChildren(QWidget) if "Luka lama" in w.accessibleName()]
    assert len(told) == 1 and presenting.hidden_words() not in words_in(card)

"""Help in both languages: the same pages, findable by their words, reachable by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import i18n
from app.ui.screens.help import HelpView, topics
from app.ui.workspace_window import WorkspaceWindow
from tests.ui.conftest import assert_accessible


def test_both_languages_have_the_same_pages() -> None:
    assert len(topics("id")) == len(topics("en")) >= 7
    for one, other in zip(topics("id"), topics("en"), strict=True):
        assert one.title
        assert one.title != other.title
        assert one.markdown.count("\n- ") == other.markdown.count("\n- ")


@pytest.mark.parametrize(
    ("spoken", "words", "first"), [("id", "anak palermo", "Penapisan"), ("en", "green signed", "Sync")]
)
def test_words_find_their_page(qtbot: QtBot, spoken: str, words: str, first: str) -> None:
    i18n.use(spoken)
    view = HelpView()
    qtbot.addWidget(view)
    view.show_topics(words)
    assert view.list.item(0).text().startswith(first)
    assert view.list.count() == 1
    assert view.list.item(0).text() in view.page.toPlainText()
    assert_accessible(view)


def test_words_that_stand_nowhere(qtbot: QtBot) -> None:
    view = HelpView()
    qtbot.addWidget(view)
    view.show_topics("xyzzy")
    assert view.list.count() == 0
    assert view.nothing.isVisibleTo(view)
    assert view.page.toPlainText() == ""


def test_f1_opens_the_help(window: WorkspaceWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert isinstance(window.current(), HelpView)

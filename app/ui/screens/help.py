"""Help (F1): the bundled pages in the language of the screen, with a search over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QVBoxLayout, QWidget

from app.i18n import N_, _, language
from app.models.codelist import label
from app.models.permission import NAMES, ROLES, allowed
from app.paths import resource
from app.ui import theme
from app.ui.widgets.basics import Card, text
from app.ui.widgets.search import SearchField


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of help: Markdown that begins with its title."""

    title: str
    markdown: str

    def holds(self, words: str) -> bool:
        """Whether every word typed stands somewhere on the page."""
        page = self.markdown.casefold()
        return all(word in page for word in words.casefold().split())


@lru_cache
def topics(spoken: str) -> tuple[Topic, ...]:
    """The pages of one language, in the order of their files."""
    found = []
    for path in sorted(resource("help", spoken).glob("*.md")):
        markdown = path.read_text(encoding="utf-8")
        found.append(Topic(markdown.splitlines()[0].lstrip("# "), markdown))
    return tuple(found)


def who_may_do_what() -> Topic:
    """A page made of the very table that the program asks: what each role may do."""
    names = [label("role", role) for role in ROLES]
    lines = [f"# {_('Who may do what')}", "", _("The program asks this table before it does anything."), ""]
    lines += [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for permission, words in NAMES.items():
        cells = (_("yes") if allowed(role, permission) else "\u2013" for role in ROLES)
        lines.append(f"| {_(words)} | {' | '.join(cells)} |")
    return Topic(_("Who may do what"), "\n".join(lines))


def _give_air(document: QTextDocument) -> None:
    """Qt sets Markdown without any room between paragraphs; a page of help is read, not scanned."""
    cursor = QTextCursor(document)
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        form.setBottomMargin(theme.px(12 if form.headingLevel() else 8))
        form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.setPosition(block.position())
        cursor.setBlockFormat(form)
        block = block.next()


class HelpScreen:
    """The help."""

    name, title, icon, section = "help", N_("Help"), "help", "own"

    def build(self, context: Any) -> QWidget:
        """The pages, newly read in the present language."""
        return HelpView()


class HelpView(QWidget):
    """Topics at the left, the chosen page at the right."""

    def __init__(self) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.search = SearchField(name=_("Search the help"), hint=_("Search the help…"))
        self.list = QListWidget()
        self.list.setAccessibleName(_("Topics"))
        self.list.setUniformItemSizes(True)
        self.page = QTextBrowser()
        self.page.setAccessibleName(_("Help page"))
        self.page.setOpenLinks(False)
        self.nothing = text(_("No page holds these words."), role="muted")
        self._lay_out()
        self.search.searched.connect(self.show_topics)
        self.list.currentRowChanged.connect(self._show_page)
        self.show_topics("")

    def show_topics(self, words: str) -> None:
        """List the pages that hold all the words; the first is shown."""
        self._found = tuple(t for t in (*topics(language()), who_may_do_what()) if t.holds(words))
        self.list.clear()
        for topic in self._found:
            self.list.addItem(QListWidgetItem(topic.title))
        self.nothing.setVisible(not self._found)
        self.list.setCurrentRow(0 if self._found else -1)

    def _show_page(self, number: int) -> None:
        self.page.setMarkdown(self._found[number].markdown if 0 <= number < len(self._found) else "")
        _give_air(self.page.document())

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(_("Help"), role="title"))
        layout.addWidget(self.search)
        left, right = Card(), Card()
        left.body.addWidget(self.list, 1)
        left.body.addWidget(self.nothing)
        right.body.addWidget(self.page, 1)
        halves = QHBoxLayout()
        halves.setSpacing(theme.px(12))
        halves.addWidget(left, 2)
        halves.addWidget(right, 5)
        layout.addLayout(halves, 1)

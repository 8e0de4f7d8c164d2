"""Duplicates: pairs of entries that may be one person, and below the list, field by field, what is to stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.journal import Changes
from app.models.permission import Permission
from app.services import duplicates, person_merge
from app.services.desk import Saved
from app.services.duplicates import Pair, pair_id
from app.services.person_merge import Comparison
from app.ui import presenting, theme
from app.ui.held_source import HeldSource
from app.ui.screens.merge_field import MergeField
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, column, row, text
from app.ui.widgets.feedback import EmptyState
from app.ui.workplace import Workplace

_TOUCHED = frozenset({"person", "person_match"})
_LIST = 150  # how high the queue is beside what is chosen from it


class DuplicatesScreen:
    """Who may have been entered twice; the list of cases leads here."""

    name, title, icon, section = "duplicates", N_("Duplicates"), "person", ""
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return DuplicatesView(context)


class DuplicatesView(QWidget):
    """The queue, and the chosen pair side by side."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place = place
        self.source: HeldSource[Pair] = HeldSource()
        self.table = TableView(PagedModel(self.source, columns=_columns()), name=_("Duplicates"))
        self.counted = text("", role="muted")
        self.below = QWidget()
        self.merging: Merging | None = None
        self._lay_out()
        self.table.chosen.connect(self._show)

    def refresh(self, changes: Changes) -> None:
        """Read again when a person changed or somebody decided."""
        if changes.kinds & _TOUCHED:
            self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        """What was found meanwhile: the search tells nobody, it works beside everything else."""
        super().showEvent(event)
        if self.merging is None:
            self.reload()

    def on_refresh(self) -> None:
        """F5."""
        self.reload()

    def reload(self) -> None:
        """Read the queue."""
        desk = self.place.desk
        self.place.load(lambda: (duplicates.waiting(desk), duplicates.pairs(desk)), owner=self, then=self._take)

    def _take(self, found: tuple[int, Sequence[Pair]]) -> None:
        waiting, pairs = found
        self.source.put(pairs)
        words = ngettext("{n} pair waits for an answer", "{n} pairs wait for an answer", waiting)
        self.counted.setText(words.format(n=format_number(waiting)))
        self.table.model().refresh()  # type: ignore[attr-defined]
        if self.table.current_id() is None and pairs:
            self.table.choose(next(iter(self.source.items)))
        self._show(self.table.current_id())

    def _show(self, key: Any) -> None:
        pair, self.merging = self.source.items.get(key or ""), None
        if pair is None:
            words = _("Entries that may be one person are looked for by themselves, and wait here for an answer.")
            self._put(EmptyState(_("No duplicates"), body=words, icon="person"))
            return
        desk, a, b = self.place.desk, pair.a.id, pair.b.id
        self.place.load(lambda: person_merge.compare(desk, a, b), owner=self, then=self._compare)

    def _compare(self, both: Comparison) -> None:
        if self.table.current_id() == pair_id(both.kept.id, both.gone.id):
            self.merging = Merging(self.place, both)
            self._put(self.merging)

    def _put(self, shown: QWidget) -> None:
        layout = self.below.layout()
        assert layout is not None
        at: QWidget | None = self.window().focusWidget()
        if at is not None and self.below.isAncestorOf(at):
            self.table.setFocus()  # what is decided goes; the next one is chosen here
        while (old := layout.takeAt(0)) is not None:
            if (gone := old.widget()) is not None:
                gone.hide()
                gone.deleteLater()
        layout.addWidget(shown)

    def _lay_out(self) -> None:
        self.below.setLayout(column())
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.below)
        split.setStretchFactor(1, 1)
        split.setSizes([theme.px(_LIST), 3 * theme.px(_LIST)])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        back = button(_("Cases"), clicked=lambda: self.place.go("cases"))
        layout.addLayout(row(text(_("Duplicates"), role="title"), self.counted, None, back))
        layout.addWidget(split, 1)
        self.landing: QWidget = self.table


class Merging(QWidget):
    """One pair: the fields in which they differ, and the two answers. Either can be taken back."""

    def __init__(self, place: Workplace, both: Comparison) -> None:
        super().__init__()
        self.place, self.both = place, both
        self.fields = [MergeField(place, field, both=both) for field in both.fields]
        may = place.desk.may(Permission.WRITE_CASE)
        self.same = button(_("One person: merge"), kind="primary", clicked=self.merge)
        self.same.setEnabled(may and not both.problem)
        self.two = button(_("Different people"), clicked=self.different)
        self.two.setEnabled(may)
        self._lay_out()

    def merge(self) -> None:
        """Save that they are one, with what stands in the middle."""
        try:
            answers = [field.answer() for field in self.fields]
        except ValueError:
            return  # it stands beside the field
        values = {key: value for answer in answers for key, value in answer.items()}
        desk, kept, gone = self.place.desk, self.both.kept.id, self.both.gone.id
        said = _("They are one person now. Both entries keep their history.")
        self._decide(lambda: person_merge.merge(desk, kept, gone, values), said)

    def different(self) -> None:
        """Save that they are two; nobody is asked again."""
        desk, one, other = self.place.desk, self.both.kept.id, self.both.gone.id
        self._decide(lambda: person_merge.different(desk, one, other), _("They are two people. Nobody is asked again."))

    def _decide(self, deed: Any, words: str) -> None:
        place, window = self.place, self.window()
        self.same.setEnabled(False)
        self.two.setEnabled(False)

        def then(saved: Saved) -> None:
            undo = lambda: place.save(lambda: person_merge.undo(place.desk, saved.id), owner=window)  # noqa: E731
            place.say(words, undo=undo)

        place.save(deed, owner=window, then=then)

    def _lay_out(self) -> None:
        inside = QWidget()
        theme.mark(inside, role="body")
        fields = QVBoxLayout(inside)
        fields.setContentsMargins(0, 0, theme.px(6), 0)
        fields.setSpacing(theme.px(10))
        for field in self.fields:
            fields.addWidget(field)
        fields.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(6), 0, 0)
        layout.setSpacing(theme.px(8))
        names = " \u00b7 ".join(entry["name"] or presenting.NOTHING for entry in (self.both.kept, self.both.gone))
        layout.addWidget(text(names, role="heading", wrap=True))
        words = self.both.problem or _("What is the same in both is not shown. Only a person decides.")
        layout.addWidget(text(words, role="muted", tone=Tone.WARN if self.both.problem else "", wrap=True))
        layout.addWidget(area, 1)
        layout.addLayout(row(None, self.two, self.same))


def _columns() -> tuple[Column, ...]:
    return (
        Column("a", N_("This entry"), 170, text=_name, sortable=False, stretch=True),
        Column("b", N_("That entry"), 170, text=_name, sortable=False, stretch=True),
        Column("reasons", N_("Why"), 260, text=" \u00b7 ".join, sortable=False, stretch=True),
        Column("cases", N_("Cases"), 240, text=lambda numbers: ", ".join(filter(None, numbers)), sortable=False,
               style="muted"),
    )  # fmt: skip


def _name(entry: Any) -> str:
    year = str(entry["birth_date"] or "")[:4]
    return " \u00b7 ".join(part for part in (entry["name"] or presenting.NOTHING, entry["sex"] or "", year) if part)

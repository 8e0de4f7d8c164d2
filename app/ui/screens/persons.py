"""The registry of persons: everybody on this laptop in initials, found by name in spite of how it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.i18n import N_, _, format_number, ngettext
from app.models.codelist import label
from app.models.journal import Changes
from app.models.permission import Permission
from app.models.regions import region_name, region_path
from app.services import persons
from app.services.persons import PersonItem, PersonQuery
from app.ui import icons, presenting, theme
from app.ui.asked_model import AskedModel
from app.ui.form_tools import choices
from app.ui.screens.filter_dialogs import ask_region
from app.ui.table import Column, Query
from app.ui.table_view import TableView
from app.ui.theme import Tone
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.pills import FilterChips
from app.ui.widgets.search import SearchField
from app.ui.workplace import Workplace

COLUMNS = "columns:persons"
REPEATED = "repeated"
_TOUCHED = frozenset({"person", "person_match", "party"})


class PersonsScreen:
    """Everybody, across cases."""

    name, title, icon, section = "persons", N_("Persons"), "persons", "main"
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The list, newly made."""
        return PersonsView(context)


class PersonSource:
    """Keys of the list are numbers of rows."""

    def __init__(self, place: Workplace) -> None:
        self._desk = place.desk

    def ids(self, query: Query) -> Sequence[int]:
        """All keys, in order."""
        filters = dict(query.filters)
        sort = {"initials": "name", "person": "name"}.get(query.sort, query.sort or "name")
        asked = PersonQuery(
            query.text, filters.get("role", ""), filters.get("sex", ""), filters.get("region", ""),
            REPEATED in filters, sort, query.descending,
        )  # fmt: skip
        return persons.ids(self._desk, asked)

    def rows(self, ids: Sequence[int]) -> Sequence[PersonItem | None]:
        """One item per key."""
        return persons.rows(self._desk, list(ids))


class PersonsView(QWidget):
    """The search and its answer; Enter opens a person's page."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place, self.total = place, 0
        self.model = AskedModel(PersonSource(place), place=place, columns=_columns())
        self.field = SearchField(name=_("Search persons"), hint=_("Name, alias, NIK, telephone, account…"))
        self.chips = FilterChips()
        self.counted = text("", role="muted")
        self.table = TableView(
            self.model, name=_("Persons"), empty=_("Nobody matches. Change the search or the filters.")
        )
        kept = place.user_setting(COLUMNS)
        if isinstance(kept, dict):
            self.table.columns.restore(kept)
        self.filters = button(_("Filters"), icon=icons.icon("filter"), clicked=self._show_filters)
        self.columns = button(
            _("Columns"), icon=icons.icon("columns"),
            clicked=lambda: self.table.columns.menu().popup(_below(self.columns)),
        )  # fmt: skip
        self._connect()
        self._lay_out()
        self.reload()

    def refresh(self, changes: Changes) -> None:
        """Read again when a person, or somebody's part in a case, changed."""
        if changes.kinds & _TOUCHED:
            self.reload()

    def on_refresh(self) -> None:
        """F5."""
        self.reload()

    def reload(self) -> None:
        """Count, then read the list anew."""
        desk = self.place.desk
        self.place.load(lambda: persons.total(desk), owner=self, then=self._show_total)

    def search(self, query: Query) -> None:
        """Show the answer to this."""
        self.model.search(query)
        self.chips.show_filters([(name, *_filter_words(name, value)) for name, value in query.filters])

    def filter(self, name: str, value: str | None) -> None:
        """Set one filter; None takes it away."""
        self.search(self.model.query.with_filter(name, value=value))

    def _connect(self) -> None:
        self.model.modelReset.connect(self._say_count)
        self.field.searched.connect(lambda words: self.search(replace(self.model.query, text=words)))
        self.chips.removed.connect(self._drop)
        self.table.opened.connect(self._open)
        state = self.table.columns
        state.changed.connect(lambda: self.place.put_user_setting(COLUMNS, state.state()))

    def _drop(self, name: str) -> None:
        self.field.setFocus()  # the chip that had the keyboard goes
        self.filter(name, None)

    def _open(self, key: Any) -> None:
        item = self.model.source.rows([key])[0]
        if item is not None:
            self.place.go("person", target=item.id)

    def _show_total(self, total: int) -> None:
        self.total = total
        self.model.refresh()

    def _say_count(self) -> None:
        query, shown = self.model.query, self.model.rowCount()
        words = ngettext("{n} person", "{n} persons", self.total).format(n=format_number(self.total))
        if query.text or query.filters:
            words += " \u00b7 " + _("{n} shown").format(n=format_number(shown))
        self.counted.setText(words)
        if self.table.current_id() is None and shown:
            self.table.choose(self.model.id_at(0))

    def _show_filters(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, title, codelist in (("role", _("Role"), "party_role"), ("sex", _("Sex"), "sex")):
            below = menu.addMenu(title)
            for code, words in choices(codelist):
                below.addAction(words).triggered.connect(
                    lambda _on=False, name=name, code=code: self.filter(name, code)
                )
        region = menu.addAction(_("Region\u2026"))
        region.triggered.connect(lambda _on=False: ask_region(self.place, self, chosen=self.filter))
        menu.addAction(_("In several cases")).triggered.connect(lambda _on=False: self.filter(REPEATED, "1"))
        menu.addSeparator()
        menu.addAction(_("Show all persons")).triggered.connect(lambda _on=False: self._reset())
        menu.popup(_below(self.filters))

    def _reset(self) -> None:
        self.field.clear()
        self.search(replace(self.model.query, text="", filters=()))

    def _lay_out(self) -> None:
        line = row(self.field, self.filters, self.columns)
        line.insertWidget(1, self.chips, 0, Qt.AlignmentFlag.AlignVCenter)
        line.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        twice = button(_("Duplicates"), icon=icons.icon("person"), clicked=lambda: self.place.go("duplicates"))
        head = row(text(_("Persons"), role="title"), self.counted, twice)
        head.setStretch(1, 1)  # its words come later and find their room, whenever the page is laid out again
        layout.addLayout(head)
        layout.addLayout(line)
        layout.addWidget(self.table, 1)
        self.landing: QWidget = self.table


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))


def _filter_words(name: str, value: str) -> tuple[str, Tone]:
    if name == REPEATED:
        return _("In several cases"), Tone.WARN
    if name == "region":
        return region_path(value), Tone.INFO
    return label({"role": "party_role"}.get(name, name), value), Tone.INFO


def _columns() -> tuple[Column, ...]:
    return (
        Column("initials", N_("Person"), 110, text=lambda said: said or presenting.NOTHING, style="strong"),
        Column("sex", N_("Sex"), 110, text=lambda code: label("sex", code)),
        Column(
            "age", N_("Age"), 120, whole_row=True, text=_age, tone=lambda item: Tone.INFO if item.child else None
        ),
        Column("region", N_("District"), 200, text=region_name, stretch=True),
        Column("roles", N_("Roles"), 230, text=_roles, sortable=False, stretch=True),
        Column(
            "cases", N_("Number of cases"), 120, text=format_number, right=True,
            tone=lambda count: Tone.WARN if count > 1 else None,
        ),
    )  # fmt: skip


def _age(item: PersonItem) -> str:
    return " \u00b7 ".join(part for part in (item.age, _("child") if item.child else "") if part)


def _roles(codes: Sequence[str]) -> str:
    return ", ".join(label("party_role", code) for code in codes)

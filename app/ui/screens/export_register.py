"""What left this laptop as a file: who, when, for whom, what for, which fields. A supervisor sees everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import N_, _, format_datetime, format_number, ngettext
from app.models.base import KINDS
from app.models.codelist import label
from app.models.field import field_map
from app.models.journal import Changes
from app.models.permission import Permission
from app.reports.papers import PAPERS
from app.services import export_register
from app.services.export_register import ExportLine
from app.ui import theme
from app.ui.table import Column, PagedModel, Query
from app.ui.table_view import TableView
from app.ui.widgets.basics import Card, row, text
from app.ui.workplace import Workplace

REPORTS: dict[str, str] = {
    **{paper.value: words for paper, words in PAPERS.items()},
    "case_list": N_("List of cases"), "statistics": N_("Statistics"),
}  # fmt: skip


class ExportRegisterScreen:
    """The register of exports."""

    name, title, icon, section = "exports", N_("What left"), "export", "oversight"
    listed_for = Permission.READ_AUDIT  # the others reach their own from the settings

    def build(self, context: Any) -> QWidget:
        """The list, newly made."""
        return ExportRegisterView(context)


class Source:
    """The lines of the register, read behind the screen, as a table wants them."""

    def __init__(self) -> None:
        self.lines: dict[str, ExportLine] = {}

    def ids(self, query: Query) -> Sequence[str]:
        """All of them, newest first unless another order is asked for."""
        if not query.sort:
            return list(self.lines)
        return sorted(self.lines, key=lambda i: str(getattr(self.lines[i], query.sort)), reverse=query.descending)

    def rows(self, ids: Sequence[str]) -> Sequence[ExportLine | None]:
        """One line per id."""
        return [self.lines.get(one) for one in ids]


class ExportRegisterView(QWidget):
    """A table, and below it the chosen line whole."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place, self.source = place, Source()
        self.model = PagedModel(self.source, columns=_columns())
        self.table = TableView(self.model, name=_("What left"), empty=_("Nothing left this laptop as a file."))
        self.table.chosen.connect(self._show_chosen)
        self.counted = text("", role="muted")
        self.detail = text("", wrap=True)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.detail.setAccessibleName(_("The chosen export"))
        self.card = Card(_("The chosen export"))
        self.card.body.addWidget(self.detail)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(text(_("What left"), role="title"), self.counted, None))
        whose = (
            _("Every file that anybody made on this laptop.")
            if export_register.sees_all(place.desk)
            else _("The files that you made on this laptop. Your supervisor sees everybody's.")
        )
        layout.addWidget(text(whose, role="muted", wrap=True))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.card)
        self.landing: QWidget = self.table
        self.card.hide()
        self._load()

    def refresh(self, _changes: Changes) -> None:
        """A number of a case may have come."""
        self._load()

    def showEvent(self, event: Any) -> None:
        """An export is no change of a record: look whenever somebody comes here."""
        super().showEvent(event)
        self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def _load(self) -> None:
        desk = self.place.desk
        self.place.load(lambda: export_register.lines(desk), owner=self, then=self._show_lines)

    def _show_lines(self, lines: tuple[ExportLine, ...]) -> None:
        found = {line.id: line for line in lines}
        if found != self.source.lines or not self.counted.text():
            self.source.lines = found
            self.model.refresh()
            words = ngettext("{n} file", "{n} files", len(lines))
            self.counted.setText(words.format(n=format_number(len(lines))))
            if self.table.current_id() is None and lines:
                self.table.choose(lines[0].id)

    def _show_chosen(self, chosen: Any) -> None:
        line = self.source.lines.get(str(chosen))
        self.card.setVisible(line is not None)
        if line is not None:
            self.detail.setText(whole(line))


def whole(line: ExportLine) -> str:
    """Everything the register knows of an export."""
    facts = (
        (_("Number of the export"), line.id),
        (_("What for"), line.purpose),
        (_("Fields"), field_names(line.fields)),
        (_("Released by hand"), field_names(line.released)),
        ("SHA-256", line.sha256),
    )
    return "\n".join(f"{name}: {value}" for name, value in facts if value)


def field_names(fields: Sequence[str]) -> str:
    """The labels of 'person.name', 'list.risk', ...; what is not a field of a record keeps its key."""
    found = []
    for name in fields:
        kind, _dot, key = name.partition(".")
        known = field_map(KINDS[kind]) if kind in KINDS else {}
        found.append(_(known[key].label) if key in known else key)
    return ", ".join(dict.fromkeys(found))


def _columns() -> tuple[Column, ...]:
    return (
        Column("at", N_("When"), 150, text=lambda at: format_datetime(at)),
        Column("who", N_("Who"), 120),
        Column("report", N_("Report"), 120, text=lambda name: _(REPORTS[name]) if name in REPORTS else name),
        Column("case", N_("Case"), 140),
        Column("profile", N_("Profile"), 130, text=lambda code: label("redaction_profile", code)),
        Column("format", N_("Form"), 70, text=str.upper),
        Column("recipient", N_("Recipient"), 160, stretch=True),
    )

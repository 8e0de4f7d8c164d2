"""Who is connected with whom: a drawing, the same as a table, and what stands out as sentences. Initials only at first.

Opened of a person or of a case; what is chosen leads to the person's page or the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from app.errors import KnownError, NotFound
from app.i18n import N_, _, format_number, ngettext
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.desk import Desk
from app.services.network import CASE, Finding, Network, findings, network_of, network_of_case
from app.ui import icons, problems, theme
from app.ui.held_source import HeldSource
from app.ui.screens.network_shown import TieRow, badges, drawn, rows_of, sentences, title_of
from app.ui.table import Column, PagedModel
from app.ui.table_view import TableView
from app.ui.widgets.badges import BadgeKey
from app.ui.widgets.basics import Card, ElidedLabel, KeyHint, button, row, text
from app.ui.widgets.facts import LINE_HEIGHT, FactLine, FactList
from app.ui.widgets.feedback import EmptyState
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.widgets.graph import STEP, GraphView
from app.ui.widgets.graph_layout import Place, lay_out
from app.ui.workplace import Workplace

_TOUCHED = frozenset({"person", "person_match", "party", "case"})
MOST_SAID = 3


@dataclass(frozen=True)
class Found:
    """A network, what stands out in it, and where its nodes stand."""

    network: Network
    findings: tuple[Finding, ...]
    at: dict[str, Place]


class NetworkScreen:
    """Reached from a person, a card of a person, or a case."""

    name, title, icon, section = "network", N_("Network"), "network", ""
    permission = Permission.READ

    def build(self, context: Any) -> QWidget:
        """The drawing, newly made."""
        return NetworkView(context)


class NetworkView(QWidget):
    """`open(id)` of a person or a case."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place, self.start = place, ""
        self.found: Found | None = None
        self.graph = GraphView(name=_("Drawing of the network"))
        self.source: HeldSource[TieRow] = HeldSource()
        self.table = TableView(
            PagedModel(self.source, columns=_columns()), name=_("Ties of the network"), empty=_("No ties.")
        )
        self.said = FactList(name=_("What stands out"), empty=_("Nothing stands out."))
        self.names = QCheckBox(_("Show names"))
        self.names.setToolTip(_("Names and numbers can be read by whoever looks at the screen."))
        self._title, self._counted = ElidedLabel(role="title"), text("", role="muted")
        self._chosen, self._left_out = text("", role="strong", wrap=True), text("", role="muted", wrap=True)
        self._go_on = button(_("Open"), clicked=lambda: self._open(self.graph.current))
        self._connect()
        self._lay_out()

    def open(self, target: Any) -> None:
        """Show the network around this person or case; names are hidden again."""
        self.start = str(target)
        self.names.setChecked(False)
        self.on_refresh()

    def refresh(self, changes: Changes) -> None:
        """Look again when persons, parts or merges changed."""
        if self.start and changes.kinds & _TOUCHED:
            self.on_refresh()

    def on_refresh(self) -> None:
        """F5."""
        desk, start = self.place.desk, self.start
        if start:
            self.place.load(lambda: look(desk, start), owner=self, then=self._take, failed=self._refused)

    def _refused(self, error: Exception) -> None:
        self.found, self.start = None, ""
        self._stack.setCurrentIndex(0)
        if isinstance(error, KnownError):
            problems.show(self, error)
        else:
            raise error

    def _take(self, found: Found) -> None:
        self.found = found
        self._stack.setCurrentIndex(1)
        self._show_key()
        self._show()
        self.graph.setFocus()

    def _show(self) -> None:
        if self.found is None:
            return
        network, names = self.found.network, self.names.isChecked()
        centre = next((node for node in network.nodes if node.id == network.centre), network.nodes[0])
        self._title.setText(_("Network of {who}").format(who=title_of(centre, names=names)))
        cases = sum(node.kind == CASE for node in network.nodes)
        people = len(network.nodes) - cases
        counts = (
            ngettext("{n} person", "{n} persons", people).format(n=format_number(people)),
            ngettext("{n} case", "{n} cases", cases).format(n=format_number(cases)),
        )
        self._counted.setText(" \u00b7 ".join(counts))
        nodes, ties = drawn(network, self.found.at, names=names)
        self.graph.show_graph(nodes, ties)
        self.source.put(rows_of(network, names=names))
        self.table.model().refresh()  # type: ignore[attr-defined]
        said = sentences(network, self.found.findings, names=names)
        lines = [FactLine(who, words, more) for who, words, more in said]
        self.said.show_lines(lines)
        self.said.setFixedHeight(theme.px(LINE_HEIGHT) * min(max(len(lines), 1), MOST_SAID) + 6)
        left = ngettext("{n} more has no room here.", "{n} more have no room here.", network.left_out)
        self._left_out.setText(left.format(n=format_number(network.left_out)))
        self._left_out.setVisible(bool(network.left_out))
        self._say_chosen(self.graph.current)

    def _show_key(self) -> None:
        empty(self._key)
        assert self.found is not None
        held = {role for node in self.found.network.nodes for role in node.roles}
        for code, badge in badges().items():
            if code in held:
                self._key.addWidget(BadgeKey(badge))

    def _say_chosen(self, node: str) -> None:
        item = self.graph.nodes.get(node)
        self._chosen.setText(item.node.spoken if item is not None else "")
        self._go_on.setEnabled(item is not None)

    def _open(self, node: str) -> None:
        kinds = {n.id: n.kind for n in self.found.network.nodes} if self.found is not None else {}
        if node in kinds:
            self.place.go("case" if kinds[node] == CASE else "person", target=node)

    def _row(self, key: Any) -> TieRow | None:
        return self.source.items.get(key or "")

    def _choose_tie(self, key: Any) -> None:
        line = self._row(key)
        if line is not None and self.table.hasFocus() and self.graph.current not in line.ends:
            self.graph.choose(line.ends[0])

    def _open_tie(self, key: Any) -> None:
        line = self._row(key)
        if line is not None:
            screen, target = line.opens
            self.place.go(screen, target=target)

    def _connect(self) -> None:
        self.graph.chosen.connect(self._say_chosen)
        self.graph.opened.connect(self._open)
        self.table.chosen.connect(self._choose_tie)
        self.table.opened.connect(self._open_tie)
        self.said.opened.connect(self.graph.choose)
        self.names.toggled.connect(lambda _on: self._show())

    def _lay_out(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self._drawing())
        split.addWidget(self._beside())
        split.setSizes([620, 440])
        near = button("+", clicked=lambda: self.graph.zoom(STEP))
        far = button("\u2212", clicked=lambda: self.graph.zoom(1 / STEP))
        near.setAccessibleName(_("Zoom in"))
        far.setAccessibleName(_("Zoom out"))
        head = row(self._title, self._counted, self.names, far, near, button(_("Fit"), clicked=self.graph.fit))
        head.setStretch(0, 1)
        shown = QWidget()
        inner = QVBoxLayout(shown)
        inner.setContentsMargins(theme.px(22), theme.px(14), theme.px(22), theme.px(14))
        inner.setSpacing(theme.px(10))
        inner.addLayout(head)
        inner.addWidget(split, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState(
            _("No network is open"), body=_("Open it from a person or a case."), icon="network",
            action=button(_("To the persons"), icon=icons.icon("persons"), clicked=lambda: self.place.go("persons")),
        ))  # fmt: skip
        self._stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.landing: QWidget = self.graph

    def _drawing(self) -> QWidget:
        """The graph, the key to its signs, and what is said of the chosen node."""
        key, drawing = QWidget(), Card()
        self._key = FlowLayout(key, gap=theme.px(12))
        chosen = row(self._chosen, self._go_on)
        chosen.setStretch(0, 1)
        drawing.body.addWidget(self.graph, 1)
        drawing.body.addWidget(key)
        drawing.body.addLayout(chosen)
        drawing.body.addWidget(KeyHint(("+ / -", _("zoom")), ("0", _("fit"))))
        return drawing

    def _beside(self) -> QWidget:
        """The findings over the table."""
        beside = QWidget()
        side = QVBoxLayout(beside)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.px(8))
        for part in (text(_("What stands out"), role="heading"), self.said, text(_("Ties"), role="heading")):
            side.addWidget(part)
        side.addWidget(self.table, 1)
        side.addWidget(self._left_out)
        return beside


def look(desk: Desk, start: str) -> Found:
    """The network around a person or, if there is none of that id, a case. NotFound if it is neither."""
    try:
        network = network_of(desk, start)
    except NotFound:
        network = network_of_case(desk, start)
    ties = [(tie.first, tie.second) for tie in network.ties]
    at = lay_out([node.id for node in network.nodes], ties, centre=network.centre)
    return Found(network, findings(network), at)


def _columns() -> tuple[Column, ...]:
    return (
        Column("who", N_("Person"), 110, style="strong"),
        Column("what", N_("Tie"), 130, stretch=True),
        Column("other", N_("With"), 150, stretch=True),
    )

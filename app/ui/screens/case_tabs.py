"""What belongs to a case, under the tabs that app.models.case_parts names: cards of each part, panels above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.i18n import _
from app.models.case_parts import BY_KIND, PARTS, TABS, CasePart
from app.models.field import Kind, field_map
from app.models.kind_names import kind_name
from app.models.said import moment_of
from app.services.case_page import CasePage, TimelineItem
from app.services.conflicts import sides_of
from app.services.entries import Entry
from app.ui import presenting, theme
from app.ui.screens import case_cards
from app.ui.screens.attachments import DropArea
from app.ui.screens.case_plugs import CARDS, IN_PANEL, PANELS
from app.ui.screens.case_shown import Deeds, Shown
from app.ui.widgets.basics import text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.flow import FlowLayout, empty
from app.ui.widgets.rail import Rail
from app.ui.widgets.timeline import Timeline, TimelineEntry
from app.ui.workplace import Workplace

WIDE = 900
_NAMES = tuple(name for name, _title in TABS)
# Not cards of their own: a step is told at its referral, a transfer by its panel.
_TOLD_ELSEWHERE = frozenset({"referral", "referral_event", "transfer_event"})


class CaseTabs(Rail):
    """Shows a CasePage. A tab is filled when it is looked at; with `deeds` things can be done there."""

    def __init__(self, place: Workplace, *, deeds: Deeds | None = None) -> None:
        super().__init__(beside=deeds is not None)
        self.place, self._deeds = place, deeds
        self._shown: Shown | None = None
        self._stale: set[str] = set()
        self._office: str = place.setting("office_name", "")
        self.setAccessibleName(_("Parts of the case"))
        self.tabBar().setAccessibleName(_("Parts of the case"))
        self.timeline = Timeline(name=_("Timeline"))
        self.lists: dict[str, QVBoxLayout] = {}
        for name, title in TABS:
            self.add(self._with_timeline() if name == "timeline" else self._list(name, _(title)), _(title))
        self.currentChanged.connect(lambda _at: self._fill())

    def show_page(self, page: CasePage, *, names: bool) -> None:
        """Show this case; `names` shows full names instead of initials."""
        self._shown = Shown(self.place, page, names, self._deeds, self._is_wide())
        self._stale = set(_NAMES)
        for at, name in enumerate(_NAMES):
            count = _count(page, name)
            self.set_count(at, count)
            # what is empty is left out where nothing can be added
            self.setTabVisible(at, bool(count) or name == "timeline" or (bool(self._deeds) and name != "conflicts"))
        self._fill()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Facts stand in two columns where there is room."""
        super().resizeEvent(event)
        if self._shown is not None and self._shown.wide != self._is_wide():
            self._shown = replace(self._shown, wide=self._is_wide())
            self._stale = set(_NAMES) - {"timeline"}
            self._fill()

    def _is_wide(self) -> bool:
        return self._deeds is not None and self.width() > theme.px(WIDE)

    def go(self, name: str) -> None:
        """Show a tab."""
        self.setCurrentIndex(_NAMES.index(name))

    def _fill(self) -> None:
        name, shown = _NAMES[self.currentIndex()], self._shown
        if shown is None or name not in self._stale:
            return
        self._stale.discard(name)
        body = self.lists[name]
        had, area = self.window().focusWidget(), self.currentWidget()
        is_inside = bool(had) and area.isAncestorOf(had)  # Qt says None where its types do not
        empty(body)
        actions = self._deeds.actions(name) if self._deeds else ()
        if actions:
            row = _flowing(actions)
            body.addWidget(row)
            row.show()  # what is not shown yet cannot hold the keyboard of a window that a dialog still covers
        if name == "timeline":
            self.timeline.show_entries([self._line(item) for item in shown.page.timeline])
        else:
            self._fill_list(body, name, shown)
        if is_inside and had is not self.timeline:  # the button that had the keyboard is gone with what it stood for
            (_same(actions, had) if actions else self.tabBar()).setFocus()

    def _fill_list(self, body: QVBoxLayout, name: str, shown: Shown) -> None:
        panel = PANELS[name](shown) if name in PANELS else None
        if panel is not None:
            body.addWidget(panel)
        groups = self._groups(name, shown)
        for title, views in groups:
            if title and len(groups) + (panel is not None) > 1:
                body.addWidget(text(title, role="label"))
            for view in views:
                body.addWidget(EntryCard(view, wide=shown.wide))
        if not groups and panel is None:
            body.addWidget(text(_("Nothing here yet."), role="muted"))
        body.addStretch(1)

    def _groups(self, name: str, shown: Shown) -> list[tuple[str, Sequence[EntryView]]]:
        """(title, cards) of every kind of entry under a tab that has any."""
        page, deeds = shown.page, self._deeds
        found: list[tuple[str, Sequence[EntryView]]] = []
        if name == "people":
            today = self.place.desk.today()
            found.append(("", [
                case_cards.person_card(
                    item, today=today, names=shown.names, actions=deeds.for_person(item) if deeds else ()
                )
                for item in page.parties
            ]))  # fmt: skip
        if name == "referrals":
            now = self.place.now()
            found.append((kind_name("referral"), [
                case_cards.referral_card(i, now=now, actions=deeds.for_referral(i) if deeds else ())
                for i in reversed(page.referrals)
            ]))  # fmt: skip
        if name == "conflicts":
            found.append(("", self._conflicts(page)))
        for part in _cards_of(name):
            found.append((kind_name(part.kind), self._cards(part, shown)))
        return [(title, views) for title, views in found if views]

    def _cards(self, part: CasePart, shown: Shown) -> list[EntryView]:
        """One card each, what is latest first."""
        card = CARDS.get(part.kind, case_cards.part_card)
        entries = sorted(shown.page.parts[part.kind], key=lambda entry: _sorted_by(part, entry), reverse=True)
        return [card(shown, entry, self._deeds.for_part(entry) if self._deeds else ()) for entry in entries]

    def _conflicts(self, page: CasePage) -> list[EntryView]:
        now = self.place.now()
        return [
            case_cards.conflict_card(
                entry, sides_of(entry), now=now, actions=self._deeds.for_conflict(entry) if self._deeds else ()
            )
            for entry in page.conflicts
        ]

    def _line(self, item: TimelineItem) -> TimelineEntry:
        kind = presenting.kind_of(item.kind)
        when = presenting.when(item.at, self.place.now(), whole_day=_is_of_a_day(item.kind))
        office = item.office if item.office != self._office else ""
        sent = "" if item.sent else _("only on this laptop")
        meta = " \u00b7 ".join(part for part in (when, item.by, office, sent) if part)
        return TimelineEntry(item.record_id, kind.words, item.text, meta, kind.tone)

    def _with_timeline(self) -> QWidget:
        ground = QWidget()
        theme.mark(ground, role="body")
        outer = QVBoxLayout(ground)
        outer.setContentsMargins(self._left(), theme.px(4 if self._deeds else 0), 0, 0)
        self.lists["timeline"] = QVBoxLayout()
        outer.addLayout(self.lists["timeline"])
        outer.addWidget(self.timeline, 1)
        return ground

    def _left(self) -> int:
        """Room between the rail and what it shows."""
        return theme.px(16) if self._deeds else 0

    def _list(self, name: str, title: str) -> QScrollArea:
        ground = QWidget()
        theme.mark(ground, role="body")
        body = QVBoxLayout(ground)
        body.setContentsMargins(self._left(), theme.px(4 if self._deeds else 10), theme.px(8), 0)
        body.setSpacing(theme.px(8))
        self.lists[name] = body
        deeds = self._deeds
        area = DropArea(deeds.attach) if name == "attachments" and deeds is not None else QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(title)
        area.setWidget(ground)
        return area


def _cards_of(tab: str) -> list[CasePart]:
    """The parts that have cards under a tab."""
    return [p for p in PARTS if p.tab == tab and tab != "timeline" and p.kind not in _TOLD_ELSEWHERE | IN_PANEL]


def _count(page: CasePage, tab: str) -> int:
    """How many entries stand under a tab."""
    if tab == "timeline":
        return 0
    others = {"people": len(page.parties), "conflicts": len(page.conflicts), "referrals": len(page.referrals)}
    kinds = (part.kind for part in PARTS if part.tab == tab and part.kind not in _TOLD_ELSEWHERE)
    return others.get(tab, 0) + sum(len(page.parts[kind]) for kind in kinds)


def _sorted_by(part: CasePart, entry: Entry) -> tuple[float, str]:
    at = (moment_of(entry[part.at]) if part.at else None) or entry.made_at
    return (at.timestamp() if at else 0.0, entry.id)


def _is_of_a_day(kind: str) -> bool:
    """Whether records of this kind say a day and no time."""
    part = BY_KIND.get(kind)
    return part is not None and bool(part.at) and field_map(part.record)[part.at].kind == Kind.DATE


def _same(actions: Sequence[QPushButton], had: QWidget) -> QPushButton:
    """The button that says what this one said, or the first."""
    said = had.text() if isinstance(had, QPushButton) else ""
    return next((one for one in actions if one.text() == said), actions[0])


def _flowing(actions: Sequence[QPushButton]) -> QWidget:
    holder = QWidget()
    flow = FlowLayout(holder, gap=theme.px(8))
    for action in actions:
        flow.addWidget(action)
    return holder

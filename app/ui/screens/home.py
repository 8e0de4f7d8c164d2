"""The first thing in the morning: what is due, what waits for an answer, how things stand with the centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.i18n import N_, _, format_date, format_number, ngettext, zone
from app.models.journal import Changes
from app.models.permission import Permission
from app.models.referral import UNANSWERED
from app.services import case_list, disputes, drafts, referrals, sharing
from app.services.case_list import ACTIVE, CaseCounts, CaseItem, CaseQuery
from app.services.desk import Desk
from app.services.drafts import SavedDraft
from app.services.referrals import ReferralItem
from app.services.sync_state import SyncState, sync_state
from app.ui import icons, presenting, theme
from app.ui.screens.laptops import tags_waiting
from app.ui.screens.reminders import ReminderCard
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Page, button, only_if, row, text
from app.ui.widgets.facts import FactLine, FactList
from app.ui.widgets.tiles import StatTile
from app.ui.workplace import Workplace

ROOM_FOR_BOTH, LIST_HEIGHT = 700, 200
SHOWN = 40  # of what is due; whoever has more works from the list
WAITING = UNANSWERED | {"NO_ANSWER"}


@dataclass(frozen=True, slots=True)
class Today:
    """What the first screen shows, read at one moment."""

    counts: CaseCounts
    due: tuple[CaseItem, ...]
    inbox: tuple[ReferralItem, ...]
    outbox: tuple[ReferralItem, ...]
    sync: SyncState
    drafts: tuple[SavedDraft, ...]  # intakes that were begun and not saved
    laptops: tuple[str, ...] = ()  # tags of those that wait until a person compares their six words
    conflicts: int = 0  # records over which people differ
    reminders: tuple[ReferralItem, ...] = ()  # own referrals whose answer is due, or will be within a day


def read_today(desk: Desk) -> Today:
    """Read it; runs behind the screen."""
    keys = case_list.ids(desk, CaseQuery(status=ACTIVE, sort="due"))[:SHOWN]
    today = desk.today().isoformat()
    due = tuple(item for item in case_list.rows(desk, keys) if item.due and item.due <= today)
    waiting = [
        tuple(i for i in found if i.state in WAITING)
        for found in (referrals.inbox(desk, only_open=True), referrals.outbox(desk, only_open=True))
    ]
    return Today(
        case_list.counts(desk), due, waiting[0], waiting[1], sync_state(desk), _open_intakes(desk), tags_waiting(desk),
        disputes.count(desk), sharing.due_reminders(desk),
    )  # fmt: skip


def _open_intakes(desk: Desk) -> tuple[SavedDraft, ...]:
    return tuple(draft for draft in drafts.mine(desk) if draft.form == "intake")


class HomeScreen:
    """The first screen."""

    name, title, icon, section = "home", N_("Home"), "home", "main"

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return HomeView(context)


class HomeView(Page):
    """Tiles that lead to the filtered list; below them what is due and what waits."""

    def __init__(self, place: Workplace) -> None:
        super().__init__(_greeting(place), subtitle=_date_words(place))
        self.place = place
        self.tiles: dict[str, StatTile] = {}
        new = button(_("New case"), kind="primary", icon=icons.icon("add", colour="on_accent"))
        new.clicked.connect(lambda: place.go("intake"))
        only_if(place.desk.may(Permission.WRITE_CASE), new)
        self.head.addWidget(new)
        self._open_words = text("", wrap=True)
        self.open_intakes = Card()
        go_on = button(_("Continue"), clicked=lambda: place.go("intake", target=self._newest))
        self._newest = ""  # id of the draft that is offered
        begun = row(self._open_words, go_on)
        begun.setStretch(0, 1)
        self.open_intakes.body.addLayout(begun)
        self.laptop_words, self.new_laptops = text("", wrap=True), Card()
        asked = row(self.laptop_words, button(_("Compare…"), clicked=lambda: place.go("laptops")))
        asked.setStretch(0, 1)
        self.new_laptops.body.addLayout(asked)
        self.conflict_words, self.conflicts = text("", wrap=True), Card()
        differing = row(self.conflict_words, button(_("Compare…"), clicked=lambda: place.go("conflicts")))
        differing.setStretch(0, 1)
        self.conflicts.body.addLayout(differing)
        self.reminders = ReminderCard(place)
        for card in (self.open_intakes, self.new_laptops, self.conflicts, self.reminders):
            card.hide()
            self.body.addWidget(card)
        self._across = 0
        self._grid = self._make_tiles()
        self.body.addLayout(self._grid)
        self.due = FactList(name=_("Due today and overdue"), empty=_("Nothing is due today. Well done."))
        self.due.opened.connect(lambda case_id: place.go("case", target=case_id))
        self.waiting = FactList(name=_("Referrals without an answer"), empty=_("No referral waits for an answer."))
        self.waiting.opened.connect(lambda referral_id: place.go("referrals", target=referral_id))
        self._sync_words = text("", wrap=True)
        self._sync_when = text("", role="muted", wrap=True)
        self._lists = self._make_lists()
        self.body.addLayout(self._lists, 1)
        self._load()

    def refresh(self, changes: Changes) -> None:
        """Something was written: read anew."""
        self._load()

    def on_refresh(self) -> None:
        """F5."""
        self._load()

    def _load(self) -> None:
        desk = self.place.desk
        self.place.load(lambda: read_today(desk), owner=self, then=self.show_today)

    def show_today(self, today: Today) -> None:
        """Show what was read."""
        self._show_tiles(today)
        day, now = self.place.desk.today(), self.place.now()
        self.due.show_lines([_due_line(item, presenting.due(item.due, day)) for item in today.due])
        lines = [_referral_line(item, presenting.due_moment(item.due_at, now)) for item in today.inbox + today.outbox]
        self.waiting.show_lines(lines)
        self._show_sync(today.sync)
        self._show_drafts(today.drafts)
        self._show_laptops(today.laptops)
        self.reminders.show_items(today.reminders if self.place.desk.may(Permission.REFER) else ())
        self.conflicts.setVisible(bool(today.conflicts) and self.place.desk.may(Permission.WRITE_CASE))
        self.conflict_words.setText(presenting.conflicts_words(today.conflicts))

    def _show_laptops(self, tags: tuple[str, ...]) -> None:
        """A laptop of this office reads nothing sealed until somebody here has compared its words."""
        self.new_laptops.setVisible(bool(tags))
        words = ngettext(
            "A laptop of this office waits for its six words to be compared: {tags}",
            "{n} laptops of this office wait for their six words to be compared: {tags}", len(tags),
        )  # fmt: skip
        self.laptop_words.setText(words.format(n=format_number(len(tags)), tags=", ".join(tags)))

    def _show_drafts(self, found: tuple[SavedDraft, ...]) -> None:
        """What was begun and not saved is offered, never pushed."""
        self.open_intakes.setVisible(bool(found) and self.place.desk.may(Permission.WRITE_CASE))
        if found:
            self._newest = found[0].id
            when = presenting.when(found[0].saved_at, self.place.now())
            words = ngettext(
                "A new case was begun and not saved ({when}).", "{n} new cases were begun and not saved ({when}).",
                len(found),
            )  # fmt: skip
            self._open_words.setText(words.format(n=format_number(len(found)), when=when))

    def _show_tiles(self, today: Today) -> None:
        counts = today.counts
        late = sum(item.state == "NO_ANSWER" for item in today.inbox)
        figures = {
            "active": (counts.active, _("of {n}").format(n=format_number(counts.total)), Tone.NEUTRAL),
            "high": (counts.high, "", Tone.DANGER if counts.high else Tone.NEUTRAL),
            "today": (counts.due_today, "", Tone.WARN if counts.due_today else Tone.NEUTRAL),
            "overdue": (counts.overdue, "", Tone.DANGER if counts.overdue else Tone.NEUTRAL),
            "quiet": (counts.quiet, "", Tone.WARN if counts.quiet else Tone.NEUTRAL),
            "inbox": (len(today.inbox), "", Tone.DANGER if late else Tone.NEUTRAL),
            "outbox": (len(today.outbox), "", Tone.NEUTRAL),
        }
        for name, (count, detail, tone) in figures.items():
            self.tiles[name].show_figure(format_number(count), detail=detail, tone=tone)

    def _show_sync(self, state: SyncState) -> None:
        level = state.level(self.place.now())
        tone = {"red": Tone.DANGER, "amber": Tone.WARN}.get(level, "") if state.enrolled else ""
        last = presenting.when(state.proven_at, self.place.now())
        if not state.enrolled:
            self._sync_words.setText(_("This laptop is not enrolled yet. Everything works; nothing leaves it."))
        elif level:
            self._sync_words.setText(presenting.days_words(state.age(self.place.now()).days))
        elif last:
            self._sync_words.setText(_("In step with the centre: {when}").format(when=last))
        else:
            self._sync_words.setText(_("Never synchronised yet"))
        theme.mark(self._sync_words, tone=tone)
        waiting = _("Changes waiting: {n}").format(n=format_number(state.waiting))
        since = _("Last: {when}").format(when=last) if level and last and state.enrolled else ""
        self._sync_when.setText(" \u00b7 ".join(part for part in (since, waiting) if part))

    def _make_tiles(self) -> QGridLayout:
        captions: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("active", _("Active cases"), self._to(CaseQuery(status=ACTIVE))),
            ("high", _("High risk"), self._to(CaseQuery(status=ACTIVE, risk="HIGH"))),
            ("today", _("Due today"), self._to(CaseQuery(status=ACTIVE))),
            ("overdue", _("Overdue"), self._to(CaseQuery(overdue=True))),
            ("quiet", _("Quiet for 14 days"), self._to(CaseQuery(quiet=True))),
            ("inbox", _("To answer"), lambda: self.place.go("referrals")),
            ("outbox", _("Awaiting an answer"), lambda: self.place.go("referrals")),
        )
        grid = QGridLayout()
        grid.setSpacing(theme.px(12))
        for name, caption, act in captions:
            tile = StatTile(caption, figure=presenting.NOTHING)
            tile.pressed.connect(act)
            self.tiles[name] = tile
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many tiles in a line as have room; the two lists beside or below each other."""
        super().resizeEvent(event)
        room = self.viewport().width() - theme.px(44)
        tiles = min(len(self.tiles), max(2, room // theme.px(150)))
        if tiles != self._across:
            self._across = tiles
            lines = -(-len(self.tiles) // tiles)
            across = -(-len(self.tiles) // lines)
            for at, tile in enumerate(self.tiles.values()):
                self._grid.addWidget(tile, at // across, at % across)
            for column in range(len(self.tiles)):
                self._grid.setColumnStretch(column, 1 if column < across else 0)
        beside = room >= theme.px(ROOM_FOR_BOTH)
        self._lists.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def _make_lists(self) -> QHBoxLayout:
        due, waiting, sync = Card(_("Due today and overdue")), Card(_("Referrals without an answer")), Card(_("Centre"))
        due.body.addWidget(self.due, 1)
        waiting.body.addWidget(self.waiting, 1)
        sync.body.addWidget(self._sync_words)
        go = button(_("Sync…"), clicked=lambda: self.place.go("sync"))
        sync.body.addLayout(row(self._sync_when, None, go))
        right = QVBoxLayout()
        right.setSpacing(theme.px(12))
        right.addWidget(waiting, 1)
        right.addWidget(sync)
        for card in (due, waiting):
            card.setMinimumHeight(theme.px(LIST_HEIGHT))
        both = row(due, gap=12)
        both.addLayout(right)
        both.setStretch(0, 3)
        both.setStretch(1, 2)
        return both

    def _to(self, query: CaseQuery) -> Callable[[], object]:
        return lambda: self.place.go("cases", target=query)


def _greeting(place: Workplace) -> str:
    hour = place.now().astimezone(zone()).hour
    first = place.desk.actor.name.split(" ")[0]
    if hour < 11:
        words = _("Good morning, {name}")
    elif hour < 15:
        words = _("Good day, {name}")
    else:
        words = _("Good afternoon, {name}") if hour < 18 else _("Good evening, {name}")
    return words.format(name=first)


def _date_words(place: Workplace) -> str:
    return format_date(place.desk.today())


def _due_line(item: CaseItem, due: presenting.Said) -> FactLine:
    risk = presenting.risk(item.risk)
    said = " \u00b7 ".join(part for part in (presenting.victims(item.victims), item.next_step) if part)
    return FactLine(item.id, item.number, said, due.words, due.tone, (risk.words, risk.tone))


def _referral_line(item: ReferralItem, due: presenting.Said) -> FactLine:
    side = _("To {office}") if item.outgoing else _("From {office}")
    state = presenting.referral_state(item.state, sent=item.sent)
    parts = (state.words, item.case_number, item.victims and presenting.victims(item.victims))
    words = " \u00b7 ".join(part for part in parts if part)
    return FactLine(item.entry.id, side.format(office=item.other), words, due.words, due.tone)

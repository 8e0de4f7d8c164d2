"""What belongs to a case, under tabs: timeline, people, screening, services, referrals, consents, notes, conflicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.services.attachments import is_here
from app.services.case_page import CasePage, PartyItem, TimelineItem
from app.services.conflicts import sides_of
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui import presenting, theme
from app.ui.screens import case_cards
from app.ui.screens.attachments import DropArea, attachment_card
from app.ui.widgets.basics import row, text
from app.ui.widgets.entry_card import EntryCard, EntryView
from app.ui.widgets.flow import empty
from app.ui.widgets.timeline import Timeline, TimelineEntry
from app.ui.workplace import Workplace

TABS = (
    ("timeline", N_("Timeline")),
    ("people", N_("People")),
    ("screenings", N_("Screening")),
    ("services", N_("Services")),
    ("referrals", N_("Referrals")),
    ("consents", N_("Consents")),
    ("notes", N_("Notes")),
    ("attachments", N_("Attachments")),
    ("conflicts", N_("Conflicts")),
)


class Deeds(Protocol):
    """What may be done to the entries; each opens a dialog. A preview has none."""

    def actions(self, tab: str) -> Sequence[QPushButton]:
        """The buttons at the head of a tab."""

    def for_person(self, item: PartyItem) -> Sequence[QPushButton]:
        """The buttons of a person."""

    def for_service(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a service."""

    def for_referral(self, item: ReferralItem) -> Sequence[QPushButton]:
        """The buttons of a referral."""

    def for_consent(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a consent that stands."""

    def for_attachment(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a file."""

    def attach(self, files: Sequence[Path] = ()) -> None:
        """Attach a file; the first of these, if it was dropped here."""

    def for_conflict(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a conflict."""


class CaseTabs(QTabWidget):
    """Shows a CasePage. A tab is filled when it is looked at; with `deeds` things can be done there."""

    def __init__(self, place: Workplace, *, deeds: Deeds | None = None) -> None:
        super().__init__()
        self.place, self._deeds = place, deeds
        self._page: CasePage | None = None
        self._stale: set[str] = set()
        self._recipients: dict[str, str] = {}
        self._office: str = place.setting("office_name", "")
        self.setDocumentMode(True)
        self.setAccessibleName(_("Parts of the case"))
        self.tabBar().setAccessibleName(_("Parts of the case"))
        self.timeline = Timeline(name=_("Timeline"))
        self.lists: dict[str, QVBoxLayout] = {}
        for name, title in TABS:
            self.addTab(self.timeline if name == "timeline" else self._list(name), _(title))
        self.currentChanged.connect(lambda _at: self._fill())

    def show_page(self, page: CasePage, *, names: bool) -> None:
        """Show this case; `names` shows full names instead of initials."""
        self._page, self._names = page, names
        self._stale = {name for name, _title in TABS}
        counts = {
            "people": len(page.parties), "screenings": len(page.screenings), "services": len(page.services),
            "referrals": len(page.referrals), "consents": len(page.consents), "notes": len(page.notes),
            "attachments": len(page.attachments), "conflicts": len(page.conflicts),
        }  # fmt: skip
        for at, (name, title) in enumerate(TABS):
            count = counts.get(name, 0)
            self.setTabText(at, f"{_(title)} {count}" if count else _(title))
        self.setTabVisible(len(TABS) - 1, bool(page.conflicts))
        self._fill()

    def go(self, name: str) -> None:
        """Show a tab."""
        self.setCurrentIndex(next(at for at, (tab, _title) in enumerate(TABS) if tab == name))

    def _fill(self) -> None:
        name = TABS[self.currentIndex()][0]
        if self._page is None or name not in self._stale:
            return
        self._stale.discard(name)
        if name == "timeline":
            self.timeline.show_entries([self._line(item) for item in self._page.timeline])
            return
        body = self.lists[name]
        had, area = self.window().focusWidget(), self.currentWidget()
        is_inside = bool(had) and area.isAncestorOf(had)  # Qt says None where its types do not
        empty(body)
        actions = self._deeds.actions(name) if self._deeds else ()
        if actions:
            holder = QWidget()
            holder.setLayout(row(*actions, None))
            body.addWidget(holder)
        views = self._views(name, self._page)
        for view in views:
            body.addWidget(EntryCard(view, wide=self._deeds is not None))
        if not views:
            body.addWidget(text(_("Nothing here yet."), role="muted"))
        body.addStretch(1)
        if is_inside:  # the button that had the keyboard is gone with what it stood for
            (actions[0] if actions else self.tabBar()).setFocus()

    def _views(self, name: str, page: CasePage) -> list[EntryView]:
        make: dict[str, Callable[[CasePage], list[EntryView]]] = {
            "people": self._people, "screenings": self._screenings, "services": self._services,
            "referrals": self._referrals, "consents": self._consents, "notes": self._notes,
            "attachments": self._attachments, "conflicts": self._conflicts,
        }  # fmt: skip
        return make[name](page)

    def _people(self, page: CasePage) -> list[EntryView]:
        today = self.place.desk.today()
        return [
            case_cards.person_card(
                item, today=today, names=self._names, actions=self._deeds.for_person(item) if self._deeds else ()
            )
            for item in page.parties
        ]

    def _screenings(self, page: CasePage) -> list[EntryView]:
        return [case_cards.screening_card(page, entry, names=self._names) for entry in reversed(page.screenings)]

    def _services(self, page: CasePage) -> list[EntryView]:
        order = {"PLANNED": 0, "DONE": 1}
        entries = sorted(page.services, key=lambda e: (order.get(e["state"] or "", 2), e["due"] or "9999"))
        today = self.place.desk.today()
        return [
            case_cards.service_card(
                page, e, today=today, names=self._names, actions=self._deeds.for_service(e) if self._deeds else ()
            )
            for e in entries
        ]

    def _referrals(self, page: CasePage) -> list[EntryView]:
        now = self.place.now()
        return [
            case_cards.referral_card(i, now=now, actions=self._deeds.for_referral(i) if self._deeds else ())
            for i in reversed(page.referrals)
        ]

    def _consents(self, page: CasePage) -> list[EntryView]:
        gone = {entry["withdraws"] for entry in page.consents if entry["withdraws"]}
        found = []
        for entry in reversed(page.consents):
            stands = entry["decision"] == "GIVEN" and entry.id not in gone
            actions = self._deeds.for_consent(entry) if self._deeds and stands else ()
            recipient = self.recipient_name(entry["recipient"])
            found.append(
                case_cards.consent_card(
                    page, entry, withdrawn=entry.id in gone, names=self._names, recipient=recipient, actions=actions
                )
            )
        return found

    def _notes(self, page: CasePage) -> list[EntryView]:
        now = self.place.now()
        entries = sorted(page.notes, key=lambda e: e["at"] or e.made_at or now, reverse=True)
        return [case_cards.note_card(entry, now=now) for entry in entries]

    def _attachments(self, page: CasePage) -> list[EntryView]:
        desk = self.place.desk
        return [
            attachment_card(
                page, entry, names=self._names, is_here=is_here(desk, entry),
                actions=self._deeds.for_attachment(entry) if self._deeds else (),
            )
            for entry in reversed(page.attachments)
        ]  # fmt: skip

    def _conflicts(self, page: CasePage) -> list[EntryView]:
        now = self.place.now()
        return [
            case_cards.conflict_card(
                entry, sides_of(entry), now=now, actions=self._deeds.for_conflict(entry) if self._deeds else ()
            )
            for entry in page.conflicts
        ]

    def recipient_name(self, recipient: str | None) -> str:
        """The agency or office a consent is for; '' stands for any."""
        if not recipient:
            return ""
        if not self._recipients:
            found = case_cards.recipients(self.place.desk)
            self._recipients = dict(found)
        return self._recipients.get(recipient, "")

    def _line(self, item: TimelineItem) -> TimelineEntry:
        kind = presenting.kind_of(item.kind)
        when = presenting.when(item.at, self.place.now())
        office = item.office if item.office != self._office else ""
        sent = "" if item.sent else _("only on this laptop")
        meta = " \u00b7 ".join(part for part in (when, item.by, office, sent) if part)
        return TimelineEntry(item.record_id, kind.words, item.text, meta, kind.tone)

    def _list(self, name: str) -> QScrollArea:
        ground = QWidget()
        theme.mark(ground, role="body")
        body = QVBoxLayout(ground)
        body.setContentsMargins(0, theme.px(10), theme.px(8), 0)
        body.setSpacing(theme.px(8))
        self.lists[name] = body
        deeds = self._deeds
        area = DropArea(deeds.attach) if name == "attachments" and deeds is not None else QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName(_(dict(TABS)[name]))
        area.setWidget(ground)
        return area

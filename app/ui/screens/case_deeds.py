"""What can be done to the entries of a case page: their buttons, and undo where it makes sense."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from app.i18n import _
from app.models.case_parts import BY_KIND, PARTS
from app.services import conflicts
from app.services.case_page import PartyItem
from app.services.case_parts import OWN_WAY
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui.screens import case_dialogs
from app.ui.screens.attachments import AttachDialog
from app.ui.screens.case_asking import CaseAsking
from app.ui.screens.case_plugs import DEEDS, HEADS
from app.ui.screens.part_dialogs import add_words, may_change
from app.ui.widgets.basics import button


class CaseDeeds(CaseAsking):
    """Satisfies `Deeds` of the tabs."""

    def actions(self, tab: str) -> Sequence[QPushButton]:
        """The buttons at the head of a tab: a new entry of every kind that may be added here, and what is special."""
        page = self.page
        if page is None or not self.may_write:
            return ()
        made: list[QPushButton] = []
        if tab == "people":
            made += self.buttons((_("Add a person…"), self.add_person))
        for part in PARTS:
            if part.tab == tab and part.kind not in OWN_WAY and self.may_add(part.kind):
                made.append(button(add_words(part.kind), clicked=partial(self.add_part, part.kind)))
        if tab == "consents" and page.victims:
            made += self.buttons((_("Record a consent…"), self.record_consent))
        if tab == "attachments" and self.place.desk.keyring is not None:
            made += self.buttons((_("Attach a file…"), self.attach))
        return (*made, *(HEADS[tab](self) if tab in HEADS else ()))

    def may_add(self, kind: str) -> bool:
        """Of a case of another office only what others may add; what is about a victim needs one."""
        page = self.page
        return (
            page is not None
            and self.may_write
            and (page.own or BY_KIND[kind].by_others)
            and (kind != "screening" or bool(page.victims))
        )

    def for_person(self, item: PartyItem) -> Sequence[QPushButton]:
        """Their page across cases, who they are connected with, and a change of what is known of them here."""
        place, who = self.place, item.person.id
        return (
            button(_("Show"), clicked=lambda: place.go("person", target=who)),
            button(_("Network"), clicked=lambda: place.go("network", target=who)),
            *self.buttons((_("Edit…"), lambda: self.ask(case_dialogs.person(place.desk, item)))),
        )

    def for_part(self, entry: Entry) -> Sequence[QPushButton]:
        """What its kind has of its own, then the common change."""
        page = self.page
        if page is None:
            return ()
        own = DEEDS[entry.kind](self, entry) if entry.kind in DEEDS else ()
        if not may_change(entry.kind) or not (page.own or BY_KIND[entry.kind].by_others):
            return own
        return (*own, *self.buttons((_("Edit…"), lambda: self.edit_part(entry))))

    def for_referral(self, item: ReferralItem) -> Sequence[QPushButton]:
        """Go to the referral."""
        return self.buttons((_("Show"), lambda: self.place.go("referrals", target=item.entry.id)))

    def attach(self, files: Sequence[Path] = ()) -> None:
        """Attach a file."""
        if self.page is not None and self.may_write and self.place.desk.keyring is not None:
            AttachDialog(self.place, self.page, file=next(iter(files), None), parent=self.widget.window()).open()

    def for_conflict(self, entry: Entry) -> Sequence[QPushButton]:
        """Choose one of the two values."""
        return self.buttons(
            (_("Keep the centre's value"), lambda: self._settle(entry, conflicts.KEPT)),
            (_("Use the other value"), lambda: self._settle(entry, conflicts.OTHER)),
            (_("Compare…"), lambda: self.place.go("conflicts", target=entry["about_id"])),
        )

    def _settle(self, entry: Entry, choice: str) -> None:
        desk = self.place.desk
        self.place.save(lambda: conflicts.settle(desk, entry.id, choice), owner=self.widget)

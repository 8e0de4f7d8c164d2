"""What a card, a panel or a button of a case page is given: where it is shown, which case, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QPushButton

from app.services.case_page import CasePage, PartyItem
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui.workplace import Workplace


class Deeds(Protocol):
    """What may be done to the entries; each opens a dialog. A preview has none."""

    may_write: bool

    def actions(self, tab: str) -> Sequence[QPushButton]:
        """The buttons at the head of a tab."""

    def for_person(self, item: PartyItem) -> Sequence[QPushButton]:
        """The buttons of a person."""

    def for_part(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a part of the case."""

    def for_referral(self, item: ReferralItem) -> Sequence[QPushButton]:
        """The buttons of a referral."""

    def for_conflict(self, entry: Entry) -> Sequence[QPushButton]:
        """The buttons of a conflict."""

    def attach(self, files: Sequence[Path] = ()) -> None:
        """Attach a file; the first of these, if it was dropped here."""

    def may_add(self, kind: str) -> bool:
        """Whether a record of this kind may be added to this case by whoever is signed in."""

    def add_part(self, kind: str, values: Mapping[str, Any] | None = None) -> None:
        """Ask for a new record of a kind; `values` stand in the form already."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One case as it is shown: `names` shows full names instead of initials, `deeds` is None where nothing is done."""

    place: Workplace
    page: CasePage
    names: bool
    deeds: Deeds | None
    wide: bool = False  # whether there is room for facts in two columns

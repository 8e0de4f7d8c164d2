"""Editors of the referral dialog: to whom, on which consent, what of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from app.i18n import _, format_datetime
from app.models.codelist import label
from app.models.regions import region_name
from app.services import directory
from app.services.desk import Desk
from app.services.entries import Entry
from app.ui import presenting
from app.ui.form_tools import FOUND
from app.ui.widgets.basics import button
from app.ui.widgets.editors import Choices, CodeEditor, CodesEditor, Finder, PickEditor


def recipient_search(desk: Desk, *, asked: Callable[[], Iterable[str]] = tuple) -> Finder:
    """Agencies by any part of name, kind, district or service; those that offer what is `asked` for come first."""
    agencies = {agency.id: agency for agency in directory.recipients(desk)}

    def search(words: str) -> Choices:
        parts, wanted = words.casefold().split(), set(asked())
        found = [a for a in agencies.values() if all(part in _searched(a) for part in parts)]
        found.sort(key=lambda a: (-len(wanted & set(a["services"] or ())), (a["name"] or "").casefold()))
        return [(a.id, agency_line(a)) for a in found[:FOUND]]

    return Finder(search, lambda code: agency_line(agencies[code]) if code in agencies else code)


def agency_line(agency: Entry) -> str:
    """'RSUD Kota Bandung · Kota Bandung'."""
    place = region_name(agency["region"])
    name = agency["name"] or presenting.NOTHING
    return f"{name} \u00b7 {place}" if place and place.casefold() not in name.casefold() else name


def _searched(agency: Entry) -> str:
    services = " ".join(label("service_type", code) for code in agency["services"] or ())
    kind = label("agency_type", agency["agency_type"])
    return f"{agency['name']} {kind} {region_name(agency['region'])} {services}".casefold()


class RecipientEditor(PickEditor):
    """The arrow down shows whom one can choose before anything is typed."""

    def __init__(self, finder: Finder) -> None:
        super().__init__(finder)
        self.line.setPlaceholderText(_("Type name or service; arrow down shows all"))
        self.line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Down:
            self._find(self.line.text() if not self._code else "")
            self.line.completer().complete()
            return True
        return False

    def _find(self, words: str) -> None:
        self._found = {label_: code for code, label_ in self._finder.search(words.strip())}
        self._names.setStringList(list(self._found))


class ConsentEditor(CodeEditor):
    """The consents on which something may go to the chosen recipient; with `record` a button to add one right here."""

    def __init__(self, record: Callable[[], object] | None = None) -> None:
        super().__init__(())
        if record is None:
            return
        self.add = button(_("Record a consent…"), kind="quiet", clicked=record)
        self.add.setAutoDefault(False)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.add)
        layout.setAlignment(self.add, Qt.AlignmentFlag.AlignLeft)

    def offer(self, consents: Sequence[Entry], *, chosen: str | None) -> None:
        """Offer these; the chosen one stays chosen if it is among them."""
        self.combo.clear()
        self.combo.addItem("", None)
        for consent in consents:
            self.combo.addItem(consent_line(consent), consent.id)
        self.combo.setCurrentIndex(max(0, self.combo.findData(chosen)))


def consent_line(consent: Entry) -> str:
    """'Orang tua/wali · 29 Okt 2026 13.24'."""
    return f"{label('consent_given_by', consent['given_by'])} \u00b7 {format_datetime(consent['decided_at'])}"


class TierEditor(CodesEditor):
    """Only what the consent covers can be ticked."""

    def allow(self, tiers: Iterable[str]) -> None:
        """These are covered."""
        self.picker.allow(tiers)
